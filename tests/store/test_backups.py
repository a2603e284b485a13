"""Backups of a SQLite database: whole or not there, private, never over another file."""

import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import RefusedError, StoreError
from bot.store import audit
from bot.store.backups import BackupRules, back_up, back_up_before_upgrade
from bot.store.checking import check
from bot.store.copying import copy_pages, put_in_place
from bot.store.database import Store, open_store
from bot.store.schema import HEAD
from tests.conftest import NOON, StandingClock
from tests.store.disks import full_disk
from tests.store.samples import ALICE, observe, propose, seen

RULES = BackupRules()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database beside what the test makes of it."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'locksmith.db')}"


@pytest.fixture
def database(sqlite_store: Store, tmp_path: Path) -> Path:
    """A database with something in it."""
    with sqlite_store.write() as tx:
        observe(tx, seen("AKIA1"), seen("AKIA2"))
        propose(tx)
    return tmp_path / "locksmith.db"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("locksmith"))


def test_a_backup_holds_everything_and_is_private(database: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = back_up(database, tmp_path / "copy.db", RULES, NOON)
    finally:
        os.umask(before)

    assert made == replace(check(database), path=tmp_path / "copy.db")
    assert (made.revision, made.newest_at) == (HEAD, NOON)
    assert made.head_seq > 0
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert left_in(tmp_path) == ["copy.db"]
    with closing(sqlite3.connect(made.path)) as copy:
        assert copy.execute("SELECT count(*) FROM finding").fetchone() == (2,)


def test_where_a_backup_goes_that_is_given_no_place(database: Path, tmp_path: Path) -> None:
    beside = back_up(database, None, RULES, NOON).path
    (tmp_path / "there").mkdir()
    there = back_up(database, tmp_path / "there", RULES, NOON).path
    (tmp_path / "kept").mkdir()
    kept = back_up(database, None, replace(RULES, folder=tmp_path / "kept"), NOON).path

    name = "locksmith-20261124T120000Z.db"
    assert [beside, there, kept] == [
        tmp_path / name,
        tmp_path / "there" / name,
        tmp_path / "kept" / name,
    ]


def test_nothing_is_overwritten(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("precious")

    with pytest.raises(RefusedError, match="there already"):
        back_up(database, target, RULES, NOON)

    assert target.read_text() == "precious"
    assert left_in(tmp_path) == ["mine"]


def test_what_is_there_already_is_told_before_anything_is_copied(
    database: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").symlink_to(tmp_path / "nowhere")
    database.write_bytes(b"not a database " * 1000)

    with pytest.raises(RefusedError, match="there already"):
        back_up(database, tmp_path / "mine", RULES, NOON)


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_comes_meanwhile_is_not_overwritten(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a file system without links, where a rename would replace it."""
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    partial, target = tmp_path / "partial", tmp_path / "target"
    partial.write_text("new")

    put_in_place(partial, target)
    assert target.read_text() == "new"
    partial.unlink(missing_ok=True)
    partial.write_text("newer")
    with pytest.raises(RefusedError, match="there already"):
        put_in_place(partial, target)
    assert target.read_text() == "new"


def _no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_broken_log_is_no_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as attacker:
        attacker.execute("DROP TRIGGER audit_no_update")
        attacker.execute("UPDATE audit SET event = 'nothing.happened' WHERE seq = 2")
        attacker.commit()

    with pytest.raises(StoreError, match=r"not as it was written: row 2"):
        back_up(database, tmp_path / "copy.db", RULES, NOON)

    assert left_in(tmp_path) == []


def test_a_damaged_page_is_no_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as any_connection:
        (page_size,) = any_connection.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek(3 * page_size)
        file.write(b"\xff" * page_size)

    with pytest.raises(StoreError, match="damaged"):
        back_up(database, tmp_path / "copy.db", RULES, NOON)

    assert left_in(tmp_path) == []


def test_without_room_nothing_is_left(database: Path, tmp_path: Path) -> None:
    with full_disk(8192), pytest.raises(StoreError, match="can't be written"):
        back_up(database, tmp_path / "copy.db", RULES, NOON)

    assert left_in(tmp_path) == []


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        back_up(tmp_path / "none.db", None, RULES, NOON)

    assert left_in(tmp_path) == []


def test_copies_while_others_write_are_one_moment_each(
    database: Path, tmp_path: Path, sqlite_url: str
) -> None:
    """Writers get their turn between the steps, and no copy holds a half of what they wrote."""
    stop, written = threading.Event(), []

    def write() -> None:
        with closing(open_store(sqlite_url, clock=StandingClock())) as store:
            while not stop.is_set():
                with store.write() as tx:
                    written.append(tx.record("test.written", actor=ALICE).seq)

    writer = threading.Thread(target=write)
    writer.start()
    ends = []
    try:
        for number in range(3):
            copy_pages(database, tmp_path / f"{number}.db", pages=5)
            ends.append(check(tmp_path / f"{number}.db").head_seq)
    finally:
        stop.set()
        writer.join()

    assert ends == sorted(ends)
    assert written[-1] >= ends[-1]


def test_a_database_that_stays_locked_is_given_up(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreError, match="locked by another process"):
            copy_pages(database, tmp_path / "copy.db", patience=0.05)


class TestBeforeAnUpgrade:
    def test_the_newest_few_are_kept_and_nothing_else_goes(
        self, database: Path, tmp_path: Path
    ) -> None:
        rules = BackupRules(folder=tmp_path / "kept", keep=2)
        (tmp_path / "kept").mkdir()
        others = {"locksmith.db", "other.db.20200101T000000Z.before-upgrade-of-0001", "notes"}
        for name in others:
            (tmp_path / "kept" / name).write_text("")

        made = [
            back_up_before_upgrade(database, "0001", rules, NOON + timedelta(hours=hours))
            for hours in (0, 0, 1)
        ]

        assert made[-1] is not None
        assert made[-1].name == "locksmith.db.20261124T130000Z.before-upgrade-of-0001"
        kept = {path.name for path in (tmp_path / "kept").iterdir()} - others
        assert kept == {each.name for each in made[1:] if each is not None}

    def test_none_is_made_where_none_is_wanted(self, database: Path, tmp_path: Path) -> None:
        rules = BackupRules(before_upgrade=False)

        assert back_up_before_upgrade(database, "0001", rules, NOON) is None
        assert left_in(tmp_path) == []

    def test_where_it_fails_the_older_ones_stay(self, database: Path, tmp_path: Path) -> None:
        rules = BackupRules(keep=1)
        first = back_up_before_upgrade(database, "0001", rules, NOON)

        with full_disk(8192), pytest.raises(StoreError):
            back_up_before_upgrade(database, "0001", rules, NOON + timedelta(hours=1))

        assert first is not None
        assert first.exists()


def test_the_chain_of_a_backup_is_the_databases(sqlite_store: Store, database: Path) -> None:
    made = back_up(database, None, RULES, NOON)

    with sqlite_store.read() as tx:
        verdict = audit.verify(tx)
    assert (made.head_seq, made.head_hash) == (verdict.head_seq, verdict.head_hash)
