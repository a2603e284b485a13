"""Does what has fallen due. `tick` may come late, twice, or from two processes: rows decide."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import LocksmithError
from bot.store import dues
from bot.store.database import Store
from bot.store.dues import Due

#: Does what is due, and takes its row; whether anything was done.
Handler = Callable[[Due], bool]
#: When something is done that has fallen due: then, or at a later turn.
Turn = Callable[[Due], datetime]
#: When something comes again, for its subject, after a moment.
Again = Callable[[str, datetime], datetime]

_log = logging.getLogger(__name__)
_FIRST_DELAY = timedelta(minutes=5)
_LONGEST_DELAY = timedelta(hours=1)
_AT_ONCE = 100  # what else is due comes with the next tick


def _at_once(due: Due) -> datetime:
    return due.at


@dataclass(slots=True)
class Ticker:
    """Handlers by the kind of what falls due; a kind that nobody handles is put off, and said.

    What has its `turn` later than it fell due waits for it; its row stays as it is.
    """

    store: Store
    handlers: Mapping[str, Handler]
    turn: Turn = _at_once
    _delays: dict[tuple[str, str], timedelta] = field(default_factory=dict)

    def tick(self) -> list[Due]:
        """Do everything that is due now, each by itself; returns what was done.

        What fails is said in the log and put off, a little longer each time, and stops no other.
        """
        with self.store.read() as tx:
            due_now = [each for each in dues.due_now(tx) if self.turn(each) <= tx.now]
        return [due for due in due_now[:_AT_ONCE] if self._handled(due)]

    def _handled(self, due: Due) -> bool:
        try:
            done = self.handlers[due.kind](due)
        except LocksmithError as error:
            _log.warning("%s of %s is put off: %s", due.kind, due.subject, error)
            self._put_off(due)
            return False
        except Exception:  # noqa: BLE001 - a mistake of ours in one must not stop all others
            _log.exception("%s of %s failed and is put off", due.kind, due.subject)
            self._put_off(due)
            return False
        self._delays.pop((due.kind, due.subject), None)
        return done

    def _put_off(self, due: Due) -> None:
        known = self._delays.get((due.kind, due.subject))
        delay = _FIRST_DELAY if known is None else min(known * 2, _LONGEST_DELAY)
        self._delays[due.kind, due.subject] = delay
        with self.store.write() as tx:
            if dues.take(tx, due):
                dues.set_due(tx, due.kind, due.subject, tx.now + delay)


def every(store: Store, interval: timedelta, do: Callable[[], None]) -> Handler:
    """A handler that comes again after `interval`; a crash in the middle loses one turn at most."""
    return again_and_again(store, lambda _subject, now: now + interval, do)


def again_and_again(store: Store, again: Again, do: Callable[[], None]) -> Handler:
    """The same at times that `again` tells."""

    def handle(due: Due) -> bool:
        with store.write() as tx:
            if not dues.take(tx, due):
                return False
            dues.set_due(tx, due.kind, due.subject, again(due.subject, tx.now))
        do()
        return True

    return handle
