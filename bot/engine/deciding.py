"""The use cases that decide: approve, deny, snooze, exempt, go live, settle."""

from datetime import datetime

from bot.engine.inspecting import Inspecting
from bot.engine.views import FindingView, ProposalView
from bot.errors import RefusedError, StaleError
from bot.model import Actor, ProposalRecord, ProposalState, Verdict
from bot.store import accounts, executions, findings, proposals
from bot.store.accounts import AccountRecord
from bot.store.database import Transaction

_VERDICT_STATES = {
    Verdict.APPROVE: ProposalState.APPROVED,
    Verdict.DENY: ProposalState.DENIED,
    Verdict.SNOOZE: ProposalState.SNOOZED,
}


_WITHDRAWABLE = frozenset({ProposalState.PROPOSED, ProposalState.PENDING, ProposalState.APPROVED})


class Deciding(Inspecting):
    """Decisions on proposals and findings; each binds to a digest and is logged."""

    def approve(self, proposal_id: str, digest: str, actor: Actor) -> ProposalView:
        """Say yes to exactly this digest. Raises RefusedError, StaleError, LostRaceError."""
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            self._require_live(tx, proposal.account)
        return self._decide(proposal_id, Verdict.APPROVE, digest, actor, "")

    def deny(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        """Say no; remembered for this digest. Wins over an approval until the first intent."""
        digest = self.proposal(proposal_id).proposal.digest
        return self._decide(proposal_id, Verdict.DENY, digest, actor, reason)

    def snooze(self, proposal_id: str, until: datetime, reason: str, actor: Actor) -> ProposalView:
        """Put the question off; after `until` a scan asks anew."""
        digest = self.proposal(proposal_id).proposal.digest
        return self._decide(proposal_id, Verdict.SNOOZE, digest, actor, reason, until=until)

    def exempt(self, finding_id: str, reason: str, until: datetime, actor: Actor) -> FindingView:
        """Accept a violation until a day; it comes back by itself. Its open question is withdrawn.

        Raises RefusedError where its fix is being carried out, or the actor may not decide.
        """
        self._require_right(actor)
        with self._store.write() as tx:
            asked = proposals.open_proposal_for(tx, finding_id)
            if asked and asked.state not in _WITHDRAWABLE:
                raise RefusedError(
                    f"{finding_id} can't be exempted now: its fix {asked.id} is {asked.state}"
                )
            findings.exempt(tx, finding_id, reason, until, actor)
            if asked:
                proposals.move(
                    tx,
                    asked.id,
                    expected=asked.state,
                    to=ProposalState.CANCELLED,
                    why=f"exempt until {until:%Y-%m-%d}: {reason}",
                    actor=actor,
                )
        return self.finding(finding_id)

    def go_live(self, account_id: str, actor: Actor) -> AccountRecord:
        """Confirm that Locksmith may change this account. It must have been scanned before."""
        self._require_right(actor)
        with self._store.write() as tx:
            return accounts.go_live(tx, account_id, actor)

    def _require_right(self, actor: Actor) -> None:
        objection = self._approvals.stranger(actor)
        if objection is not None:
            raise RefusedError(objection)

    def _decide(
        self,
        proposal_id: str,
        verdict: Verdict,
        digest: str,
        actor: Actor,
        reason: str,
        *,
        until: datetime | None = None,
    ) -> ProposalView:
        objection: str | None = None
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            objection = self._approvals.objection(
                verdict, proposal, digest, actor, begun=_begun(tx, proposal)
            )
            if objection is not None:
                tx.record(
                    "decision.refused",
                    actor=actor,
                    account=proposal.account.id,
                    subject=proposal.id,
                    data={"verdict": verdict.value, "digest": digest, "why": objection},
                )
            else:
                proposals.decide(tx, proposal_id, digest, verdict, actor, reason)
                if verdict is Verdict.APPROVE and proposal.finding_id:
                    findings.lift_hold(tx, proposal.finding_id, actor)
                self._move_by(tx, proposal, verdict, actor, reason, until)
        if objection is not None:
            error = StaleError if digest != proposal.digest else RefusedError
            raise error(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def _move_by(
        self,
        tx: Transaction,
        proposal: ProposalRecord,
        verdict: Verdict,
        actor: Actor,
        reason: str,
        until: datetime | None,
    ) -> None:
        if verdict is Verdict.APPROVE and not self._approvals.is_complete(
            proposal, proposals.decisions(tx, proposal.id)
        ):
            return
        if proposal.state is ProposalState.EXECUTING:
            return  # whoever claimed it looks at the decisions again before the first change
        to = _VERDICT_STATES[verdict]
        why = f"{to} by {actor}" + (f": {reason}" if reason else "")
        changes = {} if until is None else {"snoozed_until": until}
        proposals.move(
            tx, proposal.id, expected=proposal.state, to=to, why=why, actor=actor, **changes
        )


def _begun(tx: Transaction, proposal: ProposalRecord) -> bool:
    """Whether a change of this proposal's execution was written down to be sent."""
    execution = executions.execution_of(tx, proposal.id)
    return execution is not None and bool(execution.steps)
