"""A database that can't be read or written: said with what to do, and left as it was."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, nothing_lost
from tests.e2e.conftest import asked

Question = dict[str, str]
WRITING = pytest.mark.parametrize(
    "words",
    [("scan",), ("deny", "{id}", "--reason", "no"), ("apply", "{id}")],
    ids=lambda words: words[0],
)


@pytest.fixture
def approved(locksmith: Locksmith) -> Question:
    """A proposal that would be applied, were it not for the database."""
    question: Question = asked(locksmith, "asked")
    locksmith.json("approve", question["id"], "--digest", question["digest"])
    return question


def filled(words: tuple[str, ...], question: Question) -> list[str]:
    """The words with the proposal's id put in."""
    return [word.format(**question) for word in words]


class TestWriting:
    """Where nothing can be written down, nothing is done: exit code 3."""

    @WRITING
    def test_a_full_disk(
        self,
        words: tuple[str, ...],
        locksmith: Locksmith,
        approved: Question,
        cloud: Cloud,
        small_disk: Path,
    ) -> None:
        """Nothing is changed in AWS that could not be written down first; all else stays."""
        full = replace(locksmith, remembered=small_disk / "locksmith.db")
        shutil.copy(locksmith.database, full.database)
        filler = small_disk / "filler"

        with nothing_lost(full):
            fill(filler)
            full(*filled(words, approved)).failed(3, str(full.database), "full")
            filler.unlink()

        assert cloud.writes() == []
        assert full.json("plan", approved["id"])["proposal"]["state"] == "approved"

    @WRITING
    def test_files_that_may_not_grow(
        self, words: tuple[str, ...], locksmith: Locksmith, approved: Question, cloud: Cloud
    ) -> None:
        """The same for whoever may not mount a small disk."""
        tight = replace(locksmith, largest_file=4096)

        with nothing_lost(locksmith):
            tight(*filled(words, approved)).failed(3, str(locksmith.database))

        assert cloud.writes() == []

    @WRITING
    @pytest.mark.parametrize("what", ["file", "folder"])
    def test_read_only(
        self,
        what: str,
        words: tuple[str, ...],
        locksmith: Locksmith,
        approved: Question,
        cloud: Cloud,
    ) -> None:
        """A file or a folder that we may only read; looking still works."""
        folder = locksmith.folder / "kept"
        folder.mkdir()
        kept = replace(locksmith, remembered=folder / "locksmith.db", rights_count=True)
        shutil.copy(locksmith.database, kept.database)
        mine = kept.database if what == "file" else folder

        with nothing_lost(kept):
            mine.chmod(0o400 if what == "file" else 0o500)
            kept(*filled(words, approved)).failed(3, str(kept.database))
            assert kept.json("findings")["findings"]
            mine.chmod(0o700)

        assert cloud.writes() == []

    def test_locked(self, locksmith: Locksmith, approved: Question, cloud: Cloud) -> None:
        """Another process is writing for longer than we wait; looking still works."""
        with nothing_lost(locksmith), closing(sqlite3.connect(locksmith.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            locksmith("apply", approved["id"]).failed(3, "locked by another process")
            assert locksmith.json("findings")["findings"]
            other.rollback()

        assert cloud.writes() == []

    def test_a_place_where_none_can_be_made(self, fresh: Locksmith) -> None:
        """No folder is writable, or a file is in the way."""
        (fresh.folder / "shut").mkdir(mode=0o500)
        (fresh.folder / "file").write_text("")
        (fresh.folder / "folder").mkdir()

        for place in ("shut/new/locksmith.db", "shut/locksmith.db", "file/locksmith.db", "folder"):
            here = replace(fresh, remembered=fresh.folder / place, rights_count=True)
            here("scan").failed(3, str(here.database))


def fill(filler: Path) -> None:
    """Leave not a byte on the disk that this file is on."""
    size = 1 << 20
    with filler.open("wb", buffering=0) as file:
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 2 MB, where this machine lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk takes rights that this process lacks")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


# What happened to a file


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all " * 1000)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scribbled_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xde\xad" * 8192)


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipe (name)")


def of_a_newer_release(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_info SET oldest_release = '99.1.0'")
        connection.execute("UPDATE alembic_version SET version_num = '0099'")


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (garbage, "damaged"),
        (cut_in_half, "damaged"),
        (scribbled_over, "damaged"),
        (of_another_program, "aren't Locksmith's"),
        (of_a_newer_release, "too new: it needs Locksmith 99.1.0"),
    ],
)
@pytest.mark.parametrize(
    "words", [("scan",), ("findings",), ("db", "upgrade")], ids=lambda words: words[0]
)
def test_a_file_that_is_no_use(
    words: tuple[str, ...],
    happened: Callable[[Path], None],
    said: str,
    locksmith: Locksmith,
    cloud: Cloud,
) -> None:
    """Exit code 3 with what to do; not a byte of it is changed, and AWS isn't asked to change."""
    happened(locksmith.database)
    before = locksmith.database.read_bytes()

    locksmith(*words).failed(3, said)

    assert locksmith.database.read_bytes() == before
    assert cloud.writes() == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me@db/locksmith", "mysql"),
        ("sqlite://", "in memory"),
        ("locksmith.db", "can't be read"),
        ("postgresql://me@127.0.0.1:9/locksmith?connect_timeout=2", "can't be reached"),
    ],
)
def test_a_url_that_is_no_use(url: str, said: str, fresh: Locksmith, cloud: Cloud) -> None:
    """Exit code 3 before AWS is asked anything."""
    fresh.but(LOCKSMITH_DATABASE__URL=url)("scan").failed(3, said)

    assert cloud.counts() == {}


def test_an_audit_log_that_someone_changed(locksmith: Locksmith) -> None:
    """`audit verify` names the row; exit code 3."""
    with closing(sqlite3.connect(locksmith.database)) as connection, connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE audit SET actor = 'local:mallory@desk' WHERE seq = 3")

    verdict = locksmith.json("audit", "verify", code=3)

    assert not verdict["ok"]
    assert verdict["at_seq"] == 3
