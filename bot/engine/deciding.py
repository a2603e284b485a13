"""The use cases that decide: approve, deny, snooze, go live."""

from dataclasses import dataclass
from datetime import datetime

from bot.engine.announcing import tell_live
from bot.engine.beginning import ask_at
from bot.engine.cards import cards_of
from bot.engine.codes import Checked
from bot.engine.core import refused
from bot.engine.inspecting import Inspecting
from bot.engine.standing import Standing
from bot.engine.views import ProposalView
from bot.errors import LocksmithError, RefusedError, StaleError
from bot.model import Actor, Plan, ProposalRecord, ProposalState, Risk, Verdict
from bot.store import accounts, executions, findings, proposals
from bot.store.accounts import AccountRecord
from bot.store.database import Transaction

_VERDICT_STATES = {
    Verdict.APPROVE: ProposalState.APPROVED,
    Verdict.DENY: ProposalState.DENIED,
    Verdict.SNOOZE: ProposalState.SNOOZED,
}


@dataclass(frozen=True, slots=True)
class Word:
    """One person's word on one digest, with what makes sure of it."""

    verdict: Verdict
    digest: str
    reason: str = ""
    until: datetime | None = None
    typed: str = ""
    code: str = ""


class Deciding(Inspecting):
    """Decisions on proposals; each binds to a digest and is logged, refusals too."""

    def approve(
        self, proposal_id: str, digest: str, actor: Actor, *, typed: str = "", code: str = ""
    ) -> ProposalView:
        """Say yes to exactly this digest. Raises RefusedError, StaleError, LostRaceError.

        From Slack an irreversible plan takes what `to_type` says, typed, and where codes are
        asked for a one-time `code`.
        """
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            self._require_live(tx, proposal.account)
        return self._decide(proposal, Word(Verdict.APPROVE, digest, typed=typed, code=code), actor)

    def deny(
        self, proposal_id: str, reason: str, actor: Actor, *, digest: str | None = None
    ) -> ProposalView:
        """Say no; remembered for this digest. Wins over an approval until the first intent."""
        proposal = self.proposal(proposal_id).proposal
        return self._decide(proposal, Word(Verdict.DENY, digest or proposal.digest, reason), actor)

    def snooze(
        self,
        proposal_id: str,
        until: datetime,
        reason: str,
        actor: Actor,
        *,
        digest: str | None = None,
    ) -> ProposalView:
        """Put the question off; after `until` a scan asks anew. Doing so again needs a reason."""
        proposal = self.proposal(proposal_id).proposal
        word = Word(Verdict.SNOOZE, digest or proposal.digest, reason, until)
        return self._decide(proposal, word, actor)

    def was_snoozed(self, proposal: ProposalRecord) -> bool:
        """Whether an earlier question about the same finding was put off."""
        with self._store.read() as tx:
            return _was_snoozed(tx, proposal)

    def go_live(self, account_id: str, actor: Actor) -> AccountRecord:
        """Confirm that Locksmith may change this account. It must have been scanned before.

        What waited for this is asked at once.
        """
        self._require_security(actor, "go live", account_id)
        with self._store.write() as tx:
            ask_at(tx, account_id, tx.now)
            record = accounts.go_live(tx, account_id, actor)
            tell_live(tx, account_id, record.live_since or tx.now)
            return record

    def require_reader(self, proposal_id: str, actor: Actor) -> None:
        """Raise RefusedError, and log it, for guests, strangers, bots and the deactivated.

        Only Slack is asked for it, never AWS.
        """
        objection = self.why_stranger(actor)
        if objection is not None:
            self._refuse(actor, "show", objection, proposal_id)

    def require_involved(self, proposal_id: str, actor: Actor) -> None:
        """Raise RefusedError, and log it, for people whom a question doesn't concern.

        It concerns whoever may decide about it or was sent a card, and those whose access it is.
        """
        proposal = self.proposal(proposal_id).proposal
        standing = self._standing(actor, proposal)
        objection = self._approvals.sees(proposal, standing)
        if objection is None or (standing.refusal is None and self._has_card(proposal, actor)):
            return
        with self._store.write() as tx:
            refused(tx, actor, "show", objection, account=proposal.account.id, subject=proposal.id)
        raise RefusedError(f"{proposal_id}: {objection}")

    def _has_card(self, proposal: ProposalRecord, actor: Actor) -> bool:
        reader = actor.name.rpartition("/")[2]
        with self._store.read() as tx:
            return any(each.recipient == reader for each in cards_of(tx, proposal.id))

    def require_decider(self, proposal_id: str, actor: Actor) -> None:
        """Raise RefusedError, and log it, for people with no right in this question."""
        proposal = self.proposal(proposal_id).proposal
        objection = self._approvals.exempts(proposal, self._standing(actor, proposal))
        if objection is not None:
            with self._store.write() as tx:
                _note(tx, proposal, Word(Verdict.APPROVE, proposal.digest), actor, objection)
            raise RefusedError(f"{proposal_id}: {objection}")

    def require_shown(self, proposal_id: str, digest: str, actor: Actor) -> None:
        """Raise StaleError, and log it, where the plan is no longer the one that was shown."""
        proposal = self.proposal(proposal_id).proposal
        if digest == proposal.digest:
            return
        objection = "the plan is no longer the one that was shown: its digest changed"
        with self._store.write() as tx:
            _note(tx, proposal, Word(Verdict.APPROVE, digest), actor, objection)
        raise StaleError(f"{proposal_id}: {objection}")

    def to_type(self, proposal: ProposalRecord) -> str:
        """What someone in Slack types to approve an irreversible plan: the thing's own name."""
        if not is_irreversible(proposal):
            return ""
        if proposal.finding_id is None:
            return proposal.subject
        resource = self.finding(proposal.finding_id).record.finding.resource
        named = resource.key.key_id if resource.key else None
        return named or resource.name

    def needs_code(self, proposal: ProposalRecord) -> bool:
        """Whether approving this in Slack takes a one-time code."""
        return self._confirming.codes is not None and is_irreversible(proposal)

    def _decide(self, proposal: ProposalRecord, word: Word, actor: Actor) -> ProposalView:
        standing = self._standing(actor, proposal)
        try:
            checked = self._confirmed(proposal, word, actor, standing)
        except RefusedError as error:
            with self._store.write() as tx:
                _note(tx, proposal, word, actor, str(error))
            raise
        objection = self._settle(proposal.id, word, actor, standing, checked)
        if objection is not None:
            raise objection
        return self.proposal(proposal.id)

    def _settle(
        self,
        proposal_id: str,
        word: Word,
        actor: Actor,
        standing: Standing,
        checked: Checked | None,
    ) -> LocksmithError | None:
        """Write the decision and its move, or the refusal; the error to raise, or None."""
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            objection = self._objection(tx, proposal, word, actor, standing)
            if objection is None and checked is not None:
                try:
                    checked.use(tx)
                except RefusedError as error:
                    objection = str(error)
            if objection is not None:
                _note(tx, proposal, word, actor, objection)
                kind = StaleError if word.digest != proposal.digest else RefusedError
                return kind(f"{proposal_id}: {objection}")
            proposals.decide(tx, proposal_id, word.digest, word.verdict, actor, word.reason)
            if word.verdict is Verdict.APPROVE and proposal.finding_id:
                findings.lift_hold(tx, proposal.finding_id, actor)
            self._move_by(tx, proposal, word, actor)
        return None

    def _objection(
        self,
        tx: Transaction,
        proposal: ProposalRecord,
        word: Word,
        actor: Actor,
        standing: Standing,
    ) -> str | None:
        """Why they may not say this, now or at all."""
        objection = self._approvals.objection(
            word.verdict,
            proposal,
            word.digest,
            actor,
            begun=_begun(tx, proposal),
            standing=standing,
        )
        if objection is None and self._repeats(tx, proposal, word, actor):
            objection = "you approved this already; it takes another person too"
        if objection is None and word.until is not None:
            objection = self._approvals.puts_off(
                standing,
                word.until - tx.now,
                reason=word.reason,
                again=_was_snoozed(tx, proposal),
            )
        return objection

    def _confirmed(
        self, proposal: ProposalRecord, word: Word, actor: Actor, standing: Standing
    ) -> Checked | None:
        """What someone in Slack adds to a yes to what is irreversible. Raises RefusedError."""
        asked = actor.kind == "slack" and word.verdict is Verdict.APPROVE
        if not asked or not is_irreversible(proposal) or standing.refusal is not None:
            return None
        if word.typed.strip() != self.to_type(proposal):
            raise RefusedError(
                f"{proposal.id}: this can't be undone, and what was typed is not "
                f"{self.to_type(proposal)}"
            )
        codes = self._confirming.codes
        return codes.check(self._store, actor.name.rpartition("/")[2], word.code) if codes else None

    def _repeats(self, tx: Transaction, proposal: ProposalRecord, word: Word, actor: Actor) -> bool:
        if word.verdict is not Verdict.APPROVE:
            return False
        person = self._approvals.people.person(actor)
        return any(
            one.verdict is Verdict.APPROVE
            and one.digest == word.digest
            and self._approvals.people.person(one.actor) == person
            for one in proposals.decisions(tx, proposal.id)
        )

    def _move_by(self, tx: Transaction, proposal: ProposalRecord, word: Word, actor: Actor) -> None:
        if word.verdict is Verdict.APPROVE and not self._approvals.is_complete(
            proposal, proposals.decisions(tx, proposal.id)
        ):
            return
        if proposal.state is ProposalState.EXECUTING:
            return  # whoever claimed it looks at the decisions again before the first change
        to = _VERDICT_STATES[word.verdict]
        why = f"{to} by {actor}" + (f": {word.reason}" if word.reason else "")
        changes = {} if word.until is None else {"snoozed_until": word.until}
        proposals.move(
            tx, proposal.id, expected=proposal.state, to=to, why=why, actor=actor, **changes
        )


def is_irreversible(proposal: ProposalRecord) -> bool:
    """Whether a step of its plan can't be undone."""
    return isinstance(proposal.plan, Plan) and proposal.plan.risk is Risk.IRREVERSIBLE


def _was_snoozed(tx: Transaction, proposal: ProposalRecord) -> bool:
    return proposal.finding_id is not None and proposals.snoozes_of(tx, proposal.finding_id) > 0


def _note(
    tx: Transaction, proposal: ProposalRecord, word: Word, actor: Actor, objection: str
) -> None:
    refused(
        tx,
        actor,
        word.verdict.value,
        objection,
        account=proposal.account.id,
        subject=proposal.id,
        digest=word.digest,
    )


def _begun(tx: Transaction, proposal: ProposalRecord) -> bool:
    """Whether a change of this proposal's execution was written down to be sent."""
    execution = executions.execution_of(tx, proposal.id)
    return execution is not None and bool(execution.steps)
