"""What all tests share: an environment that is nobody's, a clock that stands, and databases."""

import gc
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot.store.database import Store, open_store
from tests.postgres import PostgresServer, running_server

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def plain_id(value: object) -> str:
    """A test's id that is the same in every process: sets in order, no addresses."""
    if isinstance(value, set | frozenset):
        return "+".join(sorted(map(str, value))) or "nothing"
    return type(value).__name__ if " object at 0x" in repr(value) else str(value)


# Not mktemp, which looks through all that there are, once for each of thousands of tests.
_numbers = itertools.count()
# Whoever starts this in the background has Ctrl-C ignored, and every process below it too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What is imported and what tests share lives to the end: looking through it again and again for
# what nobody holds any more took a seventh of the suite.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    """Nothing of what there is now will ever be garbage."""
    gc.freeze()


_HOMES = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


@pytest.fixture(autouse=True)
def nobodys_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No AWS or Locksmith setting of this machine, and folders that belong to the test."""
    for name in os.environ:
        if name.startswith(("AWS_", "LOCKSMITH_")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / f"home-{next(_numbers)}"
    home.mkdir()
    for name in _HOMES:
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def no_control_fails(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """A control's bug ends no scan, but it ends the test; but for those about just that."""
    yield
    if request.node.get_closest_marker("defects"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    failed = [each.getMessage() for each in records if each.name == "bot.engine.defects"]
    assert not failed, "\n".join(failed)


@dataclass(slots=True)
class StandingClock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def pass_time(self, **duration: float) -> None:
        """Move on: `pass_time(days=1)`."""
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> StandingClock:
    """A clock at noon."""
    return StandingClock()


class _Compiled(dict[Any, Any]):
    """Compiled statements of all engines; SQLAlchemy would compile each anew for every database.

    Its keys begin with the engine's dialect, of which every engine has its own, alike by kind.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), compiled)


_compiled = _Compiled()


@event.listens_for(Engine, "engine_connect")
def _share_compiled(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this session, with the database `locksmith` made as a template."""
    with running_server() as server:
        server.execute("CREATE DATABASE locksmith")
        open_store(server.url("locksmith"), clock=StandingClock()).close()
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh SQLite database to copy."""
    path = tmp_path_factory.mktemp("template") / "locksmith.db"
    open_store(f"sqlite:///{path}", clock=StandingClock()).close()
    return path


@contextmanager
def copied(template: Path) -> Iterator[str]:
    """The URL of a copy of a SQLite database; in memory where the machine has that.

    On a disk every commit waits for it.
    """
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a new folder in it
    with tempfile.TemporaryDirectory(prefix="locksmith-", dir=memory) as folder:
        yield f"sqlite:///{shutil.copy(template, Path(folder) / 'locksmith.db')}"


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """The URL of a fresh SQLite database."""
    with copied(sqlite_template) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database."""
    with postgres_server.database(template="locksmith") as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: StandingClock) -> Iterator[Store]:
    """A fresh store on SQLite: for tests that are about something else."""
    with closing(open_store(sqlite_url, clock=clock)) as store:
        yield store


@pytest.fixture
def store(store_url: str, clock: StandingClock) -> Iterator[Store]:
    """A fresh store, once on each database."""
    with closing(open_store(store_url, clock=clock)) as store:
        yield store
