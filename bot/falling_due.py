"""What falls due while `locksmith serve` runs, and who does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.announcing import TELL_FREEZE, tell_freeze, tell_silence
from bot.engine.asking import ASK, ESCALATE, EXPIRE, GRACE, REMIND
from bot.engine.cards import AFTER, TELL_CONTAINED, TELL_EXEMPTION
from bot.engine.grace_clock import COUNT, GraceClock
from bot.engine.looking_after import LookingAfter
from bot.engine.reminding import Reminding
from bot.engine.rule_acting import RuleActing
from bot.engine.telling import tell_contained, tell_exemption
from bot.engine.ticking import Again, Handler, Ticker, again_and_again, every
from bot.engine.timetable import Schedule
from bot.engine.watching import SCAN, Watching
from bot.model import Occasion
from bot.parts import Parts
from bot.rounds import Rounds
from bot.store import dues
from bot.store.dues import Due

ANCHOR, TIDY, KEEP_TIME, WATCH, DIGESTS = "anchor", "tidy", "keep-time", "watch", "digests"
TAKE_OVER = "take-over"
#: The subject of what is about no account and no question.
OWN = "own"
#: What falls due by itself, and the times at which it is done where a schedule names some.
TURNS = {
    REMIND: Occasion.REMINDERS,
    ESCALATE: Occasion.REMINDERS,
    EXPIRE: Occasion.EXPIRIES,
    AFTER: Occasion.CHECKS,
}

_IN_WORDS = {DIGESTS: "digests", ANCHOR: "anchor of the audit log", TIDY: "housekeeping"}
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SOON = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FallingDue:
    """Everything that comes at times.

    `ask` asks an account's owners about everything, `ask_in_between` about what doesn't wait for
    the digest; `changed` is called after what has to be told or carried out. `take_over` deals with
    what a process that is gone had acknowledged.
    """

    parts: Parts
    rounds: Rounds
    watching: Watching
    grace_clock: GraceClock
    ask: Callable[[str], None]
    ask_in_between: Callable[[str], None]
    changed: Callable[[], None]
    take_over: Callable[[], None]

    def ticker(self) -> Ticker:
        """What does it; lets every account, and the house itself, be looked at in time."""
        self._keep_due(ANCHOR, self.parts.anchor_every)
        self._keep_due(COUNT, _MINUTE)
        self._keep_due(KEEP_TIME, _MINUTE)
        self._keep_due(WATCH, _SOON)
        self._keep_due(TAKE_OVER, _MINUTE)
        if self.parts.tidying is None or self._of(Occasion.HOUSEKEEPING) is None:
            self._keep_due(TIDY, _DAY if self.parts.tidying else None)
        else:
            self._keep_turns(TIDY, self._of(Occasion.HOUSEKEEPING))
        self._keep_turns(DIGESTS, self._of(Occasion.DIGESTS))
        self.rounds.keep_due()
        return Ticker(self.parts.store, self._of_questions() | self._of_the_house(), self._turn)

    def next_times(self) -> dict[str, datetime]:
        """When what has times of its own comes next: digests, anchors, housekeeping."""
        with self.parts.store.read() as tx:
            found = {words: dues.get_due(tx, kind, OWN) for kind, words in _IN_WORDS.items()}
        return {words: due.at for words, due in found.items() if due is not None}

    def _of_questions(self) -> dict[str, Handler]:
        parts = self.parts
        store, channel = parts.store, parts.asker.security_channel
        reminding = Reminding(parts.asker)
        rules = RuleActing(
            parts.asker,
            parts.approvals.remediation,
            parts.limits,
            self.grace_clock,
            self.changed,
            parts.timetable,
        )
        after = LookingAfter(
            store,
            lambda account: parts.accounts.enter_account(account).connection,
            parts.approvals.remediation,
            parts.watch,
            self.changed,
        )
        return {
            REMIND: reminding.remind,
            ESCALATE: reminding.escalate,
            EXPIRE: reminding.expire,
            GRACE: rules.look,
            COUNT: self.grace_clock.look,
            TELL_FREEZE: lambda due: tell_freeze(store, channel, due),
            TELL_EXEMPTION: lambda due: tell_exemption(store, channel, due.subject),
            TELL_CONTAINED: lambda due: tell_contained(store, channel, due.subject),
            ASK: lambda due: every(store, _DAY, lambda: self.ask_in_between(due.subject))(due),
            AFTER: after.look,
        }

    def _of_the_house(self) -> dict[str, Handler]:
        parts = self.parts
        store = parts.store
        return {
            SCAN: self.rounds.start,
            KEEP_TIME: every(store, _MINUTE, self.rounds.keep_due),
            WATCH: every(store, _SOON, self.watch),
            TAKE_OVER: every(store, _MINUTE, self.take_over),
            ANCHOR: every(store, parts.anchor_every or _DAY, self.anchor),
            TIDY: again_and_again(store, self._again(Occasion.HOUSEKEEPING), self._tidy),
            DIGESTS: again_and_again(store, self._again(Occasion.DIGESTS), self._ask_all),
        }

    def _of(self, occasion: Occasion) -> Schedule | None:
        return self.parts.timetable.others.get(occasion)

    def _again(self, occasion: Occasion) -> Again:
        """When this comes next: at its next turn, or daily."""
        schedule = self._of(occasion)
        return schedule.after if schedule else lambda _subject, now: now + _DAY

    def _turn(self, due: Due) -> datetime:
        occasion = TURNS.get(due.kind)
        if occasion is None:
            return due.at
        return self.parts.timetable.turn(occasion, due.subject, due.at)

    def _keep_due(self, kind: str, interval: timedelta | None) -> None:
        """Let this fall due now where it doesn't yet, or never where there is no interval."""
        with self.parts.store.write() as tx:
            if interval is None:
                dues.drop_due(tx, kind, OWN)
            elif dues.get_due(tx, kind, OWN) is None:
                dues.set_due(tx, kind, OWN, tx.now)

    def _keep_turns(self, kind: str, schedule: Schedule | None) -> None:
        """Let this fall due at its next turn, or never where there is no schedule."""
        with self.parts.store.write() as tx:
            known = dues.get_due(tx, kind, OWN)
            if schedule is None:
                dues.drop_due(tx, kind, OWN)
            elif known is None:
                dues.set_due(tx, kind, OWN, schedule.reached(OWN, tx.now))
            else:
                dues.set_due(tx, kind, OWN, schedule.kept(OWN, known.at, tx.now))

    def _ask_all(self) -> None:
        for account_id in self.parts.accounts.ids():
            self.ask(account_id)

    def watch(self) -> None:
        """Tell the security channel of accounts that are not looked at as they should be."""
        if tell_silence(self.parts.store, self.parts.asker.security_channel, self.watching.cases()):
            self.changed()

    def anchor(self) -> None:
        """Note the end of the audit log down outside the database."""
        if self.parts.anchoring is not None:
            self.parts.anchoring.anchor_all()
            self.changed()

    def _tidy(self) -> None:
        """Remove what was kept long enough."""
        if self.parts.tidying is not None:
            self.parts.tidying.tidy()
