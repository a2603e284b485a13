"""What falls due about a question: reminders, escalation, and the end of waiting.

Each looks outside of transactions and then does its work in one, in which the due row is taken:
a doubled tick, or two processes, do it once.
"""

from bot.engine.asking import (
    CLOCK,
    ESCALATE,
    EXPIRE,
    NOTICE,
    REMIND,
    REMINDER,
    Asker,
    Question,
    cards_of,
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


class Reminding:
    """Reminds, escalates and ends questions. Every method raises DirectoryError."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._store = asker.store

    def remind(self, due: Due) -> bool:
        """Remind the readers in their threads, in their working hours; whether it was done.

        Readers who left since are passed over, visibly, for whoever comes next.
        """
        proposal = self._pending(due)
        if proposal is None:
            return self._drop(due)
        question = Question(proposal, self._asker.owners.resolve(proposal))
        with self._store.read() as tx:
            readers = [each.recipient for each in cards_of(tx, proposal.id)]
        zones = {each: self._asker.zone_of(each) for each in readers}
        with self._store.write() as tx:
            if not self._take(tx, due):
                return False
            self._move_on(tx, question, readers)
            number = self._remind_all(tx, proposal, question, zones)
            self._next_reminder(tx, proposal, number)
        return True

    def escalate(self, due: Due) -> bool:
        """Ask the owner's manager or team too, or the security channel where none is known."""
        proposal = self._pending(due)
        if proposal is None:
            return self._drop(due)
        owned = self._asker.owners.resolve(proposal)
        address = self._asker.owners.manager(proposal)
        readers = self._asker.owners.recipients(address) if address else ()
        role = "manager"
        if not readers and self._asker.security_channel:
            readers, role = (self._asker.security_channel,), "security"
        because = f"unanswered since {proposal.changed_at:%Y-%m-%d}; {owned.claim.because}"
        claim = OwnerClaim(owned.claim.source, owned.claim.address, because)
        question = Question(proposal, Owned(readers, claim, owned.passed_over))
        with self._store.write() as tx:
            if not self._take(tx, due):
                return False
            known = cards_of(tx, proposal.id)
            for reader in readers:
                self._asker.tell_card(tx, question, reader, role=role)
            for card in known:
                if card.recipient not in readers:
                    self._in_thread(tx, card, "escalated", {"to": list(readers), "role": role})
        return True

    def expire(self, due: Due) -> bool:
        """End a question that nobody answered; its cards lose their buttons."""
        with self._store.write() as tx:
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
                why=f"nobody answered in {self._asker.rules.deadline.days} days",
                actor=CLOCK,
            )
        return True

    def _pending(self, due: Due) -> ProposalRecord | None:
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, due.subject)
        return proposal if proposal.state is ProposalState.PENDING else None

    def _drop(self, due: Due) -> bool:
        """An answered question needs nothing more."""
        with self._store.write() as tx:
            for kind in (REMIND, ESCALATE, EXPIRE):
                dues.drop_due(tx, kind, due.subject)
        return False

    @staticmethod
    def _take(tx: Transaction, due: Due) -> bool:
        still = proposals.get_proposal(tx, due.subject).state is ProposalState.PENDING
        return dues.take(tx, due) and still

    def _move_on(self, tx: Transaction, question: Question, readers: list[str]) -> None:
        """Where the owner can't be reached any more, the next one is asked, visibly."""
        new = [each for each in question.owned.recipients if each not in readers]
        for reader in new:
            self._asker.tell_card(tx, question, reader)
        if not new:
            return
        data: dict[str, Json] = {"passed_over": list(question.owned.passed_over), "to": list(new)}
        for card in cards_of(tx, question.proposal.id):
            if card.recipient in readers:
                self._in_thread(tx, card, "passed-over", data)

    def _remind_all(
        self,
        tx: Transaction,
        proposal: ProposalRecord,
        question: Question,
        zones: dict[str, str | None],
    ) -> int:
        cards = [
            each
            for each in cards_of(tx, proposal.id)
            if each.recipient in zones
            and each.data.get("role") != "told"
            and each.recipient in question.owned.recipients
        ]
        number = 1 + max((_numbers(tx, proposal.id)), default=0)
        for card in cards:
            key = f"{REMINDER}:{proposal.id}:{card.recipient}:{number}"
            when = self._asker.rules.hours.next(tx.now, zones[card.recipient])
            data: dict[str, Json] = {"number": number, "deadline": card.data.get("deadline")}
            new = NewMessage(key, REMINDER, card.recipient, proposal.id, data, card.id, when)
            messages.tell(tx, new)
        return number

    def _next_reminder(self, tx: Transaction, proposal: ProposalRecord, number: int) -> None:
        after = self._asker.rules.remind_after
        if number < len(after):
            dues.set_due(tx, REMIND, proposal.id, proposal.changed_at + after[number])

    @staticmethod
    def _in_thread(tx: Transaction, card: MessageRecord, what: str, data: dict[str, Json]) -> None:
        key = f"{NOTICE}:{what}:{card.proposal_id}:{card.recipient}"
        new = NewMessage(
            key, NOTICE, card.recipient, card.proposal_id, {"what": what, **data}, card.id
        )
        messages.tell(tx, new)


def _numbers(tx: Transaction, proposal_id: str) -> list[int]:
    found = []
    for each in messages.messages_of(tx, proposal_id):
        number = each.data.get("number")
        if each.kind == REMINDER and isinstance(number, int):
            found.append(number)
    return found
