"""Which time counts: none in which writes were stopped, or owners could not have objected.

The moment up to which time counts is remembered. While it is not moved on, because writes are
stopped, Slack is silent or no process runs, every grace stands still; what was missed is added to
each afterwards, and its owner is told of the new date.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.engine.announcing import tell_regraced
from bot.engine.cards import GRACE
from bot.store import dues, freezes, graces, marks
from bot.store.database import Store, Transaction
from bot.store.dues import Due

COUNT = "grace-clock"
_MARK = "grace-clock"
_EVERY = timedelta(minutes=1)
#: Shorter gaps, as of a restart, count as if they had not been.
_TOLERATED = timedelta(minutes=10)
#: After a longer one nothing ends sooner than this from now, so that owners can still object.
_AT_LEAST = timedelta(days=1)


def _nobody() -> None:
    """Slack is not silent."""


@dataclass(slots=True)
class GraceClock:
    """Counts the time of every grace. `silent` says why owners can't be heard now, or None."""

    store: Store
    silent: Callable[[], str | None] = field(default=_nobody)

    def count(self) -> None:
        """Let the time until now count, or not; to be called every minute or so."""
        silent = self.silent()
        with self.store.write() as tx:
            self._count(tx, silent)

    def look(self, due: Due) -> bool:
        """The same where it has fallen due; it comes again in a minute."""
        silent = self.silent()
        with self.store.write() as tx:
            if not dues.take(tx, due):
                return False
            dues.set_due(tx, due.kind, due.subject, tx.now + _EVERY)
            self._count(tx, silent)
        return True

    def _count(self, tx: Transaction, silent: str | None) -> None:
        if silent is not None or freezes.current_freeze(tx) is not None:
            return
        last = marks.get_mark(tx, _MARK)
        marks.set_mark(tx, _MARK, tx.now)
        if last is None or tx.now - last <= _TOLERATED:
            return
        for grace in graces.running(tx):
            missed = tx.now - max(last, grace.told_at or last)
            least = min(_AT_LEAST, (grace.until or tx.now) - (grace.told_at or tx.now))
            longer = max(missed, tx.now + least - (grace.until or tx.now))
            later = graces.lengthen(tx, grace, longer)
            dues.set_due(tx, GRACE, grace.proposal_id, later.until or tx.now)
            tell_regraced(tx, grace.proposal_id, later.until or tx.now)

    def counts(self, tx: Transaction) -> bool:
        """Whether time counts now: a grace that ended in a gap must be lengthened first."""
        last = marks.get_mark(tx, _MARK)
        return last is not None and tx.now - last <= _TOLERATED
