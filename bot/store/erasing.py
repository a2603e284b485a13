"""Erasing personal text: the audit chain still verifies, and no other table keeps it."""

from typing import Any

from sqlalchemy import ColumnElement, Table, Text, delete, select, type_coerce, update

from bot.model import Actor
from bot.store import tables
from bot.store.chain import ERASED
from bot.store.columns import to_json
from bot.store.database import Transaction

#: Where tables whose rows may change keep personal text.
_PERSONAL = (
    (tables.account, "live_by"),
    (tables.finding, "exempt_reason"),
    (tables.proposal, "why"),
    (tables.execution, "why"),
    (tables.execution, "actor"),
    (tables.execution, "actor_arn"),
    (tables.handover, "address"),
    (tables.handover, "said_by"),
    (tables.exemption_request, "reason"),
    (tables.exemption_request, "asked_by"),
    (tables.exemption_request, "answered_by"),
    (tables.freeze, "by"),
    (tables.freeze, "reason"),
    (tables.freeze, "ended_by"),
)
#: The same, where it stands within JSON: who is claimed to own a thing, and why someone is asked.
_PERSONAL_JSON = ((tables.proposal, "claims"), (tables.message, "data"))


def erase(tx: Transaction, text: str, actor: Actor) -> int:
    """Erase every personal text that contains `text`; the chain still verifies.

    Returns how many texts were erased; a JSON value counts once, however often it had the text.
    An owner whose address is erased can't be reached any more, so the next source is asked.
    """
    if not text:
        raise ValueError("an empty text would erase everything")
    texts = tables.person_text
    erased = tx.connection.execute(
        delete(texts).where(texts.c.text.contains(text, autoescape=True))
    ).rowcount
    for table, name in _PERSONAL:
        column = table.c[name]
        erased += tx.connection.execute(
            update(table).where(column.contains(text, autoescape=True)).values({name: ERASED})
        ).rowcount
    for table, name in _PERSONAL_JSON:
        erased += _erase_within(tx, table, name, text)
    tx.record("person.erased", actor=actor, data={"texts": erased})
    return erased


def _erase_within(tx: Transaction, table: Table, name: str, text: str) -> int:
    """Erase the texts within a JSON column, leaving all other values of it as they are."""
    written = to_json(text)[1:-1]  # as it stands within the column's own text
    column: ColumnElement[Any] = table.c[name]
    found = tx.connection.execute(
        select(table.c.number, column).where(
            type_coerce(column, Text).contains(written, autoescape=True)
        )
    ).all()
    erased = 0
    for number, value in found:
        without = _without(value, text)
        if without != value:
            tx.connection.execute(
                update(table).where(table.c.number == number).values({name: without})
            )
            erased += 1
    return erased


def _without(value: Any, text: str) -> Any:
    match value:
        case str():
            return ERASED if text in value else value
        case list():
            return [_without(each, text) for each in value]
        case dict():
            return {key: _without(each, text) for key, each in value.items()}
        case _:
            return value
