"""The use cases of exemptions: accept a violation until a day, by two people where it is bad."""

from datetime import datetime

from bot.engine.cards import TELL_EXEMPTION
from bot.engine.core import refused
from bot.engine.deciding import Deciding
from bot.engine.views import FindingView, ProposalView
from bot.errors import RefusedError
from bot.model import Actor, FindingStatus, ProposalRecord, ProposalState, Severity
from bot.store import dues, exemptions, findings, graces, proposals
from bot.store.database import Transaction

_WITHDRAWABLE = frozenset({ProposalState.PROPOSED, ProposalState.PENDING, ProposalState.APPROVED})


class Exempting(Deciding):
    """Accepting violations for a while."""

    def exempt(self, finding_id: str, reason: str, until: datetime, actor: Actor) -> FindingView:
        """Accept a violation until a day; it comes back by itself. Its open question is withdrawn.

        For operators. Where others can be asked and it takes a second person, it is asked for on
        the finding's question, and the finding stays open until then. Raises RefusedError where
        its fix is being carried out, no question is open to ask on, or the actor may not decide.
        """
        self._require_security(actor, "exempt", finding_id)
        if self._takes_two(self.finding(finding_id).record.finding.severity):
            self.exempt_question(self.open_proposal(finding_id).id, reason, until, actor)
            return self.finding(finding_id)
        objection = None
        with self._store.write() as tx:
            try:
                _exempt(tx, finding_id, reason, until, actor)
            except RefusedError as error:  # it comes before anything is written
                objection, account = error, findings.get_finding(tx, finding_id).account.id
                refused(tx, actor, "exempt", str(error), account=account, subject=finding_id)
        if objection is not None:
            raise objection
        return self.finding(finding_id)

    def exempt_question(
        self, proposal_id: str, reason: str, until: datetime, actor: Actor
    ) -> ProposalView:
        """Accept the violation behind a question, or ask for it where that takes a second person.

        Raises RefusedError: for people whose own access it is, for a day too far away, for no
        reason, and where it takes two and one has asked already.
        """
        proposal = self.proposal(proposal_id).proposal
        standing = self._standing(actor, proposal)
        objection = self._approvals.exempts(proposal, standing) or self._unfit(until, reason)
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            objection = objection or _not_asked(tx, proposal)
            waiting = exemptions.waiting_request(tx, proposal_id)
            if objection is None and waiting is not None:
                objection = f"{waiting.by} asked for this already: confirm or refuse that"
            if objection is not None:
                refused(
                    tx,
                    actor,
                    "exempt",
                    objection,
                    account=proposal.account.id,
                    subject=proposal.id,
                )
            elif self._takes_two(proposal.severity):
                exemptions.request_exemption(tx, proposal, until, reason, actor)
                dues.set_due(tx, TELL_EXEMPTION, proposal.id, tx.now)
                graces.stop_grace(tx, proposal.id, "someone wants to keep it")
            else:
                _exempt(tx, proposal.finding_id or "", reason, until, actor)
        if objection is not None:
            raise RefusedError(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def answer_exemption(self, proposal_id: str, actor: Actor, *, granted: bool) -> ProposalView:
        """A second person's word on an exemption that someone asked for.

        Raises RefusedError where none waits, or the actor is the one who asked.
        """
        proposal = self.proposal(proposal_id).proposal
        standing = self._standing(actor, proposal)
        objection = self._approvals.confirms_exemption(proposal, standing)
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            request = exemptions.waiting_request(tx, proposal_id)
            if request is None:
                objection = objection or "no exemption waits for a second person"
            elif len(self._approvals.people.distinct((request.by, actor))) < 2 and granted:
                objection = objection or "you asked for it: another person must confirm it"
            elif granted:
                objection = objection or _not_asked(tx, proposal)
            if objection is not None or request is None:
                refused(
                    tx,
                    actor,
                    "answer exemption",
                    objection or "",
                    account=proposal.account.id,
                    subject=proposal.id,
                )
            else:
                state = "granted" if granted else "refused"
                exemptions.answer_request(tx, request, state, actor, proposal.account.id)
                if granted:
                    _exempt(tx, request.finding_id, request.reason, request.until, actor)
        if objection is not None:
            raise RefusedError(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def takes_two_to_exempt(self, proposal: ProposalRecord) -> bool:
        """Whether accepting this violation takes a second person."""
        return self._takes_two(proposal.severity)

    def _takes_two(self, severity: Severity | None) -> bool:
        bad = severity is None or severity.rank <= self._confirming.second_person.rank
        return bad and not self._approvals.alone

    def _unfit(self, until: datetime, reason: str) -> str | None:
        now, longest = self._clock(), self._confirming.longest_exemption
        if until <= now:
            return f"{until:%Y-%m-%d} has passed: choose a later day"
        if until - now > longest:
            return f"an exemption lasts {longest.days} days at most: choose an earlier day"
        return None if reason.strip() else "an exemption needs a reason that others can judge"


def _not_asked(tx: Transaction, proposal: ProposalRecord) -> str | None:
    if proposal.finding_id is None:
        return "this is about no finding: there is nothing to exempt"
    if proposal.state not in _WITHDRAWABLE:
        why = f" ({proposal.why})" if proposal.why else ""
        return f"it is {proposal.state} already{why}"
    if findings.get_finding(tx, proposal.finding_id).status is FindingStatus.RESOLVED:
        return f"{proposal.finding_id} is resolved: there is nothing to exempt"
    return None


def _exempt(tx: Transaction, finding_id: str, reason: str, until: datetime, actor: Actor) -> None:
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
