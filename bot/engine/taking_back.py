"""Proposing the undo of an execution: one way for people, for rules, and for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.remediation import RULE
from bot.engine.undoing import undo_plan
from bot.errors import RefusedError
from bot.model import (
    Actor,
    ExecutionRecord,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Verdict,
    digest,
)
from bot.store import executions, proposals
from bot.store.database import Transaction
from bot.store.proposals import NewProposal


def inverse_of(execution: ExecutionRecord, original: ProposalRecord) -> Plan | Manual:
    """What takes an execution back. Raises RefusedError where nothing does."""
    if execution.undone_by:
        raise RefusedError(f"{execution.id} was undone already by {execution.undone_by}")
    if not isinstance(original.plan, Plan):
        raise RefusedError(f"{original.id} was made by hand; undo it by hand")
    if original.plan.digest() != original.digest:
        raise RefusedError(
            f"the stored plan of {original.id} is not the one that was carried out",
            hint="Someone changed the database: CloudTrail tells what was done; undo it by hand.",
        )
    return undo_plan(execution, original.plan)


def propose_undo(tx: Transaction, execution: ExecutionRecord, actor: Actor) -> ProposalRecord:
    """Propose to take an execution back; a half-way one that needs a human is settled by this.

    Raises RefusedError where nothing holds that could be taken back, where it was taken back
    already, or where another question about the same thing is open.
    """
    original = proposals.get_proposal(tx, execution.proposal_id)
    plan = inverse_of(execution, original)
    if original.state is ProposalState.NEEDS_HUMAN:
        proposals.move(
            tx,
            original.id,
            expected=ProposalState.NEEDS_HUMAN,
            to=ProposalState.CANCELLED,
            why=f"{actor} asked to take back the steps that hold",
            actor=actor,
        )
    new = NewProposal(
        account=original.account,
        subject=original.subject,
        origin=Origin.UNDO,
        plan=plan,
        control=original.control,
        finding_id=original.finding_id,
        undoes=execution.id,
        claims=original.claims,
    )
    made = proposals.propose_many(tx, [new], actor)
    if not made:
        raise RefusedError(f"{original.subject} has an open proposal; decide that one first")
    return made[0]


@dataclass(frozen=True, slots=True)
class Reversal:
    """One execution of a span of time, and what would take it back.

    `plan` is None where nothing does any more, and `why` says so; advice for people has both.
    `undone` where it was taken back already.
    """

    execution: ExecutionRecord
    original: ProposalRecord
    plan: Plan | Manual | None
    why: str = ""

    @property
    def undone(self) -> bool:
        """Whether there is nothing left to do about it."""
        return self.execution.undone_by is not None

    @property
    def is_possible(self) -> bool:
        """Whether Locksmith can take it back."""
        return isinstance(self.plan, Plan)


def reversals(
    tx: Transaction, since: datetime, *, rule: str | None = None, account: str | None = None
) -> list[Reversal]:
    """What was begun since a moment and reached AWS, newest first, with what takes each back.

    `rule` is the name of the rule that approved it, whatever its words were then. Undos are left
    out: taking those back would carry the fixes out again.
    """
    found: list[Reversal] = []
    for execution in executions.list_executions(tx, account=account):
        original = proposals.get_proposal(tx, execution.proposal_id)
        if execution.started_at < since or not execution.steps or original.origin is Origin.UNDO:
            continue
        if rule is None or rule in _rules_behind(tx, original):
            found.append(_reversal(execution, original))
    return found


def digest_of(found: Sequence[Reversal]) -> str:
    """The digest of all that would be taken back, in this order, each by its own digest."""
    return digest(
        [[each.execution.id, each.plan.digest()] for each in found if isinstance(each.plan, Plan)]
    )


def _reversal(execution: ExecutionRecord, original: ProposalRecord) -> Reversal:
    try:
        plan = inverse_of(execution, original)
    except RefusedError as error:
        return Reversal(execution, original, None, str(error))
    return Reversal(execution, original, plan, plan.reason if isinstance(plan, Manual) else "")


def _rules_behind(tx: Transaction, original: ProposalRecord) -> frozenset[str]:
    return frozenset(
        said.actor.name.partition("@")[0]
        for said in proposals.decisions(tx, original.id)
        if said.actor.kind == RULE
        and said.verdict is Verdict.APPROVE
        and said.digest == original.digest
    )
