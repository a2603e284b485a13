"""Asking people: whom, how many questions a day, and in which message.

Owners are looked up outside of transactions. Each owner's questions are written in one: the move
to pending, the cards, and what falls due. What was asked already is never asked twice, since a
card's key is the question and the reader.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.engine.announcing import tell_notify_mode
from bot.engine.beginning import CLOCK, AskingRules, ask_at, begin, escalate_now
from bot.engine.cards import (
    ASK,
    CARD,
    ESCALATE,
    EXPIRE,
    GRACE,
    NOTICE,
    REMIND,
    Question,
    cards_of,
    is_asked,
    pass_on,
    tell_card,
    tell_in_threads,
)
from bot.engine.owners import Owners
from bot.engine.rationing import DIGEST, WAITING, Ration, note_waiting
from bot.engine.remediation import RemediationRules, Ruling
from bot.errors import NotFoundError
from bot.model import (
    Directory,
    DirectoryBusyError,
    DirectoryError,
    Origin,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    ProposalState,
    RemediationMode,
    Severity,
)
from bot.store import accounts, dues, executions, messages, proposals
from bot.store.database import Store, Transaction

__all__ = [
    "CARD", "DIGEST", "WAITING", "NOTICE", "REMINDER", "ASK", "REMIND", "ESCALATE", "EXPIRE",
    "GRACE",
    "CLOCK", "Asked", "Asker", "AskingRules",
]  # fmt: skip

REMINDER = "reminder"
_MILDEST = 9
#: Until questions are asked whose owners Slack could not tell, or takes no more look-ups for.
_SOON, _NEXT = timedelta(minutes=15), timedelta(minutes=1)
#: Look-ups that fail in a row until Slack is taken for silent: each can take its whole time limit.
_SILENT = 3


#: Whether an owner by this claim may approve this; asked outside of transactions.
OwnerApproves = Callable[[ProposalRecord, OwnerClaim], bool]


@dataclass(slots=True)
class Asked:
    """What came of asking: ids of the questions asked, those that wait for another day, and why
    others could not be asked.
    """

    asked: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Asker:
    """Asks the owners of what a scan found.

    `owners` and `directory` are asked about everyone, and may want that to wait; `quick` answers
    where a person waits for it.
    """

    def __init__(
        self,
        store: Store,
        owners: Owners,
        directory: Directory,
        rules: AskingRules,
        security_channel: str | None,
        owner_approves: OwnerApproves = lambda _proposal, _claim: True,
        remediation: RemediationRules | None = None,
        quick: Owners | None = None,
    ) -> None:
        self.store = store
        self.owners = owners
        self.directory = directory
        self.quick = quick or owners
        self.rules = rules
        self.security_channel = security_channel
        self._owner_approves = owner_approves
        self.remediation = remediation or RemediationRules()
        self.ration = Ration(rules.few, rules.per_day)

    def ask(self, account_id: str, only: Collection[Severity] | None = None) -> Asked:
        """Ask about every question of an account that nobody was asked about yet.

        Where `only` names severities, other findings wait; undos don't.

        Where the rules say off, nobody is told; where they say notify, its owner is told once.
        Accounts in notify mode ask nobody: the security channel is told once that they wait for
        `locksmith go-live`. What Slack can't answer now falls due again soon.
        """
        came = Asked()
        with self.store.read() as tx:
            account = accounts.get_account(tx, account_id)
            new = [
                each
                for each in proposals.open_proposals(tx, account_id)
                if each.state is ProposalState.PROPOSED
                and each.origin is not Origin.COMMAND
                and (only is None or each.origin is Origin.UNDO or each.severity in only)
                and self._is_told(tx, each)
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
        by_readers, again = self._by_readers(left, came)
        for questions in by_readers:
            self._ask_readers(account_id, questions, came)
        if again is not None:
            with self.store.write() as tx:
                ask_at(tx, account_id, tx.now + again)
        return came

    def re_ask(self, proposal_id: str) -> tuple[str, ...]:
        """Ask whoever owns a pending question by now; earlier cards are told anew.

        Returns the new readers. Raises DirectoryError.
        """
        with self.store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
        question = Question(proposal, self.quick.resolve(proposal))
        may_approve = self.may_approve(question)
        with self.store.write() as tx:
            if proposals.get_proposal(tx, proposal_id).state is not ProposalState.PENDING:
                return ()
            new = pass_on(tx, question)
            if not may_approve:
                escalate_now(tx, proposal_id)
            messages.retell(tx, [proposal_id])
        return new

    def may_approve(self, question: Question) -> bool:
        """Whether those who are asked may approve. Never call it in a transaction."""
        claim = question.owned.claim
        return claim.source is OwnerSource.SECURITY or self._owner_approves(
            question.proposal, claim
        )

    def zone_of(self, recipient: str) -> str | None:
        """The time zone of a person; None for a channel, and where Slack can't tell."""
        try:
            member = self.directory.member(recipient) if recipient[:1] in {"U", "W"} else None
        except DirectoryError:
            return None
        return member.zone if member else None

    def _by_readers(
        self, new: Sequence[ProposalRecord], came: Asked
    ) -> tuple[Iterable[list[Question]], timedelta | None]:
        """Questions by who is asked, the worst and oldest first; after what time the rest is."""
        groups: dict[tuple[str, ...], list[Question]] = defaultdict(list)
        again, in_a_row, busy = None, 0, 0
        for proposal in sorted(new, key=_worst_first):
            try:
                owned = self.owners.resolve(proposal)
            except DirectoryBusyError:
                busy += 1  # others may be about owners who are known already
                continue
            except DirectoryError as error:
                came.problems.append(f"{proposal.id} was not asked: {error}")
                again, in_a_row = _SOON, in_a_row + 1
                if in_a_row == _SILENT:
                    break
                continue
            in_a_row = 0
            if owned.recipients:
                groups[owned.recipients].append(Question(proposal, owned))
            else:
                came.problems.append(f"{proposal.id} was not asked: {owned.claim.because}")
        if busy:
            came.problems.append(f"{busy} questions wait until Slack takes more look-ups")
        return groups.values(), again or (_NEXT if busy else None)

    def _ask_readers(self, account_id: str, questions: list[Question], came: Asked) -> None:
        """Ask the same readers as many questions as they may get today, in one transaction."""
        readers = questions[0].owned.recipients
        zones = {each: self.zone_of(each) for each in readers}
        unable = {each.proposal.id for each in questions if not self.may_approve(each)}
        with self.store.write() as tx:
            days = {each: self.rules.hours.day_of(tx.now, zones[each]) for each in readers}
            room = min(self.ration.room(tx, each, days[each]) for each in readers)
            now, later = questions[:room], questions[room:]
            threads = {each: self.ration.thread(tx, each, days[each], len(now)) for each in readers}
            for question in now:
                ruling = self.remediation.ruling(question.proposal)
                notified = ruling.mode is RemediationMode.NOTIFY
                if not notified and not begin(tx, question.proposal, ruling, self.rules, zones):
                    continue
                came.asked.append(question.proposal.id)
                if question.proposal.id in unable and dues.get_due(
                    tx, ESCALATE, question.proposal.id
                ):
                    escalate_now(tx, question.proposal.id)
                role = "notified" if notified else None
                for reader in readers:
                    tell_card(
                        tx, question, reader, role=role, thread=threads[reader], day=days[reader]
                    )
                for reader in question.owned.told:
                    tell_card(tx, question, reader, role="told")
                if not notified:
                    self._tell_security(tx, question)
            for question in later:
                came.waiting.append(question.proposal.id)
                note_waiting(tx, question.proposal.id, readers)
            if later:
                mornings = [self.rules.hours.morning_after(tx.now, zones[each]) for each in readers]
                ask_at(tx, account_id, min(mornings))

    def _tell_security(self, tx: Transaction, question: Question) -> None:
        """Ask the security channel beside the owner, where the control is one that it hears of."""
        why = self.rules.security_hears.get(question.proposal.control or "")
        channel, owned = self.security_channel, question.owned
        if why and channel is not None and channel not in owned.recipients:
            claim = replace(owned.claim, because=why)
            beside = Question(question.proposal, replace(owned, claim=claim))
            tell_card(tx, beside, channel, role="security")

    def _ask_in_threads(self, proposal: ProposalRecord) -> bool:
        """Ask about an undo where the original was asked; False where it never was."""
        with self.store.write() as tx:
            try:
                original = executions.get_execution(tx, proposal.undoes or "").proposal_id
            except NotFoundError:
                return False
            cards = [each for each in cards_of(tx, original) if is_asked(each)]
            if not cards or not begin(tx, proposal, Ruling(RemediationMode.ASK), self.rules):
                return False
            tell_in_threads(tx, proposal, cards)
        return True

    def _is_told(self, tx: Transaction, proposal: ProposalRecord) -> bool:
        """Whether anyone is to be told of a new question; who was notified is so once."""
        mode = self.remediation.ruling(proposal).mode
        if mode is RemediationMode.NOTIFY:
            return not cards_of(tx, proposal.id)
        return mode is not RemediationMode.OFF

    def _tell_of_notify_mode(self, account_id: str, count: int) -> None:
        if self.security_channel is None:
            return
        with self.store.write() as tx:
            tell_notify_mode(tx, account_id, self.security_channel, count)


def _worst_first(proposal: ProposalRecord) -> tuple[int, str, str]:
    rank = _MILDEST if proposal.severity is None else proposal.severity.rank
    return rank, proposal.created_at.isoformat(), proposal.id
