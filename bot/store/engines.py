"""Connections that keep what they promise: full sync, real locks, foreign keys, private files."""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from bot.errors import StoreError

#: Set on a connection that will write: SQLite then takes its lock at once.
WRITES = "locksmith_writes"


def parse(url: str) -> URL:
    """The URL with our drivers. Raises StoreError for other databases than the two we test."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise StoreError("the database URL can't be read", hint=_HINT) from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite")
        case "sqlite":
            raise StoreError("a database in memory would forget what it must keep", hint=_HINT)
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise StoreError(f"Locksmith doesn't know databases of the kind {other}", hint=_HINT)


_HINT = "Use sqlite:////path/to/locksmith.db or postgresql://user@host/name."


def shown(url: URL) -> str:
    """How messages name the database: the file, or the URL without its password."""
    path = file_of(url)
    return str(path) if path else url.render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """The SQLite file, or None."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database).expanduser()


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner can read, and missing folders likewise.

    SQLite gives its journal the rights of the database file. Raises StoreError.
    """
    try:
        for folder in reversed([path.parent, *path.parent.parents]):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(
            f"the database {path} can't be made: {error.strerror}",
            hint="Choose another place with --db, or make the folder writable.",
        ) from error


def make_engine(url: URL, lock_timeout: timedelta) -> Engine:
    """An engine for this URL. Raises StoreError where the PostgreSQL driver isn't installed."""
    path = file_of(url)
    if path is not None:
        # NullPool: an open file is cheap, and none is shared by accident.
        engine = create_engine(
            url.set(database=str(path)),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"timeout": lock_timeout.total_seconds()},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    milliseconds = int(lock_timeout.total_seconds() * 1000)
    try:
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"options": f"-c lock_timeout={milliseconds} -c timezone=UTC"},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "the driver for PostgreSQL is not installed",
            hint="Install it: pip install 'iam-locksmith[postgres]'.",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun below, not by the driver, which would begin too late.
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    # Here and not for each connection: whoever only reads would wait for the file's lock.
    # A rollback journal, not WAL: https://www.sqlite.org/wal.html#walresetbug corrupts a database
    # with several writers up to 3.51.2, and Pythons in use link older ones.
    connection.exec_driver_sql("PRAGMA journal_mode=TRUNCATE")
    connection.exec_driver_sql("PRAGMA synchronous=EXTRA")
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    # A deferred transaction that reads and then writes fails at once when another wrote between,
    # whatever the timeout: https://www.sqlite.org/lang_transaction.html
    connection.exec_driver_sql("BEGIN IMMEDIATE")
