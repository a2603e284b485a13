"""What AWS tells of the use of policies is read where it is wanted, whole or not at all."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.scanning import ScanSettings
from bot.model import FindingStatus, ProposalState
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, house
from tests.remediations.access_levels import test_credentials_exposure as credentials
from tests.remediations.access_levels import test_write_granted_broadly as writing
from tests.remediations.acting import rights
from tests.remediations.least_privilege import test_needed_action_denied as needed
from tests.remediations.least_privilege import test_unused_action_permissions as actions
from tests.remediations.least_privilege import test_unused_service_permissions as services

ON: Mapping[str, Any] = {"enabled": True}
QUICK = ScanSettings(pause=lambda _: None)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        yield builder


def test_by_default_nothing_is_ordered(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock
) -> None:
    services.seed(account)
    with house(account, sqlite_store, clock) as home:
        result = home.scan()
    assert "iam:GenerateServiceLastAccessedDetails" not in result.calls
    assert "cloudtrail:LookupEvents" not in result.calls
    assert "unused-service-permissions" not in result.not_evaluated


@pytest.mark.parametrize(
    ("control", "seed", "setting"),
    [
        pytest.param("unused-service-permissions", services.seed, ON, id="services"),
        pytest.param("unused-action-permissions", actions.seed, ON, id="actions"),
        pytest.param("credentials-exposure", credentials.seed, credentials.SETTINGS, id="levels"),
        pytest.param("write-granted-broadly", writing.seed, writing.SETTINGS, id="writers"),
    ],
)
def test_there_and_back(
    account: AccountBuilder,
    clock: StandingClock,
    sqlite_store: Store,
    control: str,
    seed: Any,
    setting: Mapping[str, Any],
) -> None:
    """Approved, applied and verified, the finding is gone; undone, the account is as it was."""
    seed(account)
    before = rights(account)
    chosen = {control: setting}
    with house(
        account, sqlite_store, clock, only=(control,), controls=chosen, settings=QUICK
    ) as home:
        view = home.only(control)
        home.live()
        done = home.fix(view)
        assert done.state is ProposalState.DONE, done.why
        assert all(one.record.status is FindingStatus.RESOLVED for one in home.scan().findings)
        undo = home.service.undo(done.id, ALICE)
        home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
        undone = home.apply(undo.proposal.id)
        assert undone.state is ProposalState.DONE, undone.why
    assert rights(account) == before


def test_what_is_missed_is_found_and_needs_two_people(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store
) -> None:
    control = "needed-action-denied"
    needed.seed(account)
    with house(account, sqlite_store, clock, only=(control,), controls={control: ON}) as home:
        view = home.only(control)
    assert view.proposal is not None
    assert "sqs:PurgeQueue" in view.record.finding.summary


def test_what_is_missed_of_an_inline_policy_that_locksmith_narrowed(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store
) -> None:
    """It knows from its own executions what was there before; undone, there is nothing to miss."""
    narrowing, missing = "unused-service-permissions", "needed-action-denied"
    account.user("etl", created=account.ago(days=400))
    account.key("etl", created=account.ago(days=40), last_used=account.ago(days=1))
    account.inline("own", services.allowing("s3:Get*", "sqs:*"), user="etl")
    account.use_action("etl", "s3:GetBucketAcl", at=account.ago(days=3))
    both = (narrowing, missing)
    with house(
        account, sqlite_store, clock, only=both, controls=dict.fromkeys(both, ON), settings=QUICK
    ) as home:
        view = home.only(narrowing)
        home.live()
        done = home.fix(view)
        assert done.state is ProposalState.DONE, done.why
        home.pass_time(hours=1)
        account.refused("sqs:PurgeQueue", "etl", why=needed.WHY)
        missed = home.only(missing)
        assert "sqs:PurgeQueue went from own of user etl" in missed.record.finding.summary
        undo = home.service.undo(done.id, ALICE)
        home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
        assert home.apply(undo.proposal.id).state is ProposalState.DONE
        found = home.scan().findings
        assert not [each for each in found if each.record.finding.control == missing]


@pytest.mark.parametrize("control", ["unused-service-permissions", "needed-action-denied"])
def test_too_small_a_budget_judges_none(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store, control: str
) -> None:
    """And the scan says why."""
    (needed if control == "needed-action-denied" else services).seed(account)
    settings = ScanSettings(pause=lambda _: None, last_access_budget=0)
    with house(
        account, sqlite_store, clock, only=(control,), controls={control: ON}, settings=settings
    ) as home:
        result = home.scan()
    assert not result.findings
    assert control in result.not_evaluated
    assert any("last_access_budget" in each.error for each in result.unavailable)
