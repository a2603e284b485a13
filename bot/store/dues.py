"""What falls due, and when. A tick that is missed or doubled changes nothing: the row decides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from bot.store import tables
from bot.store.database import Transaction

_T = tables.due


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is to be done about a subject from a moment on."""

    kind: str
    subject: str
    at: datetime


def set_due(tx: Transaction, kind: str, subject: str, at: datetime) -> None:
    """Let this fall due at `at`, instead of when it would have."""
    changed = tx.connection.execute(
        update(_T).where(_T.c.kind == kind, _T.c.subject == subject).values(at=at)
    )
    if changed.rowcount == 0:
        tx.connection.execute(insert(_T).values(kind=kind, subject=subject, at=at))


def get_due(tx: Transaction, kind: str, subject: str) -> Due | None:
    """When this falls due, or None where it doesn't."""
    at = tx.connection.execute(
        select(_T.c.at).where(_T.c.kind == kind, _T.c.subject == subject)
    ).scalar()
    return None if at is None else Due(kind, subject, at)


def drop_due(tx: Transaction, kind: str, subject: str) -> None:
    """Let this not fall due."""
    tx.connection.execute(delete(_T).where(_T.c.kind == kind, _T.c.subject == subject))


def drop_all(tx: Transaction, subject: str) -> None:
    """Let nothing about this subject fall due."""
    tx.connection.execute(delete(_T).where(_T.c.subject == subject))


def due_now(tx: Transaction) -> list[Due]:
    """What has fallen due, longest ago first."""
    rows = tx.connection.execute(
        select(_T).where(_T.c.at <= tx.now).order_by(_T.c.at, _T.c.kind, _T.c.subject)
    )
    return [Due(row.kind, row.subject, row.at) for row in rows]


def take(tx: Transaction, due: Due) -> bool:
    """Take this away if it still is as it was read: whoever gets True does it."""
    taken = tx.connection.execute(
        delete(_T).where(_T.c.kind == due.kind, _T.c.subject == due.subject, _T.c.at == due.at)
    )
    return taken.rowcount == 1


def next_due(tx: Transaction) -> datetime | None:
    """When something falls due next, or None."""
    at: datetime | None = tx.connection.execute(select(func.min(_T.c.at))).scalar()
    return at


def all_due(tx: Transaction) -> list[Due]:
    """Everything that will fall due, soonest first."""
    rows = tx.connection.execute(select(_T).order_by(_T.c.at, _T.c.kind, _T.c.subject))
    return [Due(row.kind, row.subject, row.at) for row in rows]
