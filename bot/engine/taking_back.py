"""Proposing the undo of an execution: one way for people, for rules, and for many at once."""

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
)
from bot.store import proposals
from bot.store.database import Transaction
from bot.store.proposals import NewProposal


def inverse_of(execution: ExecutionRecord, original: ProposalRecord) -> Plan | Manual:
    """What takes an execution back. Raises RefusedError where nothing does."""
    if execution.undone_by:
        raise RefusedError(f"{execution.id} was undone already by {execution.undone_by}")
    if not isinstance(original.plan, Plan):
        raise RefusedError(f"{original.id} was made by hand; undo it by hand")
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
