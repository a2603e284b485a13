"""What can't be undone waits until an earlier change about the same thing is no longer watched."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.views import FindingView
from bot.errors import HeldError
from bot.model import FindingStatus, ProposalState
from bot.store import tables, watches
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house

FENCE, DELETE = "unused-console-password", "inactive-access-key"


@pytest.fixture
def home(store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Carol has an idle password and an old key that is off; so has dave, but no password."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as account:
        for name in ("carol", "dave"):
            account.user(name, created=account.ago(days=900))
            _key_that_is_off(account, name)
        account.password("carol", last_used=account.ago(days=200))
        with house(account, store, clock, only=(FENCE, DELETE)) as made:
            made.scan()
            made.live()
            yield made


def _key_that_is_off(account: AccountBuilder, user: str) -> None:
    made, used, off = (account.ago(days=days) for days in (800, 700, 300))
    account.key(user, created=made, last_used=used, status="Inactive", changed=off)


def view(home: House, control: str, user: str) -> FindingView:
    """The finding of a control on a user, by a new scan."""
    [found] = [
        each
        for each in home.scan().findings
        if each.record.finding.control == control and user in each.record.finding.summary
    ]
    return found


def end_watches(home: House) -> None:
    with home.store.write() as tx:
        for execution in home.service.executions():
            watches.end_watch(tx, execution.id, "it is over")


def test_a_deletion_is_withdrawn_and_asked_anew_after_the_watch(home: House) -> None:
    """A fence of carol's is watched: her key's deletion waits, dave's doesn't."""
    before = view(home, DELETE, "carol").proposal
    home.fix(view(home, FENCE, "carol"))

    waiting = view(home, DELETE, "carol")
    assert waiting.remediation is not None
    assert (waiting.remediation.digest, waiting.remediation.needs) == (None, "watch_over")
    assert waiting.record.status is FindingStatus.OPEN
    assert before is not None
    assert waiting.proposal is not None
    assert (waiting.proposal.id, waiting.proposal.state) == (before.id, ProposalState.STALE)
    others = view(home, DELETE, "dave")
    assert others.proposal is not None
    assert others.proposal.state.is_open

    end_watches(home)
    asked = view(home, DELETE, "carol").proposal
    assert asked is not None
    assert asked.id != before.id
    assert asked.state.is_open


def test_an_approved_deletion_is_not_carried_out_meanwhile(home: House) -> None:
    """No look came in between; once the watch is over, the approval stands."""
    home.fix(view(home, FENCE, "carol"))
    end_watches(home)
    approved = home.approve(view(home, DELETE, "carol"))
    with home.store.write() as tx:
        tx.connection.execute(update(tables.watch).values(ended_at=None))
    with pytest.raises(HeldError, match="an earlier change about the same thing is still watched"):
        home.apply(approved)
    assert len(home.account.client().list_access_keys(UserName="carol")["AccessKeyMetadata"]) == 1

    end_watches(home)
    assert home.apply(approved).state is ProposalState.DONE


def test_an_undo_and_what_can_be_undone_do_not_wait(home: House) -> None:
    """The fence comes off while it is watched."""
    done = home.fix(view(home, FENCE, "carol"))
    undo = home.service.undo(done.id, ALICE).proposal
    home.service.approve(undo.id, undo.digest, ALICE)
    assert home.apply(undo.id).state is ProposalState.DONE
    assert not home.account.client().list_user_policies(UserName="carol")["PolicyNames"]


@pytest.mark.parametrize(("days", "asked"), [(7.9, False), (8.1, True)])
def test_where_nobody_serves_a_watch_counts_until_a_day_after_its_time(
    home: House, days: float, asked: bool
) -> None:
    """Nobody looks, so nobody ends it."""
    home.fix(view(home, FENCE, "carol"))
    home.pass_time(days=days)
    home.account.forget_report()
    proposal = view(home, DELETE, "carol").proposal
    assert (proposal is not None and proposal.state.is_open) is asked
