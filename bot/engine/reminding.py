"""What falls due about a question: reminders, escalation, and the end of waiting.

Each looks outside of transactions and then does its work in one, in which the due row is taken:
a doubled tick, or two processes, do it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.asking import NOTICE, REMINDER, Asker
from bot.engine.beginning import CLOCK
from bot.engine.cards import (
    ESCALATE,
    EXPIRE,
    REMIND,
    Question,
    cards_of,
    is_asked,
    pass_on,
    retime,
    tell_card,
)
from bot.engine.owners import Owned
from bot.model import (
    Json,
    MessageRecord,
    OwnerClaim,
    ProposalRecord,
    ProposalState,
)
from bot.store import dues, messages, proposals
from bot.store.database import Transaction
from bot.store.dues import Due
from bot.store.messages import NewMessage

#: Why the security group is asked beside an owner at once.
NOT_ENOUGH = "the way in which its owner is known is not enough to approve this"


@dataclass(frozen=True, slots=True)
class Reminding:
    """Reminds, escalates and ends questions. Every method raises DirectoryError."""

    asker: Asker

    def remind(self, due: Due) -> bool:
        """Remind the readers in their threads, in their working hours; whether it was done.

        Readers who left since are passed over, visibly, for whoever comes next. Of reminders that
        fell due while nobody looked, the last one is sent.
        """
        proposal = self._pending(due)
        if proposal is None:
            return self._drop(due)
        question = Question(proposal, self.asker.owners.resolve(proposal))
        zones = {each: self.asker.zone_of(each) for each in question.owned.recipients}
        with self.asker.store.write() as tx:
            if not self._take(tx, due):
                return False
            before = cards_of(tx, proposal.id)
            if pass_on(tx, question) and question.owned.passed_over:
                _say_passed_over(tx, before, question.owned)
            after = self.asker.rules.remind_after
            passed = sum(proposal.changed_at + each <= tx.now for each in after)
            self._remind_all(tx, before, zones, max(1, passed))
            if passed < len(after):
                dues.set_due(tx, REMIND, proposal.id, proposal.changed_at + after[passed])
        return True

    def escalate(self, due: Due) -> bool:
        """Ask the owner's manager or team too, or the security channel where none is known.

        They get so many questions a day as owners do; the rest comes on the next morning.
        """
        proposal = self._pending(due)
        if proposal is None:
            return self._drop(due)
        question, role, unanswered = self._above(proposal)
        readers = question.owned.recipients
        zones = {each: self.asker.zone_of(each) for each in readers}
        with self.asker.store.write() as tx:
            if not self._take(tx, due):
                return False
            before = cards_of(tx, proposal.id)
            fresh = set(readers) - {each.recipient for each in before}
            if not self._tell_all(tx, question, role, {each: zones[each] for each in fresh}):
                hours = self.asker.rules.hours
                morning = max(hours.morning_after(tx.now, zones[each]) for each in fresh)
                dues.set_due(tx, ESCALATE, proposal.id, morning)
                retime(tx, proposal)
                return False
            retime(tx, proposal)
            for card in before:
                if unanswered and card.recipient not in readers and is_asked(card):
                    _in_thread(tx, card, "escalated", {"to": list(readers), "role": role})
        return True

    def expire(self, due: Due) -> bool:
        """End a question that nobody answered; its cards lose their buttons."""
        with self.asker.store.write() as tx:
            if not dues.take(tx, due):
                return False
            proposal = proposals.get_proposal(tx, due.subject)
            dues.drop_all(tx, due.subject)
            if proposal.state is not ProposalState.PENDING:
                return False
            proposals.move(
                tx,
                proposal.id,
                expected=ProposalState.PENDING,
                to=ProposalState.EXPIRED,
                why=f"nobody answered in {self.asker.rules.deadline.days} days",
                actor=CLOCK,
            )
        return True

    def _pending(self, due: Due) -> ProposalRecord | None:
        with self.asker.store.read() as tx:
            proposal = proposals.get_proposal(tx, due.subject)
        return proposal if proposal.state is ProposalState.PENDING else None

    def _drop(self, due: Due) -> bool:
        """An answered question needs nothing more."""
        with self.asker.store.write() as tx:
            for kind in (REMIND, ESCALATE, EXPIRE):
                dues.drop_due(tx, kind, due.subject)
        return False

    @staticmethod
    def _take(tx: Transaction, due: Due) -> bool:
        still = proposals.get_proposal(tx, due.subject).state is ProposalState.PENDING
        return dues.take(tx, due) and still

    def _above(self, proposal: ProposalRecord) -> tuple[Question, str, bool]:
        """Whom to ask beside the owner, in which role, and whether since nobody answered.

        Where the owner may not approve, the security group is asked, whoever their manager is.
        """
        owners, channel = self.asker.owners, self.asker.security_channel
        owned = owners.resolve(proposal)
        may_approve = self.asker.may_approve(Question(proposal, owned))
        address = owners.manager(proposal) if may_approve else None
        readers, role = owners.recipients(address) if address else (), "manager"
        if not readers and channel:
            readers, role = (channel,), "security"
        why = f"unanswered since {proposal.changed_at:%Y-%m-%d}" if may_approve else NOT_ENOUGH
        because = f"{why}; {owned.claim.because}"
        claim = OwnerClaim(owned.claim.source, owned.claim.address, because)
        return Question(proposal, Owned(readers, claim, owned.passed_over)), role, may_approve

    def _tell_all(
        self, tx: Transaction, question: Question, role: str, zones: Mapping[str, str | None]
    ) -> bool:
        """Give these people cards, as many a day as they may get; False where one has enough."""
        hours, ration = self.asker.rules.hours, self.asker.ration
        days = {reader: hours.day_of(tx.now, zone) for reader, zone in zones.items()}
        if any(ration.room(tx, reader, day) == 0 for reader, day in days.items()):
            return False
        for reader, day in days.items():
            thread = ration.thread(tx, reader, day, 1)
            tell_card(tx, question, reader, role=role, thread=thread, day=day)
        return True

    def _remind_all(
        self,
        tx: Transaction,
        cards: list[MessageRecord],
        zones: Mapping[str, str | None],
        number: int,
    ) -> None:
        """Remind those who own the question now and had a card before."""
        for card in cards:
            if card.recipient not in zones or not is_asked(card):
                continue
            key = f"{REMINDER}:{card.proposal_id}:{card.recipient}:{number}"
            when = self.asker.rules.hours.next(tx.now, zones[card.recipient])
            data: dict[str, Json] = {"number": number, "deadline": card.data.get("deadline")}
            new = NewMessage(key, REMINDER, card.recipient, card.proposal_id, data, card.id, when)
            messages.tell(tx, new)


def _say_passed_over(tx: Transaction, before: list[MessageRecord], owned: Owned) -> None:
    """Say below the cards of owners who can't be reached any more who is asked instead."""
    data: dict[str, Json] = {
        "passed_over": list(owned.passed_over),
        "to": list(owned.recipients),
    }
    for card in before:
        if is_asked(card) and card.recipient not in owned.recipients:
            _in_thread(tx, card, "passed-over", data)


def _in_thread(tx: Transaction, card: MessageRecord, what: str, data: dict[str, Json]) -> None:
    key = f"{NOTICE}:{what}:{card.proposal_id}:{card.recipient}"
    new = NewMessage(key, NOTICE, card.recipient, card.proposal_id, {"what": what, **data}, card.id)
    messages.tell(tx, new)
