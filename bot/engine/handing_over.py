"""The use case of ownership: someone says whose a thing is."""

from bot.engine.core import refused
from bot.engine.exempting import Exempting
from bot.engine.owners import claim_of
from bot.engine.rules import OPERATOR, OWNER, SECURITY, TRUSTED_OWNER
from bot.engine.views import ProposalView
from bot.errors import RefusedError
from bot.model import Actor, Address, ProposalRecord
from bot.store import findings, handovers, proposals
from bot.store.handovers import Handover

_MAY = frozenset({OWNER, TRUSTED_OWNER, SECURITY, OPERATOR})


class HandingOver(Exempting):
    """Saying whose a thing is."""

    def hand_over(self, proposal_id: str, address: Address, actor: Actor) -> ProposalView:
        """Remember who owns what a question is about, from now on; for this question too.

        Anyone who was asked may say so, and it gives the new owner no more rights than a tag
        would, unless the security group says it. Raises RefusedError for strangers, and where the
        question is settled.
        """
        proposal = self.proposal(proposal_id).proposal
        standing = self._standing(actor, proposal)
        objection = standing.refusal
        if objection is None and not standing.capacities & _MAY:
            objection = "only those who were asked, or the security group, say whose this is"
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            if objection is None and not proposal.state.is_open:
                objection = f"it is {proposal.state} already"
            if objection is None and proposal.finding_id is None:
                objection = "this is about no finding"
            if objection is not None:
                refused(
                    tx,
                    actor,
                    "hand over",
                    objection,
                    account=proposal.account.id,
                    subject=proposal.id,
                )
            else:
                trusted = bool(standing.capacities & {SECURITY, OPERATOR})
                record = findings.get_finding(tx, proposal.finding_id or "")
                key = record.finding.resource.key
                unique_id = key.user_id if key else record.finding.resource.unique_id
                handovers.hand_over(
                    tx, proposal.account, unique_id, str(address), actor, trusted=trusted
                )
                word = Handover(str(address), str(actor), trusted, tx.now)
                proposals.claim_first(tx, proposal, claim_of(word), actor)
        if objection is not None:
            raise RefusedError(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def trusted_word(self, proposal: ProposalRecord) -> bool:
        """Whether it was the security group that handed over what a question is about."""
        if proposal.finding_id is None:
            return False
        with self._store.read() as tx:
            record = findings.get_finding(tx, proposal.finding_id)
            known = handovers.handovers(tx, record.account.id)
        key = record.finding.resource.key
        word = known.get(record.finding.resource.unique_id) or (
            known.get(key.user_id) if key else None
        )
        return word is not None and word.trusted
