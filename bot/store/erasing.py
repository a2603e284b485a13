"""Erasing a person: the audit chain still verifies, and no other table keeps their names."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, delete, or_, select, type_coerce, update

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
    (tables.message, "error"),
    (tables.root_attestation, "by"),
    (tables.grace, "stopped"),
)
#: The same, where it stands within JSON: who is claimed to own a thing, and why someone is asked.
_PERSONAL_JSON = ((tables.proposal, "claims"), (tables.message, "data"), (tables.heard, "body"))
_AT_ONCE = 500


def erase(tx: Transaction, names: Collection[str], actor: Actor) -> int:
    """Erase every personal text that has one of these names in it; the chain still verifies.

    A name counts as a whole (`ann` isn't in `anna`, nor `ann@x.org` in `joann@x.org`), whatever its
    case. Returns how many texts were erased; a JSON value counts once, however often it had one.
    An owner whose address is erased can't be reached any more, so the next source is asked. What
    Slack shows of messages that they got is still kept true; others are not sent to them.
    """
    wanted = tuple(dict.fromkeys(names))
    if not all(name.strip() for name in wanted) or not wanted:
        raise ValueError("an empty name would erase everything")
    named = _Named(wanted)
    erased = _erase_from_log(tx, named)
    for table, column in _PERSONAL:
        erased += _erase_column(tx, table, column, named)
    for table, column in _PERSONAL_JSON:
        erased += _erase_within(tx, table, column, named)
    erased += _forget_reader(tx, wanted)
    tx.connection.execute(delete(tables.used_code).where(tables.used_code.c.person.in_(wanted)))
    tx.record("person.erased", actor=actor, data={"texts": erased})
    return erased


class _Named:
    """Whether a text has one of these names in it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        # What may stand in an address or a name may not stand beside one.
        self._pattern = re.compile(
            rf"(?<![\w@+-])(?<!\w\.)(?:{either})(?![\w@+-]|\.\w)", re.IGNORECASE
        )

    def is_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def may_be_in(
        self, column: ColumnElement[Any], *, escaped: bool = False
    ) -> ColumnElement[bool]:
        """What the database can tell: more than it is, never less but for letters beyond ASCII."""
        texts = [to_json(name)[1:-1] if escaped else name for name in self.names]
        return or_(
            *(column.contains(text, autoescape=True) for text in texts),
            *(column.icontains(text, autoescape=True) for text in texts),
        )

    def without(self, value: Any) -> Any:
        """The JSON value, its texts that name one of them erased, all else as it is."""
        match value:
            case str():
                return ERASED if self.is_in(value) else value
            case list():
                return [self.without(each) for each in value]
            case dict():
                return {key: self.without(each) for key, each in value.items()}
            case _:
                return value


def _erase_from_log(tx: Transaction, named: _Named) -> int:
    texts = tables.person_text
    rows = tx.connection.execute(
        select(texts.c.commitment, texts.c.text).where(named.may_be_in(texts.c.text))
    )
    gone = [row.commitment for row in rows if named.is_in(row.text)]
    for page in _pages(gone):
        tx.connection.execute(delete(texts).where(texts.c.commitment.in_(page)))
    return len(gone)


def _erase_column(tx: Transaction, table: Table, name: str, named: _Named) -> int:
    column: ColumnElement[Any] = table.c[name]
    found = tx.connection.execute(select(column).where(named.may_be_in(column)).distinct())
    erased = 0
    for page in _pages([text for (text,) in found if named.is_in(text)]):
        erased += tx.connection.execute(
            update(table).where(column.in_(page)).values({name: ERASED})
        ).rowcount
    return erased


def _erase_within(tx: Transaction, table: Table, name: str, named: _Named) -> int:
    """Erase the texts within a JSON column, leaving all other values of it as they are."""
    column: ColumnElement[Any] = table.c[name]
    found = tx.connection.execute(
        select(table.c.number, column).where(
            named.may_be_in(type_coerce(column, Text), escaped=True)
        )
    ).all()
    erased = 0
    for number, value in found:
        without = named.without(value)
        if without != value:
            tx.connection.execute(
                update(table).where(table.c.number == number).values({name: without})
            )
            erased += 1
    return erased


def _forget_reader(tx: Transaction, names: Sequence[str]) -> int:
    """Messages to them: what is posted stays true, what isn't is not sent any more."""
    table = tables.message
    to_them = table.c.recipient.in_(names)
    dropped = tx.connection.execute(delete(table).where(to_them, table.c.ts.is_(None))).rowcount
    rows = tx.connection.execute(select(table.c.number, table.c.id).where(to_them)).all()
    for number, id_ in rows:
        tx.connection.execute(
            update(table)
            .where(table.c.number == number)
            .values(recipient=ERASED, key=f"{ERASED}:{id_}")
        )
    named = _Named(names)
    others = tx.connection.execute(
        select(table.c.number, table.c.id, table.c.key).where(named.may_be_in(table.c.key))
    ).all()
    for number, id_, key in others:
        if named.is_in(key):
            tx.connection.execute(
                update(table).where(table.c.number == number).values(key=f"{ERASED}:{id_}")
            )
    return dropped + len(rows)


def _pages(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
