"""A restore: all of it or nothing, under nobody's hands, and what stood there is kept."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import LocksmithError, RefusedError, StoreError
from bot.store import audit, findings, leases, schema
from bot.store.backups import BackupRules, back_up
from bot.store.checking import check
from bot.store.database import Store, Transaction, open_store
from bot.store.holding import hold, hold_alone, lock_file_of
from bot.store.restoring import Restored, restore
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, observe, propose, seen
from tests.store.test_schema import make_at

CLOCK = StandingClock(NOON + timedelta(days=1))


def nothing_more(_tx: Transaction) -> None:
    """Prepares nothing."""


def put_back(
    path: Path, backup: Path, prepare: Callable[[Transaction], None] = nothing_more
) -> Restored:
    return restore(path, backup, ALICE, CLOCK, prepare)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database beside what the test makes of it."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'locksmith.db')}"


@pytest.fixture
def path(sqlite_url: str, tmp_path: Path) -> Path:
    """A database with one finding and one proposal, that nobody has open."""
    with closing(open_store(sqlite_url, clock=StandingClock())) as store, store.write() as tx:
        observe(tx, seen("AKIA1"))
        propose(tx)
    return tmp_path / "locksmith.db"


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    """A backup of it; the database has a second finding since."""
    made = back_up(path, tmp_path / "backup.db", BackupRules(), NOON).path
    with opened(path) as store, store.write() as tx:
        observe(tx, seen("AKIA1"), seen("AKIA2"))
    return made


def opened(path: Path) -> closing[Store]:
    return closing(open_store(f"sqlite:///{path}", clock=CLOCK))


def subjects(path: Path) -> list[str]:
    with opened(path) as store, store.read() as tx:
        return sorted(record.finding.subject for record in findings.list_findings(tx))


def test_the_database_is_the_backup_and_the_replaced_one_is_kept(path: Path, backup: Path) -> None:
    before = check(path)

    done = put_back(path, backup)

    assert subjects(path) == ["AKIA1"]
    assert done.kept == path.with_name("locksmith.db.20261125T120000Z.replaced")
    assert subjects(done.kept) == ["AKIA1", "AKIA2"]
    assert (done.replaced, done.unreadable) == (before, None)
    for each in (path, done.kept):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_the_log_says_that_it_was_restored_and_from_when(path: Path, backup: Path) -> None:
    replaced, held = check(path), check(backup)

    put_back(path, backup)

    with opened(path) as store, store.read() as tx:
        assert audit.verify(tx).ok
        (event,) = audit.events(tx, limit=1)
    assert (event.event, event.actor, event.at) == ("database.restored", str(ALICE), CLOCK.now)
    assert (event.seq, event.previous) == (held.head_seq + 1, held.head_hash)
    assert event.data == {
        "backup": "backup.db",
        "log_ended_at": NOON.isoformat(),
        "from_revision": schema.HEAD,
        "replaced_seq": replaced.head_seq,
        "replaced_hash": replaced.head_hash,
        "kept": "locksmith.db.20261125T120000Z.replaced",
        "actor_arn": ALICE.aws_arn,
    }


def test_an_older_backup_is_brought_to_this_releases_schema(tmp_path: Path) -> None:
    make_at(f"sqlite:///{tmp_path / 'old.db'}", schema.REVISIONS[0])
    path = tmp_path / "new" / "locksmith.db"

    done = put_back(path, tmp_path / "old.db")

    assert done.backup.revision == schema.REVISIONS[0]
    assert done.kept is None
    assert check(path).revision == schema.HEAD
    assert check(tmp_path / "old.db").revision == schema.REVISIONS[0], "the backup stays as it was"


def test_what_lay_beside_an_unreadable_database_is_kept_with_it(path: Path, backup: Path) -> None:
    """SQLite would apply what a crash left there to whatever file has the name."""
    content = path.read_bytes()
    journal = path.with_name("locksmith.db-journal")
    journal.unlink(missing_ok=True)
    journal.mkdir()  # so that SQLite itself can't clear it away

    done = put_back(path, backup)

    assert done.replaced is None
    assert "can't be read" in (done.unreadable or "")
    assert subjects(path) == ["AKIA1"]
    assert done.kept is not None
    assert done.kept.read_bytes() == content
    assert done.kept.with_name(f"{done.kept.name}-journal").is_dir()


def test_a_damaged_database_is_replaced_and_kept(path: Path, backup: Path) -> None:
    path.write_bytes(b"not a database " * 4096)

    done = put_back(path, backup)

    assert done.replaced is None
    assert "damaged" in (done.unreadable or "")
    assert subjects(path) == ["AKIA1"]
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"not a database ")


def test_nobody_is_replaced_under_their_hands(path: Path, backup: Path) -> None:
    with opened(path), pytest.raises(RefusedError, match="in use by another process"):
        put_back(path, backup)

    put_back(path, backup)


def test_nobody_opens_it_meanwhile(path: Path, backup: Path) -> None:
    def look(_tx: Transaction) -> None:
        with pytest.raises(StoreError, match="being restored"):
            open_store(f"sqlite:///{path}", clock=CLOCK)

    put_back(path, backup, look)


def test_what_another_machine_carries_out_is_not_replaced(path: Path, backup: Path) -> None:
    """A lock may not reach over a network; a lease does."""
    with opened(path) as store, store.write() as tx:
        leases.acquire(tx, ACCOUNT.id, "elsewhere/7/1", timedelta(minutes=5))

    with pytest.raises(RefusedError, match="being changed by elsewhere/7/1"):
        put_back(path, backup)

    assert subjects(path) == ["AKIA1", "AKIA2"]


def broken_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as attacker:
        attacker.execute("DROP TRIGGER audit_no_delete")
        attacker.execute("DELETE FROM audit WHERE seq = 2")
        attacker.commit()


def too_new(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE schema_info SET oldest_release = '99'")
        other.commit()


def another_ones(path: Path) -> None:
    path.unlink()
    open_store(f"sqlite:///{path}", clock=CLOCK).close()


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(20_000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (broken_log, "row 2 is missing"),
        (too_new, "too new"),
        (another_ones, "backup of another database"),
        (cut_short, "damaged"),
        (empty, "is empty"),
        (Path.unlink, "there is no file"),
    ],
)
def test_a_backup_that_is_none_changes_nothing(
    path: Path, backup: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(backup)
    before = path.read_bytes()

    with pytest.raises(LocksmithError, match=said):
        put_back(path, backup)

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if "replaced" in each.name] == []


def test_where_it_fails_half_way_nothing_was_changed(path: Path, backup: Path) -> None:
    before = path.read_bytes()

    def fail(_tx: Transaction) -> None:
        raise RefusedError("not this one")

    with pytest.raises(RefusedError, match="not this one"):
        put_back(path, backup, fail)

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if "partial" in each.name] == []


def test_a_database_is_not_its_own_backup(path: Path) -> None:
    with pytest.raises(RefusedError, match="the database itself"):
        put_back(path, path)


class TestHolding:
    def test_many_have_it_open_or_one_has_it_alone(self, path: Path) -> None:
        first, second = hold(path), hold(path)
        with pytest.raises(RefusedError):
            hold_alone(path)
        first.release()
        with pytest.raises(RefusedError):
            hold_alone(path)
        second.release()
        second.release()

        alone = hold_alone(path)
        for other in (hold, hold_alone):
            with pytest.raises(LocksmithError):
                other(path)
        alone.release()
        hold(path).release()

    def test_the_lock_is_private(self, path: Path) -> None:
        assert stat.S_IMODE(lock_file_of(path).stat().st_mode) == 0o600
