"""Proposals: asking, and moving from state to state by compare-and-swap."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from bot.errors import LostRaceError, NotFoundError
from bot.model import (
    MOVES,
    Account,
    Actor,
    Manual,
    Origin,
    OwnerClaim,
    Plan,
    ProposalRecord,
    ProposalState,
)
from bot.store import audit, messages, tables
from bot.store.chain import NewEvent
from bot.store.database import Transaction
from bot.store.decisions import decide, decisions, denied_digests
from bot.store.ids import nearest, new_id
from bot.store.proposal_rows import query, records, values

__all__ = [
    "NewProposal", "propose_many",
    "get_proposal", "open_proposal_for", "open_proposals", "latest_proposals", "list_proposals",
    "snoozes_of", "claim_first",
    "Move", "move", "move_many",
    "decide", "decisions", "denied_digests",
]  # fmt: skip

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
class NewProposal:
    """A question to be asked. `undoes` is the execution that an undo takes back.

    `claims` is who owns the subject, by each source that knows, the first one first.
    """

    account: Account
    subject: str
    origin: Origin
    plan: Plan | Manual
    control: str
    finding_id: str | None
    undoes: str | None = None
    asked_before: int = 0
    claims: tuple[OwnerClaim, ...] = ()


def propose_many(tx: Transaction, new: Sequence[NewProposal], actor: Actor) -> list[ProposalRecord]:
    """Make these proposals, except where their subject has an open one; returns those made."""
    taken = _open_subjects(tx, {each.account.id for each in new})
    made: list[ProposalRecord] = []
    for each in new:
        if (each.account.id, each.subject) in taken:
            continue
        taken.add((each.account.id, each.subject))
        made.append(_record(each, tx.now))
    if not made:
        return []
    tx.connection.execute(insert(_T), [values(record) for record in made])
    tx.plans.update((record.id, record.plan) for record in made)
    tx.record_many([_proposed(record) for record in made], actor=actor)
    return made


def _open_subjects(tx: Transaction, account_ids: Collection[str]) -> set[tuple[str, str]]:
    rows = tx.connection.execute(
        select(_T.c.account_id, _T.c.subject).where(
            _T.c.account_id.in_(account_ids), _T.c.state.in_(tables.OPEN_STATES)
        )
    )
    return {(account_id, subject) for account_id, subject in rows}


def _record(new: NewProposal, now: datetime) -> ProposalRecord:
    return ProposalRecord(
        id=new_id("p"),
        account=new.account,
        subject=new.subject,
        origin=new.origin,
        state=ProposalState.PROPOSED,
        digest=new.plan.digest(),
        plan=new.plan,
        control=new.control,
        finding_id=new.finding_id,
        created_at=now,
        changed_at=now,
        undoes=new.undoes,
        asked_before=new.asked_before,
        claims=new.claims,
    )


def _proposed(record: ProposalRecord) -> NewEvent:
    return NewEvent(
        "proposal.proposed",
        record.account.id,
        record.id,
        {
            "control": record.control,
            "digest": record.digest,
            "finding": record.finding_id,
            "kind": "manual" if isinstance(record.plan, Manual) else "plan",
            "origin": record.origin.value,
            "undoes": record.undoes,
        },
    )


def get_proposal(tx: Transaction, proposal_id: str) -> ProposalRecord:
    """The proposal with this id. Raises NotFoundError that names the nearest ids."""
    found = records(tx, query().where(_T.c.id == proposal_id))
    if not found:
        known = tx.connection.execute(select(_T.c.id)).scalars()
        raise NotFoundError(f"there is no proposal {proposal_id}", hint=nearest(proposal_id, known))
    return found[0]


def open_proposal_for(tx: Transaction, finding_id: str) -> ProposalRecord | None:
    """The open proposal of a finding, or None; its undo counts, being the open question."""
    found = records(
        tx, query().where(_T.c.finding_id == finding_id, _T.c.state.in_(tables.OPEN_STATES))
    )
    return found[-1] if found else None


def open_proposals(tx: Transaction, account_id: str) -> list[ProposalRecord]:
    """Every open proposal of the account, oldest first."""
    return records(
        tx, query().where(_T.c.account_id == account_id, _T.c.state.in_(tables.OPEN_STATES))
    )


def latest_proposals(tx: Transaction, account_id: str) -> dict[str, ProposalRecord]:
    """The newest proposal, open or not, of each finding of the account, by finding id."""
    newest = (
        select(func.max(_T.c.number))
        .where(_T.c.account_id == account_id, _T.c.finding_id.is_not(None))
        .group_by(_T.c.finding_id)
    )
    return {
        record.finding_id: record
        for record in records(tx, query().where(_T.c.number.in_(newest)))
        if record.finding_id is not None
    }


def list_proposals(
    tx: Transaction, *, account: str | None = None, state: ProposalState | None = None
) -> list[ProposalRecord]:
    """Proposals that match every given word, oldest first."""
    wanted = query()
    if account is not None:
        wanted = wanted.where(_T.c.account_id == account)
    if state is not None:
        wanted = wanted.where(_T.c.state == state.value)
    return records(tx, wanted)


def about(tx: Transaction, account: str, subject: str) -> list[ProposalRecord]:
    """Every proposal about one thing in one account, whichever control asked, oldest first."""
    return records(tx, query().where(_T.c.account_id == account, _T.c.subject == subject))


def snoozes_of(tx: Transaction, finding_id: str) -> int:
    """How many questions about a finding were put off."""
    count: int = tx.connection.execute(
        select(func.count()).where(
            _T.c.finding_id == finding_id, _T.c.state == ProposalState.SNOOZED.value
        )
    ).scalar_one()
    return count


def claim_first(
    tx: Transaction, proposal: ProposalRecord, claim: OwnerClaim, actor: Actor
) -> ProposalRecord:
    """Put this claim before all others on who owns what an open question is about."""
    others = tuple(each for each in proposal.claims if each.source is not claim.source)
    made = replace(proposal, claims=(claim, *others))
    tx.connection.execute(
        update(_T)
        .where(_T.c.id == proposal.id)
        .values(claims=[dict(each.data()) for each in made.claims])
    )
    messages.retell(tx, [proposal.id])
    tx.record(
        "proposal.handed-over",
        actor=actor,
        account=proposal.account.id,
        subject=proposal.id,
        people={"owner": claim.address},
    )
    return made


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
