"""What counts once: requests of the chat workspace, and one-time codes; and the wrong ones."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from bot.store import tables
from bot.store.database import Transaction

#: Longer than Slack's signatures are good for (five minutes either way).
REMEMBERED = timedelta(minutes=15)
#: Longer than guessing is held against anyone.
_WRONG_REMEMBERED = timedelta(hours=1)


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


def note_wrong_code(tx: Transaction, person: str) -> None:
    """Remember that a code given for this person was wrong; what is an hour old is forgotten."""
    table = tables.wrong_code
    tx.connection.execute(delete(table).where(table.c.at < tx.now - _WRONG_REMEMBERED))
    tx.connection.execute(insert(table).values(person=person, at=tx.now))


def wrong_codes(tx: Transaction, person: str, most: int) -> list[datetime]:
    """When the last wrong codes for this person were given, up to `most`, the newest first."""
    table = tables.wrong_code
    wanted = (
        select(table.c.at)
        .where(table.c.person == person)
        .order_by(table.c.number.desc())
        .limit(most)
    )
    return list(tx.connection.execute(wanted).scalars())
