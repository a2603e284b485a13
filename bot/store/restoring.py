"""Puts a backup in the place of a SQLite database, which is kept beside it."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import RefusedError, StoreError
from bot.model import Actor
from bot.store import leases, schema
from bot.store.backups import stamp
from bot.store.checking import Contents, check
from bot.store.copying import copy_pages, sync, unfinished
from bot.store.database import Clock, Store, Transaction
from bot.store.engines import make_engine, make_private_file, parse
from bot.store.holding import hold_alone, lock_file_of
from bot.store.upgrading import upgrade_file

#: What SQLite keeps beside a database file, and would apply to whatever has the file's name.
_BESIDE = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: the backup's contents, what stood there before, and where that is now.

    `replaced` and `kept` are None where there was no database; `replaced` also where it was
    damaged, as `unreadable` then says.
    """

    backup: Contents
    replaced: Contents | None
    kept: Path | None
    unreadable: str | None = None


def restore(
    path: Path,
    backup: Path,
    actor: Actor,
    clock: Clock,
    prepare: Callable[[Transaction], None],
) -> Restored:
    """Let the database at `path` be what `backup` holds, at this release's schema.

    The log says that it was restored and from when; `prepare` writes what else must be so before
    anyone sees it. Until all of that is done and checked, nothing at `path` changes. Raises
    RefusedError while a process has the database open, where something is being carried out, and
    for another database's backup; StoreError for a backup that isn't whole.
    """
    if path.exists() and backup.exists() and path.samefile(backup):
        raise RefusedError(f"{backup} is the database itself")
    contents = check(backup)
    make_private_file(lock_file_of(path))
    held = hold_alone(path)
    try:
        now = clock()
        replaced, unreadable = _standing(path, now)
        if replaced is not None and replaced.database_id != contents.database_id:
            raise RefusedError(
                f"{backup} is a backup of another database than {path}",
                hint=f"To begin with it all the same, move {path} away first.",
            )
        result = Restored(contents, replaced, _kept_as(path, now), unreadable)
        with unfinished(path) as partial:
            copy_pages(backup, partial, read_only=True)
            upgrade_file(partial)
            _write_down(partial, result, actor, clock, prepare)
            check(partial)
            _swap(path, partial, result.kept)
    finally:
        held.release()
    return result


def _standing(path: Path, now: datetime) -> tuple[Contents | None, str | None]:
    """What is there now, or why it can't be read; nobody may be carrying anything out in it."""
    if not path.exists():
        return None, None
    try:
        # Opened for writing first, so that SQLite rolls back what a crash left half done.
        with closing(_opened(path, lambda: now)) as store, store.read() as tx:
            at_work = leases.at_work(tx)
        contents = check(path)
    except StoreError as error:
        return None, str(error)
    if at_work:
        raise RefusedError(
            f"account {at_work[0].account_id} is being {at_work[0].work} by {at_work[0].holder}",
            hint="Stop `locksmith serve` and let it end. Nothing was changed.",
        )
    return contents, None


def _kept_as(path: Path, now: datetime) -> Path | None:
    if not path.exists():
        return None
    name = path.with_name(f"{path.name}.{stamp(now)}.replaced")
    if name.exists():
        raise RefusedError(f"{name} is there already", hint="Try again in a second.")
    return name


def _opened(path: Path, clock: Clock) -> Store:
    """A file that nobody else can have open, without a hold of its own."""
    parsed = parse(f"sqlite:///{path}")
    return Store(make_engine(parsed, schema.LOCK_TIMEOUT), parsed, clock)


def _write_down(
    partial: Path,
    result: Restored,
    actor: Actor,
    clock: Clock,
    prepare: Callable[[Transaction], None],
) -> None:
    backup, replaced = result.backup, result.replaced
    with closing(_opened(partial, clock)) as store, store.write() as tx:
        tx.record(
            "database.restored",
            actor=actor,
            data={
                "backup": backup.path.name,
                "log_ended_at": backup.newest_at.isoformat() if backup.newest_at else None,
                "from_revision": backup.revision,
                "replaced_seq": replaced.head_seq if replaced else None,
                "replaced_hash": replaced.head_hash if replaced else None,
                "kept": result.kept.name if result.kept else None,
            },
        )
        prepare(tx)


def _swap(path: Path, partial: Path, kept: Path | None) -> None:
    """At every moment there is a whole database at `path`: the old one, then the new one."""
    sync(partial)
    try:
        if kept is not None:
            _keep(path, kept)
        partial.replace(path)
        sync(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} can't be replaced: {error.strerror}", hint="Nothing was changed."
        ) from error


def _keep(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
        sync(kept)
    # A journal that a crash left would be applied to the file that takes the name.
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size > 0:
            beside.rename(kept.with_name(kept.name + ending))
