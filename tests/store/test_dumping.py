"""Dumps of a PostgreSQL database by its own tools."""

import stat
from pathlib import Path

import pytest

from bot.errors import RefusedError, StoreError
from bot.store.dumping import dump
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def tools(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> PostgresServer:
    """The server's own pg_dump and pg_restore, found as a shell would."""
    monkeypatch.setenv("PATH", str(postgres_server.binaries), prepend=":")
    return postgres_server


def test_a_dump_is_private_and_can_be_read_back(
    tools: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    made = dump(postgres_url, tmp_path / "l.dump")

    assert made.read_bytes().startswith(b"PGDMP")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["l.dump"]


def test_nothing_is_overwritten(tools: PostgresServer, postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "l.dump").write_text("precious")

    with pytest.raises(RefusedError, match="there already"):
        dump(postgres_url, tmp_path / "l.dump")

    assert (tmp_path / "l.dump").read_text() == "precious"


def test_a_dump_of_something_else_is_not_kept(tools: PostgresServer, tmp_path: Path) -> None:
    with tools.database() as url, pytest.raises(StoreError, match="lacks the tables"):
        dump(url, tmp_path / "l.dump")

    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_without_the_password(tools: PostgresServer, tmp_path: Path) -> None:
    url = f"postgresql://locksmith:hunter2@/nowhere?host={tools.folder}"

    with pytest.raises(StoreError, match="pg_dump failed") as caught:
        dump(url, tmp_path / "l.dump")

    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert list(tmp_path.iterdir()) == []


def test_without_the_tools_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    url = "postgresql://locksmith:hunter2@db.example.com:5433/locksmith?password=hunter2"

    with pytest.raises(StoreError, match="not installed here") as caught:
        dump(url, tmp_path / "l.dump")

    assert "pg_dump --format=custom --no-password" in caught.value.hint
    assert "postgresql://locksmith@db.example.com:5433/locksmith" in caught.value.hint
    assert "hunter2" not in caught.value.hint
