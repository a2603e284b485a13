"""Asking people: whom, how many questions a day, and in which message.

Owners are looked up outside of transactions. Each owner's questions are written in one: the move
to pending, the cards, and what falls due. What was asked already is never asked twice, since a
card's key is the question and the reader.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.engine.hours import WorkingHours
from bot.engine.owners import Owned, Owners
from bot.errors import LostRaceError, NotFoundError
from bot.model import (
    Actor,
    Directory,
    DirectoryError,
    Json,
    MessageRecord,
    Origin,
    ProposalRecord,
    ProposalState,
)
from bot.store import accounts, dues, executions, messages, proposals
from bot.store.database import Store, Transaction
from bot.store.messages import NewMessage

CLOCK = Actor("locksmith", "clock")
ASK, REMIND, ESCALATE, EXPIRE = "ask", "remind", "escalate", "expire"
CARD, DIGEST, WAITING, NOTICE, REMINDER = "card", "digest", "waiting", "notice", "reminder"
_MILDEST = 9
_TWO_DAYS = timedelta(days=2)  # longer than any local day


@dataclass(frozen=True, slots=True)
class AskingRules:
    """How often and when people are asked; `bot.config.AskingSettings` says what each means."""

    few: int = 3
    per_day: int = 10
    deadline: timedelta = timedelta(days=14)
    remind_after: tuple[timedelta, ...] = tuple(timedelta(days=n) for n in (2, 5, 9))
    escalate_after: timedelta = timedelta(days=10)
    hours: WorkingHours = field(default_factory=WorkingHours)


@dataclass(slots=True)
class Asked:
    """What came of asking: ids of the questions asked, those that wait for another day, and why
    others could not be asked.
    """

    asked: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Question:
    """A proposal and who is to be asked about it."""

    proposal: ProposalRecord
    owned: Owned


class Asker:
    """Asks the owners of what a scan found."""

    def __init__(
        self,
        store: Store,
        owners: Owners,
        directory: Directory,
        rules: AskingRules,
        security_channel: str | None,
    ) -> None:
        self.store = store
        self.owners = owners
        self.directory = directory
        self.rules = rules
        self.security_channel = security_channel

    def ask(self, account_id: str) -> Asked:
        """Ask about every question of an account that nobody was asked about yet.

        Accounts in notify mode ask nobody: the security channel is told once that they wait for
        `locksmith go-live`. What Slack can't answer now is asked at the next call.
        """
        came = Asked()
        with self.store.read() as tx:
            account = accounts.get_account(tx, account_id)
            new = [
                each
                for each in proposals.open_proposals(tx, account_id)
                if each.state is ProposalState.PROPOSED and each.origin is not Origin.COMMAND
            ]
        if account is None or not new:
            return came
        if account.mode != "live":
            self._tell_of_notify_mode(account_id, len(new))
            return came
        for proposal in new:
            if proposal.origin is Origin.UNDO and self._ask_in_threads(proposal):
                came.asked.append(proposal.id)
        left = [each for each in new if each.id not in came.asked]
        for questions in self._by_readers(left, came):
            self._ask_readers(account_id, questions, came)
        return came

    def re_ask(self, proposal_id: str) -> tuple[str, ...]:
        """Ask whoever owns a pending question by now; earlier cards are told anew.

        Returns the new readers. Raises DirectoryError.
        """
        with self.store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
        question = Question(proposal, self.owners.resolve(proposal))
        with self.store.write() as tx:
            if proposals.get_proposal(tx, proposal_id).state is not ProposalState.PENDING:
                return ()
            known = {each.recipient for each in cards_of(tx, proposal_id)}
            new = tuple(each for each in question.owned.recipients if each not in known)
            for reader in new:
                self.tell_card(tx, question, reader)
            messages.retell(tx, [proposal_id])
        return new

    def zone_of(self, recipient: str) -> str | None:
        """The time zone of a person; None for a channel, and where Slack can't tell."""
        try:
            member = self.directory.member(recipient) if recipient[:1] in {"U", "W"} else None
        except DirectoryError:
            return None
        return member.zone if member else None

    def tell_card(
        self,
        tx: Transaction,
        question: Question,
        reader: str,
        *,
        role: str = "owner",
        thread: str | None = None,
        day: str = "",
    ) -> MessageRecord:
        """Give someone a card; `role` is owner, manager, security, or told, who decides nothing."""
        proposal, owned, rules = question.proposal, question.owned, self.rules
        data: dict[str, Json] = {
            "owner_source": owned.claim.source.value,
            "because": owned.claim.because,
            "passed_over": list(owned.passed_over),
            "role": role,
            "deadline": (tx.now + rules.deadline).isoformat(),
            "escalates": (tx.now + rules.escalate_after).isoformat(),
            "number_asked": proposal.asked_before,
            "day": day,
        }
        new = NewMessage(f"{CARD}:{proposal.id}:{reader}", CARD, reader, proposal.id, data, thread)
        return messages.tell(tx, new)

    def _by_readers(self, new: Sequence[ProposalRecord], came: Asked) -> Iterable[list[Question]]:
        """Questions by who is asked, each owner's worst and oldest first."""
        groups: dict[tuple[str, ...], list[Question]] = defaultdict(list)
        for proposal in sorted(new, key=_worst_first):
            try:
                owned = self.owners.resolve(proposal)
            except DirectoryError as error:
                came.problems.append(f"{proposal.id} was not asked: {error}")
                continue
            if owned.recipients:
                groups[owned.recipients].append(Question(proposal, owned))
            else:
                came.problems.append(f"{proposal.id} was not asked: {owned.claim.because}")
        return list(groups.values())

    def _ask_readers(self, account_id: str, questions: list[Question], came: Asked) -> None:
        """Ask the same readers as many questions as they may get today, in one transaction."""
        readers = questions[0].owned.recipients
        zone = self.zone_of(readers[0])
        with self.store.write() as tx:
            day = self.rules.hours.day_of(tx.now, zone)
            room = min(self.rules.per_day - self._asked_on(tx, each, day) for each in readers)
            now, later = questions[: max(room, 0)], questions[max(room, 0) :]
            threads = {each: self._digest(tx, each, day, len(now)) for each in readers}
            for question in now:
                if not self._begin(tx, question.proposal):
                    continue
                came.asked.append(question.proposal.id)
                for reader in readers:
                    self.tell_card(tx, question, reader, thread=threads[reader], day=day)
                for reader in question.owned.told:
                    self.tell_card(tx, question, reader, role="told")
            for question in later:
                came.waiting.append(question.proposal.id)
                for reader in readers:
                    self._note_waiting(tx, question.proposal, reader)
            if later:
                morning = self.rules.hours.morning_after(tx.now, zone)
                known = dues.get_due(tx, ASK, account_id)
                if known is None or known.at > morning:
                    dues.set_due(tx, ASK, account_id, morning)

    def _ask_in_threads(self, proposal: ProposalRecord) -> bool:
        """Ask about an undo where the original was asked; False where it never was."""
        with self.store.write() as tx:
            try:
                original = executions.get_execution(tx, proposal.undoes or "").proposal_id
            except NotFoundError:
                return False
            cards = [each for each in cards_of(tx, original) if each.data.get("role") != "told"]
            if not cards or not self._begin(tx, proposal):
                return False
            for card in cards:
                new = NewMessage(
                    f"{CARD}:{proposal.id}:{card.recipient}",
                    CARD,
                    card.recipient,
                    proposal.id,
                    {**card.data, "deadline": (tx.now + self.rules.deadline).isoformat()},
                    card.id,
                )
                messages.tell(tx, new)
        return True

    def _begin(self, tx: Transaction, proposal: ProposalRecord) -> bool:
        """Move a question to pending and set what falls due; False where someone was faster."""
        try:
            proposals.move(
                tx,
                proposal.id,
                expected=ProposalState.PROPOSED,
                to=ProposalState.PENDING,
                why="its owner was asked",
                actor=CLOCK,
            )
        except LostRaceError:
            return False
        if self.rules.remind_after:
            dues.set_due(tx, REMIND, proposal.id, tx.now + self.rules.remind_after[0])
        dues.set_due(tx, ESCALATE, proposal.id, tx.now + self.rules.escalate_after)
        dues.set_due(tx, EXPIRE, proposal.id, tx.now + self.rules.deadline)
        return True

    def _asked_on(self, tx: Transaction, reader: str, day: str) -> int:
        recent = messages.messages_to(tx, reader, CARD, since=tx.now - _TWO_DAYS)
        return sum(each.data.get("day") == day for each in recent)

    def _digest(self, tx: Transaction, reader: str, day: str, more: int) -> str | None:
        """The digest in whose thread today's cards go, or None while there are few."""
        known = messages.by_key(tx, f"{DIGEST}:{reader}:{day}")
        if known is None:
            few = messages.open_cards(tx, reader) + more <= self.rules.few
            if few or not more:
                return None
            known = messages.tell(
                tx, NewMessage(f"{DIGEST}:{reader}:{day}", DIGEST, reader, data={"day": day})
            )
        return known.id

    @staticmethod
    def _note_waiting(tx: Transaction, proposal: ProposalRecord, reader: str) -> None:
        """Remember who will be asked, for their Home; it is never sent."""
        key = f"{WAITING}:{proposal.id}:{reader}"
        messages.tell(tx, NewMessage(key, WAITING, reader, proposal.id))

    def _tell_of_notify_mode(self, account_id: str, count: int) -> None:
        if self.security_channel is None:
            return
        data: dict[str, Json] = {"what": "notify-mode", "account": account_id, "questions": count}
        with self.store.write() as tx:
            key = f"{NOTICE}:notify-mode:{account_id}"
            messages.tell(tx, NewMessage(key, NOTICE, self.security_channel, data=data))


def cards_of(tx: Transaction, proposal_id: str) -> list[MessageRecord]:
    """The cards about a question, oldest first."""
    return [each for each in messages.messages_of(tx, proposal_id) if each.kind == CARD]


def _worst_first(proposal: ProposalRecord) -> tuple[int, str, str]:
    rank = _MILDEST if proposal.severity is None else proposal.severity.rank
    return rank, proposal.created_at.isoformat(), proposal.id
