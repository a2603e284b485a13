"""A rule's yes: its decision, the move that follows, what the log says of it, and its end."""

from collections.abc import Mapping

from bot.engine.remediation import RemediationRule
from bot.model import Actor, Json, ProposalRecord, ProposalState, Verdict
from bot.store import proposals
from bot.store.database import Transaction

_LAPSING = Actor("locksmith", "clock")


def approve_as(
    tx: Transaction,
    rule: RemediationRule,
    proposal: ProposalRecord,
    said: str,
    event: str,
    *,
    data: Mapping[str, Json] | None = None,
    people: Mapping[str, str] | None = None,
) -> None:
    """Approve a proposal in a rule's name; `said` is its ground, logged as `event`.

    Whether the rule may is judged before, and by the executor again. Raises LostRaceError.
    """
    proposals.decide(tx, proposal.id, proposal.digest, Verdict.APPROVE, rule.actor, said)
    proposals.move(
        tx,
        proposal.id,
        expected=proposal.state,
        to=ProposalState.APPROVED,
        why=f"rule {rule.name}: {said}",
        actor=rule.actor,
    )
    tx.record(
        event,
        actor=rule.actor,
        account=proposal.account.id,
        subject=proposal.id,
        data={"digest": proposal.digest, "rule": rule.digest, **(data or {})},
        people=people,
    )


def let_lapse(tx: Transaction, proposal_id: str, why: str) -> None:
    """A rule's yes that was not carried out counts no more: the next look asks anew, with a grace.

    Raises LostRaceError where it is being carried out by now.
    """
    proposals.move(
        tx,
        proposal_id,
        expected=ProposalState.APPROVED,
        to=ProposalState.STALE,
        why=f"{why}: its owner is told again",
        actor=_LAPSING,
    )
