"""Who has a SQLite database open: a restore waits for nobody and replaces it under nobody.

SQLite's own locks last a transaction. This one lasts as long as a process works with the
database, is the kernel's, and so is gone with the process, however it ends.
"""

import errno
import fcntl
import os
from pathlib import Path

from bot.errors import RefusedError, StoreError

#: Where we may not write beside the database, nobody of our rights can replace it either.
_MAY_NOT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Hold:
    """A claim on a database file, until `release`. Doing that again is harmless."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def lock_file_of(path: Path) -> Path:
    """The file beside a database that stands for having it open.

    Never the database itself: closing any descriptor of it would drop SQLite's locks.
    https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
    """
    return path.with_name(f"{path.name}.lock")


def hold(path: Path) -> Hold:
    """Have the database open, beside any number of others.

    Raises StoreError while it is being replaced.
    """
    descriptor = _opened(path)
    if descriptor is None:
        return Hold(None)
    return _locked(
        descriptor,
        fcntl.LOCK_SH,
        StoreError(
            f"the database {path} is being restored by another process",
            hint="Try again when it is through.",
        ),
    )


def hold_alone(path: Path) -> Hold:
    """Have the database to oneself. Raises RefusedError while any process has it open."""
    descriptor = _opened(path)
    if descriptor is None:
        raise StoreError(
            f"nothing can be written beside {path}",
            hint="Give yourself the right to write in its folder. Nothing was changed.",
        )
    return _locked(
        descriptor,
        fcntl.LOCK_EX,
        RefusedError(
            f"the database {path} is in use by another process",
            hint="Stop `locksmith serve`, and let other commands end. Nothing was changed.",
        ),
    )


def _opened(path: Path) -> int | None:
    try:
        return os.open(lock_file_of(path), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in _MAY_NOT:
            return None
        raise StoreError(
            f"the database {path} can't be opened: {error.strerror}",
            hint="Check that the folder exists and that there is room.",
        ) from error


def _locked(descriptor: int, kind: int, otherwise: Exception) -> Hold:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise otherwise from None
    return Hold(descriptor)
