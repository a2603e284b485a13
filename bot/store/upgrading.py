"""Brings an older database to this release's schema, after a copy of it was made and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from bot.errors import StoreError
from bot.store import failures
from bot.store.backups import BackupRules, back_up_before_upgrade
from bot.store.engines import WRITES, file_of, make_engine, make_private_file, parse, shown
from bot.store.holding import hold
from bot.store.schema import (
    HEAD,
    LOCK_TIMEOUT,
    REVISIONS,
    lock,
    migrate,
    refuse_newer,
    revision_of,
)

#: Makes a copy of what has this revision, and says where; None where none is wanted.
BackUp = Callable[[str], Path | None]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did. `backup` is the copy of the SQLite file from before, if one was made."""

    from_revision: str | None
    to_revision: str
    backup: Path | None


def upgrade(
    url: str, rules: BackupRules, now: datetime, *, lock_timeout: timedelta = LOCK_TIMEOUT
) -> Upgrade:
    """Bring the schema to this release's revision; a SQLite file is backed up and checked first.

    All or nothing. Raises StoreError, also for a database of a newer release.
    """
    parsed = parse(url)
    path = file_of(parsed)
    if path is None:
        return _upgraded(url, lambda _: None, lock_timeout)
    make_private_file(path)
    held = hold(path)
    try:
        return upgrade_file(
            path,
            lambda revision: back_up_before_upgrade(path, revision, rules, now),
            lock_timeout=lock_timeout,
        )
    finally:
        held.release()


def upgrade_file(
    path: Path, back_up: BackUp = lambda _: None, *, lock_timeout: timedelta = LOCK_TIMEOUT
) -> Upgrade:
    """The same for a SQLite file that this process has a hold on, or that only it knows."""
    return _upgraded(f"sqlite:///{path}", back_up, lock_timeout)


def _upgraded(url: str, back_up: BackUp, lock_timeout: timedelta) -> Upgrade:
    parsed = parse(url)
    engine = make_engine(parsed, lock_timeout)
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection:
            return _migrated(connection, file_of(parsed), back_up)
    except StatementError as error:
        failures.raise_told(error, shown(parsed))
        raise
    finally:
        engine.dispose()


def _migrated(connection: Connection, path: Path | None, back_up: BackUp) -> Upgrade:
    if path is not None:
        # Tables that others point to can only be rebuilt without this; checked again below.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        lock(connection)
        before = revision_of(connection)
        refuse_newer(connection, before)
        if before == HEAD or before not in (None, *REVISIONS):
            return Upgrade(before, before or HEAD, None)
        backup = None if before is None else back_up(before)
        migrate(connection)
        if path is not None and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StoreError(f"the upgrade of {path} would break references; nothing was changed")
    return Upgrade(before, HEAD, backup)
