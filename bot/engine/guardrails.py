"""May this be carried out now? If not: which rail holds it up, why, and until when.

The one place that is asked: by what acts for rules just before it says yes, and again by the
executor, in the transaction that claims, before each intent and before each call. Each rail has a
module of its own: what is never touched (`protecting`, `lockout`), the freeze (in the store),
whether owners can object (`grace_clock`), and how much rules may do (`limits`, `windows`).

A freeze, protection, the lock-out guard and the watch after an earlier change bind everyone; the
others bind rules.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.announcing import tell_held
from bot.engine.grace_clock import is_behind, resumed_at
from bot.engine.limits import hold, too_many
from bot.engine.looking import Read
from bot.engine.protecting import Guard
from bot.engine.remediation import RULE
from bot.engine.room import Candidate, Hold, Known, Limits
from bot.model import Call, Origin, Plan, ProposalRecord, Risk, Verdict
from bot.store import findings, freezes, marks, proposals, scans, watches
from bot.store.database import Transaction
from bot.store.deeds import deeds, deeds_of_people, deeds_to_come

_NEXT_LOOK = timedelta(minutes=1)
_SCANS = 11  # the last scan, and ten that say what is usual
#: What stops everybody is told by whoever stopped it, not by what waits for it.
_FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Guardrails:
    """All rails, as the executor of one account asks them.

    `guard` says what is out of reach there. Without `limits` no rule acts. `channel` is told of
    what is held up.
    """

    guard: Guard
    limits: Limits | None = None
    channel: str | None = None

    def refuse_if_frozen(self, tx: Transaction) -> None:
        """Asked before every claim, intent and call. Raises FrozenError."""
        freezes.refuse_if_frozen(tx)

    def hold(self, tx: Transaction, proposal: ProposalRecord) -> Hold | None:
        """What keeps an approved proposal from being claimed now, told where that is told.

        What people approved waits only where it can't be undone and an earlier change about the
        same thing is still watched; what takes harm back, for nothing.
        """
        watched = self._watched(tx, proposal)
        if watched is not None:
            return watched
        if proposal.origin is Origin.UNDO or not is_by_rule(tx, proposal):
            return None
        held = rule_held(tx, self.limits or Limits(), proposal, waiting=False)
        if held is not None:
            tell_hold(tx, self.channel, held)
        return held

    @staticmethod
    def _watched(tx: Transaction, proposal: ProposalRecord) -> Hold | None:
        plan = proposal.plan
        final = isinstance(plan, Plan) and plan.risk is Risk.IRREVERSIBLE
        if proposal.origin is not Origin.FINDING or not final:
            return None
        looked_after = watches.looked_after(tx, proposal.account.id)
        about = (proposal.subject, _principal(tx, proposal))
        until = max((looked_after[each] for each in about if each in looked_after), default=None)
        if until is None:
            return None
        why = "it can't be undone, and an earlier change about the same thing is still watched"
        return Hold(f"watched:{proposal.subject}", why, until)

    def check_plan(self, plan: Plan, read: Read, *, undoing: bool = False) -> None:
        """Judge a whole plan on what AWS shows now. Raises ProtectedError, and what `read` does."""
        self.guard.check(plan, read, undoing=undoing)

    def check_call(self, plan: Plan, call: Call, read: Read) -> None:
        """Judge one call as it will be sent. Raises ProtectedError, and what `read` raises."""
        self.guard.check_call(plan, call, read)


def rule_held(
    tx: Transaction, limits: Limits, proposal: ProposalRecord, *, waiting: bool
) -> Hold | None:
    """What keeps a rule from carrying this out now, or None.

    `waiting` counts what rules approved and nobody has begun: before another approval, not before
    a write.
    """
    standing = freezes.current_freeze(tx)
    if standing is not None:
        return Hold(_FREEZE, f"writes are stopped by {standing.by}", None)
    if is_behind(tx):
        said = "owners could not object for a while, which is made up first"
        return Hold("unheard", said, tx.now + _NEXT_LOOK)
    candidate = Candidate(proposal.account.id, proposal.control, _principal(tx, proposal))
    known = known_of(
        tx, proposal.account.id, waiting=waiting, people_since=tx.now - limits.principal_pause
    )
    return hold(limits, candidate, known)


def tell_hold(tx: Transaction, channel: str | None, held: Hold) -> None:
    """Tell what is held up, once and in one place.

    What stops everybody has its own message, and what is over at the next look needs none.
    """
    is_over_soon = held.until is not None and held.until <= tx.now + _NEXT_LOOK
    if held.what != _FREEZE and not is_over_soon:
        tell_held(tx, channel, held)


def known_of(
    tx: Transaction, account_id: str, *, waiting: bool, people_since: datetime | None = None
) -> Known:
    """What limits are judged on in an account now, with what people did there since a moment."""
    done = [*deeds(tx), *(deeds_to_come(tx) if waiting else ())]
    return Known(
        tx.now,
        done,
        scans.recent_scans(tx, account_id, limit=_SCANS),
        confirmed=marks.get_mark(tx, confirmed_mark(account_id)),
        unusual=marks.get_mark(tx, _unusual_mark(account_id)),
        resumed=resumed_at(tx),
        resumed_here=resumed_at(tx, account_id),
        by_people=[] if people_since is None else deeds_of_people(tx, account_id, people_since),
    )


def note_scan(tx: Transaction, limits: Limits, account_id: str) -> None:
    """Remember that the last scan found far more than usual: rules stop there until a person has
    looked, however many such scans follow.
    """
    confirmed = marks.get_mark(tx, confirmed_mark(account_id))
    recent = scans.recent_scans(tx, account_id, limit=_SCANS)
    if recent and too_many(limits, recent, confirmed) is not None:
        marks.set_mark(tx, _unusual_mark(account_id), recent[0].finished_at)


def confirmed_mark(account_id: str) -> str:
    """Names the moment at which a person said that an account is as it should be."""
    return f"confirmed:{account_id}"


def _unusual_mark(account_id: str) -> str:
    return f"unusual:{account_id}"


def is_by_rule(tx: Transaction, proposal: ProposalRecord) -> bool:
    """Whether a rule approved exactly this."""
    return any(
        each.actor.kind == RULE
        and each.verdict is Verdict.APPROVE
        and each.digest == proposal.digest
        for each in proposals.decisions(tx, proposal.id)
    )


def _principal(tx: Transaction, proposal: ProposalRecord) -> str:
    """Whom a proposal is about, by the unique id."""
    if proposal.finding_id is None:
        return proposal.subject
    return findings.get_finding(tx, proposal.finding_id).finding.resource.principal_id
