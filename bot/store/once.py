"""What counts once: requests of the chat workspace, and one-time codes."""

from datetime import timedelta

from sqlalchemy import delete, insert, select

from bot.store import tables
from bot.store.database import Transaction

#: Longer than Slack's signatures are good for (five minutes either way).
REMEMBERED = timedelta(minutes=15)


def admit(tx: Transaction, key: str) -> bool:
    """Whether this request is let in: True the first time, False for a replay."""
    table = tables.admitted
    tx.connection.execute(delete(table).where(table.c.at < tx.now - REMEMBERED))
    known = tx.connection.execute(select(table.c.key).where(table.c.key == key)).first()
    if known is not None:
        return False
    tx.connection.execute(insert(table).values(key=key, at=tx.now))
    return True


def use_code(tx: Transaction, person: str, step: int) -> bool:
    """Whether a person's one-time code of this time step counts: True the first time only."""
    table = tables.used_code
    tx.connection.execute(delete(table).where(table.c.person == person, table.c.step < step - 100))
    known = tx.connection.execute(
        select(table.c.step).where(table.c.person == person, table.c.step == step)
    ).first()
    if known is not None:
        return False
    tx.connection.execute(insert(table).values(person=person, step=step))
    return True
