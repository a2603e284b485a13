"""`db`: where it is, upgrades, backups and coming back from one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import ExitCode
from bot.store import schema
from bot.store.checking import check
from bot.store.database import open_store
from tests.cli.conftest import Shell
from tests.conftest import StandingClock
from tests.store.samples import ALICE
from tests.store.test_schema import make_at


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one event in its log."""
    path = tmp_path / "l.db"
    clock = StandingClock()
    with closing(open_store(f"sqlite:///{path}", clock=clock)) as store, store.write() as tx:
        tx.record("test.written", actor=ALICE)
    return path


def test_a_database_is_made_by_upgrade_and_then_current(shell: Shell, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"

    before = shell("--db", url, "db", "current", "--output", "json").document()
    upgraded = shell("--db", url, "db", "upgrade", "--output", "json").document()
    after = shell("db", "current", "--db", url)

    assert before["revision"] is None
    assert upgraded["revision"] == upgraded["newest"] == schema.HEAD
    assert f"revision {schema.HEAD}" in after.out
    again = " ".join(shell("--db", url, "db", "upgrade").out.split())
    assert "already at revision" in again


def test_a_strangers_database_is_left_alone(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")

    outcome = shell("--db", f"sqlite:///{path}", "db", "upgrade")

    assert outcome.code == ExitCode.TROUBLE
    assert "aren't Locksmith's" in outcome.err


@pytest.mark.parametrize(("wanted", "copies"), [("true", 1), ("false", 0)])
def test_the_copy_before_an_upgrade_follows_the_settings(
    shell: Shell, tmp_path: Path, wanted: str, copies: int
) -> None:
    (tmp_path / "kept").mkdir()
    make_at(f"sqlite:///{tmp_path / 'l.db'}", schema.REVISIONS[0])
    shell.doors.environ["LOCKSMITH_DATABASE__BACKUPS__FOLDER"] = str(tmp_path / "kept")
    shell.doors.environ["LOCKSMITH_DATABASE__BACKUPS__BEFORE_UPGRADE"] = wanted

    outcome = shell("--db", f"sqlite:///{tmp_path / 'l.db'}", "db", "upgrade")

    assert outcome.code == ExitCode.FINE
    kept = list((tmp_path / "kept").iterdir())
    assert len(kept) == copies
    assert ("The copy from before is" in outcome.out) == bool(copies)


def test_a_backup_says_where_it_is_and_until_when_it_reaches(
    shell: Shell, database: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{database}"

    outcome = shell("--db", url, "db", "backup", str(tmp_path / "one.db"))
    document = shell("--db", url, "db", "backup", "two.db", "--output", "json").document()

    assert outcome.code == ExitCode.FINE
    assert "ends with row 1, 2026-11-24 12:00:00 UTC" in outcome.out
    assert document["path"] == "two.db"
    assert document["head_hash"] == check(database).head_hash
    again = shell("--db", url, "db", "backup", "two.db")
    assert again.code == ExitCode.REFUSED
    assert "nothing is overwritten" in again.err


def test_a_database_that_is_not_there_has_no_backup(shell: Shell, tmp_path: Path) -> None:
    outcome = shell("--db", f"sqlite:///{tmp_path / 'none.db'}", "db", "backup")

    assert outcome.code == ExitCode.TROUBLE
    assert "no database" in outcome.err
    assert list(tmp_path.glob("*.db")) == []


@pytest.mark.parametrize(
    ("words", "answers", "code"),
    [
        (["--yes"], None, ExitCode.FINE),
        ([], "yes\n", ExitCode.FINE),
        ([], "no\n", ExitCode.REFUSED),
        ([], None, ExitCode.REFUSED),
    ],
)
def test_a_restore_takes_a_yes(
    shell: Shell, database: Path, words: list[str], answers: str | None, code: ExitCode
) -> None:
    url = f"sqlite:///{database}"
    shell("--db", url, "db", "backup", "b.db")
    before = database.read_bytes()

    outcome = shell("--db", url, "db", "restore", "b.db", *words, answers=answers)

    assert outcome.code == code
    assert (database.read_bytes() == before) == (code != ExitCode.FINE)
    assert ("locksmith resume" in outcome.out) == (code == ExitCode.FINE)


def test_a_restore_tells_programs_what_it_replaced(shell: Shell, database: Path) -> None:
    url = f"sqlite:///{database}"
    shell("--db", url, "db", "backup", "b.db")

    document = shell("--db", url, "db", "restore", "b.db", "--yes", "--output", "json").document()

    assert (document["head_seq"], document["replaced_seq"]) == (1, 1)
    assert Path(document["kept"]).exists()


def test_a_restore_under_a_serving_process_is_refused(shell: Shell, database: Path) -> None:
    url = f"sqlite:///{database}"
    shell("--db", url, "db", "backup", "b.db")

    with closing(open_store(url, clock=StandingClock())):
        outcome = shell("--db", url, "db", "restore", "b.db", "--yes")

    assert outcome.code == ExitCode.REFUSED
    assert "Stop `locksmith serve`" in outcome.err


def test_a_server_says_what_to_do_instead(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    url = "postgresql://locksmith@db.example.com/locksmith"

    backup = shell("--db", url, "db", "backup")
    restore = shell("--db", url, "db", "restore", "x.dump", "--yes")

    assert backup.code == ExitCode.TROUBLE
    assert "pg_dump --format=custom" in backup.err
    assert restore.code == ExitCode.USAGE
    assert "pg_restore --exit-on-error" in restore.err


def test_tidying_says_how_much_went(shell: Shell) -> None:
    outcome = shell("db", "tidy")

    assert outcome.code == ExitCode.FINE
    assert "Removed 1 message, 2 proposals, no findings, no observations." in outcome.out
    assert shell("db", "tidy", "--output", "json").document()["proposals"] == 2
