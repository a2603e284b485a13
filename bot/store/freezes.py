"""The freeze: while one is in force, nothing is written to AWS."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.errors import FrozenError, RefusedError
from bot.model import Actor, Freeze
from bot.store import tables
from bot.store.database import Transaction

_T = tables.freeze
#: The kind of actor that a stop file is.
BY_FILE = "file"


def current_freeze(tx: Transaction) -> Freeze | None:
    """The freeze in force, or None. One by a file holds for as long as the file is there."""
    row = _open(tx)
    return by_file(tx) if row is None else _freeze(row)


def freeze_since(tx: Transaction, since: datetime) -> Freeze | None:
    """The freeze that began at this moment, whether it is in force or over; None for none."""
    row = tx.connection.execute(
        select(_T).where(_T.c.since == since).order_by(_T.c.number.desc())
    ).first()
    return None if row is None else _freeze(row)


def has_ended_since(tx: Transaction, since: datetime) -> bool:
    """Whether a freeze ended after this moment; one by a file leaves no row."""
    ended = select(_T.c.number).where(_T.c.ended_at > since).limit(1)
    return tx.connection.execute(ended).first() is not None


def freeze(tx: Transaction, reason: str, actor: Actor) -> Freeze:
    """Stop every write. Raises RefusedError where one is in force already."""
    row = _open(tx)
    if row is not None:
        standing = _freeze(row)
        raise RefusedError(
            f"writes are stopped already, by {standing.by} since {standing.since:%Y-%m-%d %H:%M} "
            "UTC" + (f": {standing.reason}" if standing.reason else "")
        )
    tx.connection.execute(
        insert(_T).values(since=tx.now, by_kind=actor.kind, by=actor.name, reason=reason)
    )
    tx.record("freeze.begun", actor=actor, people={"reason": reason})
    return Freeze(tx.now, actor, reason)


def unfreeze(tx: Transaction, actor: Actor) -> Freeze:
    """Let writes happen again. Raises RefusedError where none is stopped."""
    row = _open(tx)
    if row is None:
        standing = by_file(tx)
        if standing is not None:
            raise RefusedError(
                f"writes are stopped by {standing.by}", hint="Remove the file to let them go on."
            )
        raise RefusedError("nothing is stopped: writes are allowed already")
    tx.connection.execute(
        update(_T)
        .where(_T.c.number == row.number, _T.c.ended_at.is_(None))
        .values(ended_at=tx.now, ended_by_kind=actor.kind, ended_by=actor.name)
    )
    tx.record("freeze.ended", actor=actor, data={"since": row.since.isoformat()})
    standing = _freeze(row)
    return Freeze(standing.since, standing.by, standing.reason, tx.now, actor)


def refuse_if_frozen(tx: Transaction) -> None:
    """Raise FrozenError where writes are stopped: asked before every single write."""
    standing = current_freeze(tx)
    if standing is not None:
        raise FrozenError(
            f"writes are stopped by {standing.by} since {standing.since:%Y-%m-%d %H:%M} UTC"
            + (f": {standing.reason}" if standing.reason else ""),
            hint="`locksmith resume` lets them happen again; what people approved stays approved.",
        )


def by_file(tx: Transaction) -> Freeze | None:
    """The freeze that a file makes, or None. One that can't be looked at stops everything too."""
    path = tx.stop_file
    if path is None:
        return None
    actor = Actor(BY_FILE, str(path))
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Freeze(tx.now, actor, f"whether it is there can't be told: {error.strerror}")
    return Freeze(datetime.fromtimestamp(found.st_mtime, UTC), actor, "the file is there")


def _open(tx: Transaction) -> Row[Any] | None:
    return tx.connection.execute(
        select(_T).where(_T.c.ended_at.is_(None)).order_by(_T.c.number.desc())
    ).first()


def _freeze(row: Row[Any]) -> Freeze:
    ended_by = None if row.ended_by is None else Actor(row.ended_by_kind, row.ended_by)
    return Freeze(row.since, Actor(row.by_kind, row.by), row.reason, row.ended_at, ended_by)
