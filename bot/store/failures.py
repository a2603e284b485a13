"""What a database's errors mean, and what to do about them."""

import sqlite3

from sqlalchemy.exc import DBAPIError, StatementError

from bot.errors import StoreError

_Told = tuple[str, str]

# https://www.sqlite.org/rescode.html, primary result codes
_SQLITE: dict[int, _Told] = {
    sqlite3.SQLITE_BUSY: (
        "is locked by another process",
        "Wait until the other command is through, then try again. Nothing was changed.",
    ),
    sqlite3.SQLITE_LOCKED: ("is locked", "Try again. Nothing was changed."),
    sqlite3.SQLITE_READONLY: (
        "is read-only",
        "Give yourself the right to write the file and its folder. Nothing was changed.",
    ),
    sqlite3.SQLITE_FULL: (
        "can't grow: the disk is full",
        "Make room and try again. What was saved before is safe; this change was not made.",
    ),
    sqlite3.SQLITE_IOERR: (
        "can't be read or written",
        "Check the disk. What was saved before is safe; this change was not made.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "can't be opened",
        "Check that the folder exists and that you may read and write there.",
    ),
    sqlite3.SQLITE_PERM: ("may not be opened", "Check the rights of the file."),
    sqlite3.SQLITE_AUTH: ("may not be opened", "Check the rights of the file."),
}
DAMAGED: _Told = (
    "is damaged, or isn't a Locksmith database",
    (
        "Nothing was changed, and Locksmith won't make a new one in its place. Put the newest "
        "backup there (`locksmith db upgrade` makes one beside it), or save what can be read with "
        "`sqlite3 FILE .recover`."
    ),
)
_SQLITE[sqlite3.SQLITE_CORRUPT] = DAMAGED
_SQLITE[sqlite3.SQLITE_NOTADB] = DAMAGED

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, _Told] = {
    "25006": ("is read-only", "Connect to the primary server. Nothing was changed."),
    "40P01": ("is busy with another change", "Try again. Nothing was changed."),
    "42501": ("refuses access", "Grant Locksmith's role what it needs. Nothing was changed."),
    "53100": ("has no room: the server's disk is full", "Make room there and try again."),
    "55P03": (
        "is locked by another process",
        "Wait until the other command is through, then try again. Nothing was changed.",
    ),
    "58030": ("can't be read or written", "Check the server's disk."),
    "XX001": ("is damaged", "Nothing was changed. Restore the server's newest backup."),
    "XX002": ("is damaged", "Nothing was changed. Restore the server's newest backup."),
}
_UNREACHABLE: _Told = (
    "can't be reached",
    (
        "Check the URL and the server. If this happened while something was being saved, look "
        "whether it was (`locksmith audit show`) before you try again."
    ),
)


def raise_told(error: StatementError, where: str) -> None:
    """Raise the StoreError that this error means; return where it is a bug of ours.

    A value that a column refused (a naive datetime) is raised as what it is. No parameter of the
    failing statement gets into a message.
    """
    if not isinstance(error, DBAPIError):
        if isinstance(error.orig, ValueError | TypeError):
            raise error.orig from error
        return
    told = _told(error)
    if told is not None:
        said, hint = told
        raise StoreError(f"the database {where} {said}", hint=hint) from error


def _told(error: DBAPIError) -> _Told | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; python 3.11 gives none where sqlite3 itself complains.
        code = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    state: str | None = getattr(cause, "sqlstate", None)
    if state in _POSTGRESQL:
        return _POSTGRESQL[state]
    if error.connection_invalidated or (
        state is None and type(cause).__name__ == "OperationalError"
    ):
        return _UNREACHABLE
    # Classes 08 connection, 28 password, 3D no such database, 57 server going down, 53 resources.
    return _UNREACHABLE if state and state[:2] in {"08", "28", "3D", "57", "53"} else None
