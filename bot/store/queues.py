"""Questions that wait for an answer, and whom they wait for; plans are left out to be quick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from bot.model import Json, ProposalState, Severity
from bot.store import tables
from bot.store.database import Transaction
from bot.store.messages import NEVER_SENT

_P, _M, _F = tables.proposal, tables.message, tables.finding
_UNDECIDED = (ProposalState.PROPOSED.value, ProposalState.PENDING.value)


@dataclass(frozen=True, slots=True)
class Place:
    """One reader's place with a question: a card that was given, or that will be another day.

    `card` is what the card remembers; None for one that the reader will get once there is room.
    """

    reader: str
    card: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """A question that nobody has decided, and who has a place with it: none before it is asked."""

    proposal_id: str
    account_id: str
    severity: Severity | None
    since: datetime
    places: tuple[Place, ...]


def undecided(tx: Transaction, reader: str | None = None) -> list[Undecided]:
    """Every question that waits for an answer, or those with a place for `reader`; oldest first."""
    about = and_(_M.c.proposal_id == _P.c.id, _M.c.kind.in_(("card", NEVER_SENT)))
    if reader is not None:
        about = and_(about, _M.c.recipient == reader)
    rows = tx.connection.execute(
        select(
            _P.c.id, _P.c.account_id, _P.c.state, _P.c.created_at, _F.c.severity,
            _M.c.recipient, _M.c.kind, _M.c.data,
        )
        .select_from(
            _P.outerjoin(_F, _F.c.id == _P.c.finding_id).join(_M, about, isouter=reader is None)
        )
        .where(_P.c.state.in_(_UNDECIDED))
        .order_by(_P.c.number, _M.c.number)
    )  # fmt: skip
    found: dict[str, Undecided] = {}
    for row in rows:
        known = found.get(row.id)
        place = _place(row.recipient, row.kind, row.data, row.state)
        found[row.id] = Undecided(
            row.id,
            row.account_id,
            None if row.severity is None else Severity(row.severity),
            row.created_at,
            (*(known.places if known else ()), *place),
        )
    return list(found.values())


def _place(
    reader: str | None, kind: str | None, data: Mapping[str, Json], state: str
) -> tuple[Place, ...]:
    """A note on who will be asked means nothing any more once the question was asked."""
    if reader is None or (kind == NEVER_SENT and state != ProposalState.PROPOSED.value):
        return ()
    return (Place(reader, None if kind == NEVER_SENT else data),)


def ended_since(tx: Transaction, since: datetime) -> dict[ProposalState, int]:
    """How many questions ended at `since` or later, by how."""
    ended = [state.value for state in ProposalState if not state.is_open]
    rows = tx.connection.execute(
        select(_P.c.state, func.count())
        .where(_P.c.state.in_(ended), _P.c.changed_at >= since)
        .group_by(_P.c.state)
    )
    return {ProposalState(state): count for state, count in rows}
