"""Moments that are remembered by name, such as when something was last counted or confirmed."""

from datetime import datetime

from sqlalchemy import insert, select, update

from bot.store import tables
from bot.store.database import Transaction

_T = tables.mark


def get_mark(tx: Transaction, name: str) -> datetime | None:
    """The moment of this name, or None."""
    at: datetime | None = tx.connection.execute(select(_T.c.at).where(_T.c.name == name)).scalar()
    return at


def set_mark(tx: Transaction, name: str, at: datetime) -> None:
    """Remember this moment in place of the one before."""
    changed = tx.connection.execute(update(_T).where(_T.c.name == name).values(at=at))
    if changed.rowcount == 0:
        tx.connection.execute(insert(_T).values(name=name, at=at))
