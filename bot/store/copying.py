"""Copies a SQLite database while others write; a copy has its name once it is whole, or never."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bot.errors import RefusedError, StoreError
from bot.store import failures
from bot.store.engines import make_private_file

#: 8 MB of SQLite's usual pages.
_PAGES = 2_000
#: How often writers may make a copy begin anew, until it is made in one go and they wait.
_RESTARTS = 5
_PATIENCE = 30.0
#: Seconds between two looks at a database that is locked.
_LOOK = 0.02


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """An empty private file beside `target` to write into; what is left of it is removed."""
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    make_private_file(partial)
    try:
        yield partial
    finally:
        for each in (partial, partial.with_name(f"{partial.name}-journal")):
            each.unlink(missing_ok=True)


def refuse_existing(target: Path) -> None:
    """Raise RefusedError where there is something already: nothing is overwritten."""
    if target.exists() or target.is_symlink():
        raise _there_already(target)


def put_in_place(partial: Path, target: Path) -> None:
    """Give a finished file its name, for good, and never another file's.

    Raises RefusedError where one came there meanwhile, and StoreError.
    """
    try:
        sync(partial)
        _name(partial, target)
        sync(target.parent)
    except FileExistsError:
        raise _there_already(target) from None
    except OSError as error:
        raise _not_written(target, error.strerror or str(error)) from error


def _name(partial: Path, target: Path) -> None:
    try:
        # A rename would silently replace what came there meanwhile.
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: claim the name, then take it
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        partial.replace(target)


def sync(path: Path) -> None:
    """Let what was written to a file or folder last, whatever happens to the machine."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _there_already(target: Path) -> RefusedError:
    return RefusedError(
        f"{target} is there already, and nothing is overwritten", hint="Name a new file."
    )


def _not_written(target: Path, why: str) -> StoreError:
    return StoreError(
        f"the copy {target} can't be written: {why}",
        hint="Make room there, or name another place. Nothing was changed.",
    )


def copy_pages(
    source: Path,
    target: Path,
    *,
    read_only: bool = False,
    pages: int = _PAGES,
    patience: float = _PATIENCE,
) -> None:
    """Copy a database as it is at one moment into an empty file.

    `pages` are copied at a time, so that writers get their turn between. Raises StoreError, also
    where the database stays locked for `patience` seconds.
    """
    place = f"file:{quote(str(source))}?mode={'ro' if read_only else 'rw'}"
    try:
        with (
            closing(sqlite3.connect(place, uri=True, timeout=0)) as one,
            closing(sqlite3.connect(target)) as copy,
        ):
            try:
                watch = _Watch(patience, _RESTARTS)
                one.backup(copy, pages=pages, progress=watch, sleep=_LOOK)
            except _DisturbedError:
                one.backup(copy, pages=-1, progress=_Watch(patience, None), sleep=_LOOK)
    except _LockedError:
        raise StoreError(
            f"the database {source} is locked by another process",
            hint="Wait until the other command is through, then try again.",
        ) from None
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            said, hint = failures.DAMAGED
            raise StoreError(f"the database {source} {said}", hint=hint) from error
        raise _not_written(target, str(error)) from error


class _DisturbedError(Exception):
    """Writers made the copy begin anew too often."""


class _LockedError(Exception):
    """The database stayed locked."""


class _Watch:
    """Watches a copy being made, and ends it where it comes to nothing.

    What another process changes makes SQLite begin anew: https://www.sqlite.org/backup.html
    `restarts` is how often that may be; None for as often as it takes.
    """

    def __init__(self, patience: float, restarts: int | None) -> None:
        self._patience = patience
        self._restarts = restarts
        self._left: int | None = None
        self._locked_since: float | None = None

    def __call__(self, status: int, left: int, _pages: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            self._locked_since = self._locked_since or time.monotonic()
            if time.monotonic() - self._locked_since > self._patience:
                raise _LockedError
            return
        self._locked_since = None
        if self._restarts is not None and self._left is not None and left > self._left:
            self._restarts -= 1
            if self._restarts < 0:
                raise _DisturbedError
        self._left = left
