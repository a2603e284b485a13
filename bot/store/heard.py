"""What people were told was received, until it was dealt with: no process takes it with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from bot.model import Json
from bot.store import tables
from bot.store.database import Transaction
from bot.store.leases import is_dead

_T = tables.heard
#: How long a process on another host, of which nobody knows whether it lives, has time.
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: `kind` and `name` say who deals with it, `body` is what that takes."""

    number: int
    kind: str
    name: str
    body: Mapping[str, Json]


def note(tx: Transaction, kind: str, name: str, body: Mapping[str, Json], holder: str) -> int:
    """Write a request down, which `holder` deals with; returns its number."""
    made = tx.connection.execute(
        insert(_T).values(
            kind=kind,
            name=name,
            body=dict(body),
            at=tx.now,
            holder=holder,
            until=tx.now + PATIENCE,
        )
    )
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def dealt_with(tx: Transaction, number: int, holder: str) -> None:
    """It was decided or refused, and that was told: forget it, unless it is another's by now."""
    tx.connection.execute(delete(_T).where(_T.c.number == number, _T.c.holder == holder))


def take_over(tx: Transaction, holder: str, at_work: Collection[int] = ()) -> list[Heard]:
    """What processes left that are gone, oldest first; from now on it is `holder`'s to deal with.

    So is what is `holder`'s already, but for what it is at work on. One on this host is gone when
    it no longer runs, one elsewhere when its time is over.
    """
    rows = tx.connection.execute(select(_T).order_by(_T.c.number)).all()
    left = [
        row
        for row in rows
        if (
            row.number not in at_work
            if row.holder == holder
            else _is_gone(row.holder, holder, late=row.until <= tx.now)
        )
    ]
    if left:
        tx.connection.execute(
            update(_T)
            .where(_T.c.number.in_([row.number for row in left]))
            .values(holder=holder, until=tx.now + PATIENCE)
        )
    return [Heard(row.number, row.kind, row.name, row.body) for row in left]


def forget_all(tx: Transaction) -> None:
    """After an older copy was restored nobody knows what became of these."""
    tx.connection.execute(delete(_T))


def _is_gone(other: str, holder: str, *, late: bool) -> bool:
    same_host = other.partition("/")[0] == holder.partition("/")[0]
    return is_dead(other) if same_host else late
