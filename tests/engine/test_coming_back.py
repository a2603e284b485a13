"""After an old backup was restored nothing is done a second time: AWS is looked at first."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.aws.connection import own_arns
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.announcing import TELL_FREEZE
from bot.engine.approvals import Approvals
from bot.engine.core import Aws
from bot.engine.protecting import Guard
from bot.engine.recovery import recover
from bot.engine.restoring import RESTORE, restore
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.undoing import undo_plan
from bot.errors import FrozenError, StaleError, UsageError
from bot.model import Plan, ProposalState
from bot.store import accounts, audit, dues, freezes, heard, messages, proposals
from bot.store.backups import BackupRules, back_up
from bot.store.database import Store, open_store
from bot.store.messages import NewMessage
from tests.conftest import StandingClock
from tests.engine.bench import ALICE, Bench, Crash, crash_at
from tests.engine.plans import ACCOUNT, deactivate_key, plan

_S = ProposalState


@dataclass
class Rig:
    """A bench whose database is a file that can be copied and put back."""

    path: Path
    bench: Bench

    def back_up(self) -> Path:
        """A copy of the database now."""
        target = self.path.with_name("backup.db")
        return back_up(self.path, target, BackupRules(), self.bench.clock()).path

    def put_back(self, backup: Path) -> None:
        """The copy in the database's place."""
        self.bench.store.close()
        self.bench.clock.pass_time(hours=1)
        restore(f"sqlite:///{self.path}", backup, ALICE, self.bench.clock)
        self.bench.store = opened(self.path, self.bench.clock)
        self.bench.cloud.calls.clear()

    def resume(self) -> None:
        """Let writes happen, by whoever restored: no person had stopped them."""
        service(self.bench).resume(ALICE)


def opened(path: Path, clock: StandingClock) -> Store:
    return open_store(f"sqlite:///{path}", clock=clock)


def service(bench: Bench) -> Service:
    def enter() -> Aws:
        return Aws(bench.connection, bench.protection, bench.executor())

    scanner = Scanner(bench.store, (), ScanSettings(), Guard.on, bench.clock)
    return Service(bench.store, enter, scanner, Approvals(), bench.clock)


@pytest.fixture
def rig(cloud: SimulatedAccount, sqlite_url: str, clock: StandingClock) -> Iterator[Rig]:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with connect(read_attempts=1) as connection:
        cloud.calls.clear()
        bench = Bench(cloud, connection, opened(path, clock), clock)
        bench.protection = replace(bench.protection, own=own_arns(connection))
        yield Rig(path, bench)
        bench.store.close()


def test_what_was_applied_after_the_backup_is_not_applied_again(rig: Rig, carols_key: str) -> None:
    bench = rig.bench
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    backup = rig.back_up()
    assert bench.executor().apply(proposal_id, ALICE).state is _S.DONE
    rig.put_back(backup)
    assert bench.proposal(proposal_id).state is _S.APPROVED, "the backup knows nothing of it"

    with pytest.raises(FrozenError, match="restored from the backup"):
        bench.executor().apply(proposal_id, ALICE)
    rig.resume()
    with pytest.raises(StaleError, match="already as wanted, so there was nothing to write"):
        bench.executor().apply(proposal_id, ALICE)

    assert bench.sent() == []
    assert bench.key_status("carol") == "Inactive"
    assert bench.proposal(proposal_id).state is _S.STALE
    with bench.store.read() as tx:
        assert audit.verify(tx).ok


def test_what_was_under_way_at_the_backup_is_settled_by_looking(rig: Rig, carols_key: str) -> None:
    """The copy was made between the intent and the call."""
    bench = rig.bench
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    made: list[Path] = []

    def copy(here: str) -> None:
        if here == "after-intent":
            made.append(rig.back_up())

    assert bench.executor(yield_point=copy).apply(proposal_id, ALICE).state is _S.DONE
    rig.put_back(made[0])
    assert bench.proposal(proposal_id).state is _S.EXECUTING

    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)

    assert settled.state is _S.DONE
    assert bench.sent() == []


def test_a_click_of_the_time_of_the_backup_is_not_carried_out_again(rig: Rig) -> None:
    """It was dealt with long ago, and the copy was made in the moments before that."""
    with rig.bench.store.write() as tx:
        heard.note(tx, "button", "approve", {}, "another-host/1/2")
    backup = rig.back_up()
    rig.put_back(backup)
    with rig.bench.store.write() as tx:
        assert heard.take_over(tx, "this-host/1/2") == []


def test_an_undo_that_was_done_after_the_backup_is_not_done_again(
    rig: Rig, carols_key: str
) -> None:
    bench = rig.bench
    done = bench.apply(plan(deactivate_key("carol", carols_key)))
    with bench.store.read() as tx:
        original = proposals.get_proposal(tx, done.proposal_id).plan
    assert isinstance(original, Plan)
    inverse = undo_plan(done, original)
    assert isinstance(inverse, Plan)
    undo_id = bench.approved(inverse, undoes=done.id)
    backup = rig.back_up()
    assert bench.executor().apply(undo_id, ALICE).state is _S.DONE
    rig.put_back(backup)
    rig.resume()

    with pytest.raises(StaleError, match="already as wanted"):
        bench.executor().apply(undo_id, ALICE)

    assert bench.sent() == []
    assert bench.key_status("carol") == "Active"


@pytest.mark.parametrize("label", ["after-call", "after-answer"])
def test_a_crash_a_restore_and_a_recovery_write_nothing(
    rig: Rig, carols_key: str, label: str
) -> None:
    """The process died half way, and its database was replaced by an older copy."""
    bench = rig.bench
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    backup = rig.back_up()
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    with closing(opened(rig.path, bench.clock)) as store, store.write() as tx:
        tx.connection.exec_driver_sql("UPDATE lease SET holder = ''")
    rig.put_back(backup)
    rig.resume()

    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    with pytest.raises(StaleError, match="already as wanted"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_what_was_taken_back_meanwhile_waits_for_a_person(rig: Rig, carols_key: str) -> None:
    """Looking can't tell it from what was never done: so nothing goes on by itself."""
    bench = rig.bench
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    backup = rig.back_up()
    bench.undo(bench.executor().apply(proposal_id, ALICE))
    rig.put_back(backup)

    with pytest.raises(FrozenError):
        bench.executor().apply(proposal_id, ALICE)

    assert bench.sent() == []
    assert bench.key_status("carol") == "Active"


def test_a_changed_world_is_not_called_as_wanted(rig: Rig, carols_key: str) -> None:
    bench = rig.bench
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.cloud.client().delete_access_key(UserName="carol", AccessKeyId=carols_key)

    with pytest.raises(StaleError) as caught:
        bench.executor().apply(proposal_id, ALICE)

    assert "already as wanted" not in str(caught.value)


def freeze_before(rig: Rig) -> None:
    with rig.bench.store.write() as tx:
        freezes.freeze(tx, "an incident", ALICE)


@pytest.mark.parametrize(
    ("prepare", "by"), [(lambda _: None, str(RESTORE)), (freeze_before, str(ALICE))]
)
def test_writes_are_stopped_and_the_security_channel_is_told(
    rig: Rig, prepare: Callable[[Rig], None], by: str
) -> None:
    """A freeze that was in force at the backup stays the one that it was."""
    prepare(rig)

    rig.put_back(rig.back_up())

    with rig.bench.store.read() as tx:
        standing = freezes.current_freeze(tx)
        told = dues.get_due(tx, TELL_FREEZE, "all")
    assert standing is not None
    assert str(standing.by) == by
    assert (told is None) == (by == str(ALICE))


def test_messages_that_may_have_been_sent_are_looked_for_first(rig: Rig) -> None:
    with rig.bench.store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        new = messages.tell(tx, NewMessage("notice:1", "notice", "C1"))
        told = messages.tell(tx, NewMessage("notice:2", "notice", "C1"))
        messages.posted(tx, told.id, "C1", "1.0", 1, "digest")
        waiting = messages.tell(tx, NewMessage("waiting:1", messages.NEVER_SENT, "C1"))

    rig.put_back(rig.back_up())

    with rig.bench.store.read() as tx:
        since = {
            each.id: found.sending_since
            for each in (new, told, waiting)
            if (found := messages.get_message(tx, each.id))
        }
    assert since == {new.id: new.created_at, told.id: None, waiting.id: None}


def test_a_server_is_restored_by_its_own_tools(clock: StandingClock) -> None:
    url = "postgresql://locksmith:hunter2@db.example.com/locksmith"

    with pytest.raises(UsageError) as caught:
        restore(url, Path("backup.dump"), ALICE, clock)

    assert "pg_restore" in caught.value.hint
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
