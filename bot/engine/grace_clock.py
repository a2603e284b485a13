"""Which time counts: none in which writes were stopped, or owners could not have objected.

The moment up to which time counts is remembered. While it is not moved on, because writes are
stopped, Slack is silent or no process runs, every grace stands still. When time counts again, what
was missed is added to each, its owner is told of the new date, and what a rule had approved before
is asked anew: nothing fires at once. How fast work goes on is the ramp's, in `limits`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.announcing import tell_freeze_soon, tell_regraced
from bot.engine.cards import GRACE
from bot.engine.rule_word import let_lapse
from bot.store import dues, freezes, graces, marks
from bot.store.database import Store, Transaction
from bot.store.deeds import deeds_to_come
from bot.store.dues import Due

COUNT = "grace-clock"
_COUNTED, _FROZEN, _RESUMED = "grace-clock", "seen-frozen", "resumed"
_EVERY = timedelta(minutes=1)
#: Shorter outages, as of a restart, count as if they had not been. No freeze is too short.
OUTAGE = timedelta(minutes=10)
#: After one nothing ends sooner than this from now, so that owners can still object.
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
            _count(tx, silent)

    def look(self, due: Due) -> bool:
        """The same where it has fallen due; it comes again in a minute."""
        silent = self.silent()
        with self.store.write() as tx:
            if not dues.take(tx, due):
                return False
            dues.set_due(tx, due.kind, due.subject, tx.now + _EVERY)
            _count(tx, silent)
        return True

    def counts(self, tx: Transaction) -> bool:
        """Whether time counts now: a grace that ended in a gap must be lengthened first."""
        return marks.get_mark(tx, _COUNTED) is not None and not is_behind(tx)


def _count(tx: Transaction, silent: str | None) -> None:
    last, seen = marks.get_mark(tx, _COUNTED), marks.get_mark(tx, _FROZEN)
    if freezes.current_freeze(tx) is not None:
        if seen is None or (last is not None and seen <= last):
            tell_freeze_soon(tx)  # one by a file is told by nobody else
        marks.set_mark(tx, _FROZEN, tx.now)
        return
    if silent is not None:
        return
    if is_behind(tx):
        _go_on(tx, last or _first_told(tx))
    marks.set_mark(tx, _COUNTED, tx.now)


def _first_told(tx: Transaction) -> datetime:
    """Where nobody has counted yet, as in a freeze from the start, no told time counted."""
    told = [each.told_at for each in graces.running(tx) if each.told_at is not None]
    return min(told, default=tx.now)


def is_behind(tx: Transaction) -> bool:
    """Whether time has passed that does not count and was not made up for yet.

    Before anyone has counted at all only a freeze does that.
    """
    last, seen_frozen = marks.get_mark(tx, _COUNTED), marks.get_mark(tx, _FROZEN)
    if last is None:
        return seen_frozen is not None
    return (
        tx.now - last > OUTAGE
        or (seen_frozen is not None and seen_frozen > last)
        or freezes.has_ended_since(tx, last)
    )


def resumed_at(tx: Transaction, account_id: str | None = None) -> datetime | None:
    """When work went on last after a freeze or an outage, of everything or of one account."""
    return marks.get_mark(tx, _resumed_mark(account_id))


def note_outage(tx: Transaction, account_id: str) -> None:
    """AWS could not be reached there for long: what rules had approved there is asked anew."""
    marks.set_mark(tx, _resumed_mark(account_id), tx.now)
    _ask_anew(tx, "its account could not be reached for a while", account_id)


def _go_on(tx: Transaction, last: datetime) -> None:
    """Make up for the time since `last`, and say so."""
    tell_freeze_soon(tx)
    marks.set_mark(tx, _resumed_mark(None), tx.now)
    for grace in graces.running(tx):
        missed = tx.now - max(last, grace.told_at or last)
        least = min(_AT_LEAST, (grace.until or tx.now) - (grace.told_at or tx.now))
        longer = max(missed, tx.now + least - (grace.until or tx.now))
        later = graces.lengthen(tx, grace, longer)
        dues.set_due(tx, GRACE, grace.proposal_id, later.until or tx.now)
        tell_regraced(tx, grace.proposal_id, later.until or tx.now)
    _ask_anew(tx, "writes were stopped, or owners could not object, before it was carried out")


def _ask_anew(tx: Transaction, why: str, account_id: str | None = None) -> None:
    for deed in deeds_to_come(tx):
        if account_id in (None, deed.account_id):
            let_lapse(tx, deed.proposal_id, why)


def _resumed_mark(account_id: str | None) -> str:
    return _RESUMED if account_id is None else f"{_RESUMED}:{account_id}"
