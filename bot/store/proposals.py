"""Proposals: made, and found again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, insert, select, update

from bot.model import (
    Account,
    Actor,
    Manual,
    Origin,
    OwnerClaim,
    Plan,
    ProposalRecord,
    ProposalState,
)
from bot.store import messages, tables
from bot.store.batches import batches
from bot.store.chain import NewEvent
from bot.store.database import Transaction
from bot.store.decisions import decide, decisions, denied_digests
from bot.store.ids import new_id
from bot.store.moving import Move, move, move_many
from bot.store.proposal_rows import get_proposal, query, records, values

__all__ = [
    "NewProposal", "propose_many",
    "get_proposal", "open_proposal_for", "open_proposals", "latest_proposals", "list_proposals",
    "snoozes_of", "claim_first",
    "Move", "move", "move_many",
    "decide", "decisions", "denied_digests",
]  # fmt: skip

_T = tables.proposal


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
    for some in batches(made):
        tx.connection.execute(insert(_T), [values(record) for record in some])
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
