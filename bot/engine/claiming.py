"""From an approved proposal to a claimed one whose plan may be carried out."""

from collections.abc import Sequence

from bot.engine.attempt import Attempt
from bot.engine.harm import harm_behind
from bot.engine.ports import Ports
from bot.engine.undoing import undo_plan
from bot.errors import HeldError, ProtectedError, RefusedError, StaleError
from bot.model import (
    Actor,
    Decision,
    Plan,
    ProposalRecord,
    ProposalState,
    Verdict,
)
from bot.store import executions, proposals
from bot.store.database import Transaction
from bot.store.leases import Lease


def claim(ports: Ports, lease: Lease, proposal_id: str, actor: Actor) -> Attempt:
    """Move an approved proposal to executing, if nobody else did.

    Raises LostRaceError that says who did what, RefusedError where nobody has approved it,
    FrozenError while writes are stopped, and HeldError while a limit holds up what a rule approved.
    """
    with ports.store.write() as tx:
        proposal = proposals.get_proposal(tx, proposal_id)
        plan_of(proposal)
        ports.rails.refuse_if_frozen(tx)
        if proposal.state in (ProposalState.PROPOSED, ProposalState.PENDING):
            raise RefusedError(
                f"{proposal.id} is {proposal.state}: nobody has approved it yet",
                hint=f"`locksmith approve {proposal.id}` shows the plan and asks.",
            )
        is_approved = proposal.state is ProposalState.APPROVED
        held = ports.rails.hold(tx, proposal) if is_approved else None
        if held is None:
            claimed = proposals.move(
                tx,
                proposal.id,
                expected=ProposalState.APPROVED,
                to=ProposalState.EXECUTING,
                why=f"claimed by {actor}",
                actor=actor,
            )
            execution_id = executions.start_execution(tx, claimed, actor)
            return Attempt(ports, lease, actor, claimed, execution_id)
    raise HeldError(f"{proposal.id} waits: {held.why}")


def checked(attempt: Attempt) -> Plan:
    """The claimed plan, once everything that must hold before any step does.

    Raises StaleError, RefusedError or ProtectedError, with the proposal moved accordingly, and
    whatever reading AWS raises.
    """
    ports, proposal = attempt.ports, attempt.proposal
    with ports.store.read() as tx:
        decisions = proposals.decisions(tx, proposal.id)
        changed = tampered(tx, proposal, decisions)
        harmed = harm_behind(tx, proposal)
    if changed:
        attempt.refuse(ProposalState.STALE, StaleError(f"{proposal.id}: {changed}"))
    objection = ports.authorise(proposal, decisions, ports.clock(), harmed) or ports.recheck(
        proposal, decisions
    )
    if objection:
        attempt.refuse_unauthorised(objection, decisions)
    plan = plan_of(proposal)
    ports.confirm_account(plan.account)
    try:
        ports.rails.check_plan(plan, ports.read, undoing=proposal.undoes is not None)
    except ProtectedError as error:
        attempt.refuse(ProposalState.BLOCKED, error)
    return plan


def plan_of(proposal: ProposalRecord) -> Plan:
    """The proposal's plan. Raises RefusedError for advice, which people follow by hand."""
    if not isinstance(proposal.plan, Plan):
        raise RefusedError(
            f"{proposal.id} is made by hand: {proposal.plan.reason}",
            hint=f"`locksmith plan {proposal.id}` lists the steps; scan again when done.",
        )
    return proposal.plan


def tampered(
    tx: Transaction, proposal: ProposalRecord, decisions: Sequence[Decision]
) -> str | None:
    """Why what is stored is not what was approved, or None.

    An undo has rights of its own (it removes what Locksmith placed), so it must be exactly the
    inverse of the execution that it names.
    """
    changed = _not_as_approved(proposal, decisions)
    if changed is None and proposal.undoes:
        return _no_true_undo(tx, proposal)
    return changed


def _not_as_approved(proposal: ProposalRecord, decisions: Sequence[Decision]) -> str | None:
    digest = proposal.plan.digest()
    if digest != proposal.digest:
        return f"the stored plan has the digest {digest}, the proposal {proposal.digest}"
    if proposal.plan.account != proposal.account:
        return f"the plan is for account {proposal.plan.account.id}, not {proposal.account.id}"
    approved = {one.digest for one in decisions if one.verdict is Verdict.APPROVE}
    if approved and digest not in approved:
        return f"the digest that was approved is another one: {', '.join(sorted(approved))}"
    return None


def _no_true_undo(tx: Transaction, proposal: ProposalRecord) -> str | None:
    execution = executions.get_execution(tx, proposal.undoes or "")
    if execution.undone_by:
        return f"{execution.id} was undone already by {execution.undone_by}"
    original = proposals.get_proposal(tx, execution.proposal_id)
    changed = _not_as_approved(original, proposals.decisions(tx, original.id))
    if changed:
        return f"what {execution.id} did can't be told any more: {changed}"
    inverse = undo_plan(execution, plan_of(original))
    if inverse.digest() != proposal.digest:
        return f"it is not the undo of {execution.id}"
    return None
