"""Rules that act: the owner is told first, and what nobody objects to in the grace is done.

A grace begins when a message has reached someone, not when it was written. Whatever changes in
between (the rule's words, the question, the owner) is seen here, and never silently: where a rule
may not act any more, the question becomes an ordinary one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.asking import Asker
from bot.engine.beginning import CLOCK, set_times
from bot.engine.cards import GRACE, cards_of, is_asked, retime
from bot.engine.grace_clock import GraceClock
from bot.engine.guardrails import rule_held, tell_hold
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.room import Limits
from bot.engine.rule_word import approve_as
from bot.engine.timetable import Timetable
from bot.model import (
    GraceRecord,
    MessageRecord,
    Occasion,
    ProposalRecord,
    ProposalState,
)
from bot.store import accounts, dues, graces, messages, proposals
from bot.store.database import Transaction
from bot.store.dues import Due

_LOOK = timedelta(minutes=1)  # between two looks whether a message has arrived
_UNREACHED = timedelta(days=2)  # until an owner that no message reaches is asked as usual
_HELD = timedelta(hours=1)  # between two looks where no time can be told


@dataclass(frozen=True, slots=True)
class RuleActing:
    """Looks at one grace when it falls due. `wake` is called after each look: there may be
    something to carry out, or to tell. Graces end at their turns of the `timetable`.
    """

    asker: Asker
    rules: RemediationRules
    limits: Limits
    clock: GraceClock
    wake: Callable[[], None] = lambda: None
    timetable: Timetable = field(default_factory=Timetable)

    def look(self, due: Due) -> bool:
        """Tell, wait, or approve in the rule's name; whether anything was done."""
        with self.asker.store.write() as tx:
            if not dues.take(tx, due):
                return False
            grace = graces.get_grace(tx, due.subject)
            proposal = proposals.get_proposal(tx, due.subject)
            if grace is None or grace.stopped or proposal.state is not ProposalState.PENDING:
                return False
            again = self._judged(tx, proposal, grace)
            if again is not None:
                dues.set_due(tx, GRACE, proposal.id, again)
        self.wake()
        return again is None

    def _judged(
        self, tx: Transaction, proposal: ProposalRecord, grace: GraceRecord
    ) -> datetime | None:
        """When to look again; None once the question is settled or asked as usual."""
        rule = self.rules.ruling(proposal).acts
        account = accounts.get_account(tx, proposal.account.id)
        if rule is None or account is None or account.mode != "live":
            name = grace.rule.partition("@")[0]
            ask_as_usual(tx, self.asker, proposal, f"the rule {name} is not in force for this now")
            return None
        if rule.actor.name != grace.rule:
            graces.begin_grace(tx, proposal.id, rule.actor.name, str(rule.grace), grace.zone)
            messages.retell(tx, [proposal.id])
            return tx.now + _LOOK
        if grace.until is None:
            return self._told(tx, proposal, grace, rule)
        until = self._ends(proposal, grace.until)
        if tx.now < until or not self.clock.counts(tx):
            return max(until, tx.now + _LOOK)
        held = rule_held(tx, self.limits, proposal, waiting=True)
        if held is not None:
            tell_hold(tx, self.asker.security_channel, held)
            return max(held.until or tx.now + _HELD, tx.now + _LOOK)
        self._approve(tx, proposal, grace, rule)
        return None

    def _told(
        self, tx: Transaction, proposal: ProposalRecord, grace: GraceRecord, rule: RemediationRule
    ) -> datetime | None:
        """Begin to count once a card has reached someone who may object."""
        cards = [each for each in cards_of(tx, proposal.id) if is_asked(each)]
        if not any(_has_arrived(each) for each in cards):
            if tx.now - grace.begun_at < _UNREACHED:
                return tx.now + _LOOK
            ask_as_usual(tx, self.asker, proposal, "no message has reached its owner")
            return None
        over = self.asker.rules.hours.after(rule.grace, tx.now, grace.zone)
        until = self._ends(proposal, over)
        graces.told(tx, proposal.id, until)
        messages.retell(tx, [proposal.id])
        tx.record(
            "grace.begun",
            actor=rule.actor,
            account=proposal.account.id,
            subject=proposal.id,
            data={"digest": proposal.digest, "rule": rule.digest, "until": until.isoformat()},
        )
        return until

    def _ends(self, proposal: ProposalRecord, over: datetime) -> datetime:
        return self.timetable.turn(Occasion.GRACES, proposal.id, over)

    def _approve(
        self, tx: Transaction, proposal: ProposalRecord, grace: GraceRecord, rule: RemediationRule
    ) -> None:
        said = f"nobody objected in {rule.grace} from {grace.told_at:%Y-%m-%d %H:%M} UTC"
        approve_as(tx, rule, proposal, said, "rule.approved")


def ask_as_usual(tx: Transaction, asker: Asker, proposal: ProposalRecord, why: str) -> None:
    """Let no rule act on a question: it is asked as any other from now on, which its cards say."""
    graces.stop_grace(tx, proposal.id, why)
    dues.drop_due(tx, GRACE, proposal.id)
    set_times(tx, proposal, asker.rules)
    retime(tx, proposal)
    tx.record(
        "grace.stopped",
        actor=CLOCK,
        account=proposal.account.id,
        subject=proposal.id,
        people={"why": why},
    )


def _has_arrived(card: MessageRecord) -> bool:
    """Whether people see this card as it is now."""
    return card.ts is not None and card.told >= card.wanted and not card.error
