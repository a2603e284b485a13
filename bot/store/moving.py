"""Proposals move from state to state by compare-and-swap: one wins, the others are told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, update

from bot.errors import LostRaceError
from bot.model import MOVES, Actor, ProposalRecord, ProposalState
from bot.store import audit, messages, tables
from bot.store.chain import NewEvent
from bot.store.database import Transaction
from bot.store.proposal_rows import get_proposal, query, records

_T = tables.proposal
_AT_ONCE = 500
_SAID = {
    ProposalState.PROPOSED: "waits for a decision",
    ProposalState.PENDING: "waits for a decision",
    ProposalState.EXECUTING: "is being carried out",
    ProposalState.VERIFYING: "was carried out, and its effect is being looked for",
    ProposalState.UNKNOWN: "was carried out, and what came of it is not known yet",
    ProposalState.NEEDS_HUMAN: "needs a person to look at it",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One move: only from a state in `expected`, and `why` for people to read."""

    proposal_id: str
    expected: Collection[ProposalState]
    to: ProposalState
    why: str
    snoozed_until: datetime | None = None


def move(
    tx: Transaction,
    proposal_id: str,
    *,
    expected: ProposalState | Collection[ProposalState],
    to: ProposalState,
    why: str,
    actor: Actor,
    snoozed_until: datetime | None = None,
) -> ProposalRecord:
    """Move one proposal, with its audit event, if it still is in an expected state.

    Raises LostRaceError that tells who did what when it no longer is, NotFoundError where there
    is none, and ValueError for a move that MOVES doesn't know: a bug.
    """
    # A state is text, and text is a collection too.
    states = {expected} if isinstance(expected, ProposalState) else set(expected)
    return move_many(tx, [Move(proposal_id, states, to, why, snoozed_until)], actor=actor)[0]


def move_many(tx: Transaction, moves: Sequence[Move], *, actor: Actor) -> list[ProposalRecord]:
    """Move many proposals, all or none; raises as `move` does."""
    if not moves:
        return []
    for each in moves:
        _refuse_unknown(each)
    before = {record.id: record for record in _by_ids(tx, [each.proposal_id for each in moves])}
    for each in moves:
        was = before.get(each.proposal_id) or get_proposal(tx, each.proposal_id)
        if was.state not in each.expected:
            raise lost_race(tx, was)
    moved = [_moved(before[each.proposal_id], each, tx.now) for each in moves]
    _swap(tx, before, moved)
    messages.retell(tx, [record.id for record in moved])
    tx.record_many(
        [
            NewEvent(
                "proposal.moved",
                record.account.id,
                record.id,
                {
                    "from": before[record.id].state.value,
                    "to": record.state.value,
                    "digest": record.digest,
                },
                {"why": record.why},
            )
            for record in moved
        ],
        actor=actor,
    )
    return moved


def _refuse_unknown(each: Move) -> None:
    unknown = [state for state in each.expected if each.to not in MOVES[state]]
    if unknown or not each.expected:
        raise ValueError(
            f"{each.proposal_id}: there is no move from "
            f"{', '.join(sorted(unknown)) or 'nowhere'} to {each.to}"
        )


def _moved(was: ProposalRecord, each: Move, now: datetime) -> ProposalRecord:
    until = was.snoozed_until if each.snoozed_until is None else each.snoozed_until
    return replace(was, state=each.to, changed_at=now, why=each.why, snoozed_until=until)


def _swap(
    tx: Transaction,
    before: Mapping[str, ProposalRecord],
    moved: Sequence[ProposalRecord],
) -> None:
    """Compare and swap: each row changes only if it still is in the state that was read."""
    swapped = tx.connection.execute(
        update(_T).where(_T.c.id == bindparam("moved_id"), _T.c.state == bindparam("was")),
        [
            {
                "moved_id": record.id,
                "was": before[record.id].state.value,
                "state": record.state.value,
                "changed_at": record.changed_at,
                "why": record.why,
                "snoozed_until": record.snoozed_until,
            }
            for record in moved
        ],
    )
    if swapped.rowcount != len(moved):
        ids = ", ".join(sorted(record.id for record in moved))
        raise LostRaceError(
            f"one of these was moved by someone else at the same time: {ids}",
            hint="Nothing was changed; look at them again.",
        )


def lost_race(tx: Transaction, now: ProposalRecord) -> LostRaceError:
    """The error that tells who moved the proposal before you could, when and why."""
    moved = [
        event
        for event in audit.events(tx, subject=now.id, limit=10)
        if event.event == "proposal.moved"
    ]
    who = f"{moved[-1].actor}, " if moved else ""
    return LostRaceError(
        f"{now.id} {_SAID.get(now.state, f'is {now.state} already')}"
        + (f": {now.why}" if now.why else "")
        + f" ({who}{now.changed_at:%Y-%m-%d %H:%M:%S} UTC)",
        hint=f"`locksmith plan {now.id}` shows what became of it.",
    )


def _by_ids(tx: Transaction, ids: Sequence[str]) -> Iterable[ProposalRecord]:
    for start in range(0, len(ids), _AT_ONCE):
        yield from records(tx, query().where(_T.c.id.in_(ids[start : start + _AT_ONCE])))
