"""Two different people confirm that root is well kept; it is recorded, and runs out in a year."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.aws.simulated import mock_account
from bot.engine.approvals import Approvals
from bot.engine.people import People
from bot.errors import RefusedError
from bot.model import Actor, FindingStatus
from bot.store import audit
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import House, house

CONTROL = "root-custody-unattested"
ALICE, BOB = Actor("local", "alice@desk"), Actor("local", "bob@desk")
ALICE_AGAIN = Actor("local", "alice@laptop")
PEOPLE = People(
    {"local:alice@desk": "alice", "local:alice@laptop": "alice", "local:bob@desk": "bob"}
)


@pytest.fixture
def home(
    monkeypatch: pytest.MonkeyPatch, sqlite_store: Store, clock: StandingClock
) -> Iterator[House]:
    """An account that went live, and nobody's word on its root."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with (
        mock_account(NOON) as account,
        house(
            account, sqlite_store, clock, only=(CONTROL,), approvals=Approvals(people=PEOPLE)
        ) as built,
    ):
        assert built.scan().findings == []
        built.live()
        yield built


def account_of(home: House) -> str:
    """The account's number."""
    return home.connection.account.id


def test_two_people_answer_it_for_a_year(home: House) -> None:
    """Asked once live, still open after one, resolved after two, back after a year."""
    view = home.only(CONTROL)
    first = home.service.attest_root(account_of(home), ALICE)
    assert (first.people, first.until) == (1, None)
    assert home.only(CONTROL).record.id == view.record.id
    home.pass_time(days=30)
    second = home.service.attest_root(account_of(home), BOB)
    assert second.people == 2
    assert second.until == home.clock() - timedelta(days=30) + timedelta(days=365)
    assert home.scan().findings == []
    assert home.service.finding(view.record.id).record.status is FindingStatus.RESOLVED
    home.pass_time(days=336)
    assert home.only(CONTROL).record.finding.summary.startswith("Only one person has")


@pytest.mark.parametrize("again", [ALICE, ALICE_AGAIN])
def test_one_person_is_one(home: House, again: Actor) -> None:
    """By whatever name; the refusal is logged, and nothing is recorded."""
    home.service.attest_root(account_of(home), ALICE)
    with pytest.raises(RefusedError, match="another person"):
        home.service.attest_root(account_of(home), again)
    with home.store.read() as tx:
        events = [each.event for each in audit.events(tx, subject=account_of(home))]
    assert events.count("root.attested") == 1
    assert home.only(CONTROL)


def test_people_whom_nobody_knows_apart_count_once(home: House) -> None:
    """Two names at a command line may be one person."""
    home.service.attest_root(account_of(home), Actor("local", "x@one"))
    with pytest.raises(RefusedError, match="another person"):
        home.service.attest_root(account_of(home), Actor("local", "y@two"))


def test_each_account_has_its_own(home: House) -> None:
    """A word on one says nothing of another; one that was never seen can't be spoken for."""
    with pytest.raises(RefusedError, match="never scanned"):
        home.service.attest_root("999999999999", ALICE)


def test_whoever_may_not_say_it(home: House) -> None:
    """Nobody from outside of the security group."""
    with pytest.raises(RefusedError):
        home.service.attest_root(account_of(home), Actor("slack", "T1/U1"))


def test_it_can_be_renewed_before_it_runs_out(home: House) -> None:
    """By both, in any order."""
    for actor in (ALICE, BOB):
        home.service.attest_root(account_of(home), actor)
    home.pass_time(days=300)
    for actor in (BOB, ALICE):
        renewed = home.service.attest_root(account_of(home), actor)
    assert renewed.until == home.clock() + timedelta(days=365)
