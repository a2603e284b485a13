"""Plans on rights, carried out and undone by the real executor and judged by its guard."""

from collections.abc import Callable, Iterator

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import FindingStatus, ProposalState
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, house
from tests.remediations.acting import rights
from tests.remediations.delegation import test_wildcard_trust_policy as trust
from tests.remediations.groups import test_inline_policy_on_user as inline
from tests.remediations.groups import test_policy_attached_to_user as attached
from tests.remediations.least_privilege import test_full_admin_policy as admin

Seed = Callable[[AccountBuilder], object]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """Two real administrators, so that the guard lets others be narrowed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        builder.identity_center_role("AdministratorAccess")
        builder.identity_center_role("BreakGlass", attached=["AdministratorAccess"])
        yield builder


def _managed(account: AccountBuilder) -> None:
    account.role("deploy")
    account.attach(account.policy("deploy-all", admin.everything()), role="deploy")


def _of_aws(account: AccountBuilder) -> None:
    account.user("contractor")
    account.attach("AdministratorAccess", user="contractor")


def _in_group(account: AccountBuilder) -> None:
    account.user("bob")
    account.group("everyone", members=["bob"])
    account.inline("all", admin.everything(), group="everyone")


def _shared_group(account: AccountBuilder) -> None:
    account.user("bob")
    account.group("readers", members=["bob"], attached=[attached.READ])
    account.user("alice")
    account.attach(attached.READ, user="alice")


@pytest.mark.parametrize(
    ("control", "seed"),
    [
        pytest.param("policy-attached-to-user", attached.seed, id="attached, new group"),
        pytest.param("policy-attached-to-user", _shared_group, id="attached, shared group"),
        pytest.param("inline-policy-on-user", inline.seed, id="inline"),
        pytest.param("full-admin-policy", _managed, id="managed policy"),
        pytest.param("full-admin-policy", _of_aws, id="policy of AWS"),
        pytest.param("full-admin-policy", _in_group, id="inline in a group"),
        pytest.param("wildcard-trust-policy", trust.seed, id="trust"),
    ],
)
def test_there_and_back(
    account: AccountBuilder, clock: StandingClock, sqlite_store: Store, control: str, seed: Seed
) -> None:
    """Approved, applied and verified, the finding is gone; undone, the account is as it was."""
    seed(account)
    before = rights(account)
    with house(account, sqlite_store, clock, only=(control,)) as home:
        view = home.only(control)
        home.live()
        done = home.fix(view)

        assert done.state is ProposalState.DONE, done.why
        assert rights(account) != before
        assert all(one.record.status is FindingStatus.RESOLVED for one in home.scan().findings)

        undo = home.service.undo(done.id, ALICE)
        home.service.approve(undo.proposal.id, undo.proposal.digest, ALICE)
        undone = home.apply(undo.proposal.id)

        assert undone.state is ProposalState.DONE, undone.why
        assert rights(account) == before
