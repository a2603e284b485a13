"""A question begins: it is pending from then on, and what is to come of it falls due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.cards import ASK, ESCALATE, EXPIRE, GRACE, REMIND
from bot.engine.hours import WorkingHours
from bot.engine.remediation import Ruling
from bot.errors import LostRaceError
from bot.model import Actor, ProposalRecord, ProposalState
from bot.store import dues, graces, proposals
from bot.store.database import Transaction

CLOCK = Actor("locksmith", "clock")
#: Until it is looked whether an owner's message has arrived, where a rule is to act.
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AskingRules:
    """How often and when people are asked; `bot.config.AskingSettings` says what each means.

    `security_hears` says by control why the security channel is asked beside the owner at once.
    """

    few: int = 3
    per_day: int = 10
    deadline: timedelta = timedelta(days=14)
    remind_after: tuple[timedelta, ...] = tuple(timedelta(days=n) for n in (2, 5, 9))
    escalate_after: timedelta = timedelta(days=10)
    hours: WorkingHours = field(default_factory=WorkingHours)
    security_hears: Mapping[str, str] = field(default_factory=dict)


def begin(
    tx: Transaction,
    proposal: ProposalRecord,
    ruling: Ruling,
    rules: AskingRules,
    zones: Mapping[str, str | None] | None = None,
) -> bool:
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
    rule = ruling.acts
    if rule is None:
        set_times(tx, proposal, rules)
    else:
        zone = next(filter(None, (zones or {}).values()), None)
        graces.begin_grace(tx, proposal.id, rule.actor.name, str(rule.grace), zone)
        dues.set_due(tx, GRACE, proposal.id, tx.now + _A_MINUTE)
    return True


def set_times(tx: Transaction, proposal: ProposalRecord, rules: AskingRules) -> None:
    """Let reminders, escalation and the end of a question fall due, counted from now."""
    if rules.remind_after:
        dues.set_due(tx, REMIND, proposal.id, tx.now + rules.remind_after[0])
    dues.set_due(tx, ESCALATE, proposal.id, tx.now + rules.escalate_after)
    dues.set_due(tx, EXPIRE, proposal.id, tx.now + rules.deadline)


def ask_at(tx: Transaction, account_id: str, at: datetime) -> None:
    """Let what was not asked fall due at `at`, unless it does so sooner."""
    known = dues.get_due(tx, ASK, account_id)
    if known is None or known.at > at:
        dues.set_due(tx, ASK, account_id, at)


def escalate_now(tx: Transaction, proposal_id: str) -> None:
    """Let those who may approve be asked too, at once: who is asked may not."""
    dues.set_due(tx, ESCALATE, proposal_id, tx.now)
