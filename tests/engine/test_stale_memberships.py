"""Last-accessed reports cost nothing until they are wanted, and are read whole or not at all."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed import fill
from bot.aws.simulated.seed_groups import NEVER_ON_CALL
from bot.engine.scanning import ScanSettings
from bot.model import FindingStatus, ProposalState
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import House, house

ID = "stale-group-membership"
CALLS = ("iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails")
ON: Mapping[str, Any] = {ID: {"enabled": True}}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """The company, in which one member of a group uses nothing of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        fill(builder)
        yield builder


def _stale(home: House) -> list[tuple[str, FindingStatus]]:
    return [
        (view.record.finding.resource.name, view.record.status)
        for view in home.scan().findings
        if view.record.finding.control == ID
    ]


def test_by_default_no_report_is_ordered(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock
) -> None:
    off = {"enabled": False}
    others = {"unused-ssh-key": off, "unused-service-specific-credential": off}
    with house(account, sqlite_store, clock, controls=others) as home:
        result = home.scan()
    assert not set(CALLS) & set(result.calls)
    assert ID not in result.not_evaluated


def test_enabled_it_finds_the_one_and_takes_him_out(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock
) -> None:
    """The others used something of each of their groups."""
    quick = ScanSettings(pause=lambda _: None)
    with house(account, sqlite_store, clock, controls=ON, only=(ID,), settings=quick) as home:
        assert _stale(home) == [(NEVER_ON_CALL, FindingStatus.OPEN)]
        home.live()
        done = home.fix(home.only(ID))
        assert done.state is ProposalState.DONE, done.why
        assert NEVER_ON_CALL not in [user.name for user in account.iam.groups["on-call"].users]


def test_beyond_its_budget_it_says_so_and_what_was_found_stays(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock
) -> None:
    """Not looked at is neither found nor gone."""
    with house(account, sqlite_store, clock, controls=ON, only=(ID,)) as home:
        assert len(_stale(home)) == 1
    small = ScanSettings(last_access_budget=10)
    with house(account, sqlite_store, clock, controls=ON, only=(ID,), settings=small) as home:
        result = home.scan()
        assert "last_access_budget is 10" in result.not_evaluated[ID]
        assert not set(CALLS) & set(result.calls)
        kept = home.service.findings()
    assert [each.record.status for each in kept if each.record.finding.control == ID] == [
        FindingStatus.OPEN
    ]
