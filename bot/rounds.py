"""Looks at each account when that falls due, in threads of its own, while the tick goes on."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.entering import Accounts
from bot.engine.timetable import Timetable
from bot.engine.watching import SCAN, watched_mark
from bot.errors import LocksmithError, LostRaceError
from bot.store import dues, marks
from bot.store.database import Store, Transaction
from bot.store.dues import Due

_log = logging.getLogger(__name__)
_AT_ONCE = 4  # accounts
#: A look that is under way is looked for again after this, in case its process is gone.
_CLAIM = timedelta(minutes=15)
_FIRST_DELAY = timedelta(minutes=5)
_LONGEST_DELAY = timedelta(hours=1)


@dataclass(slots=True)
class Rounds:
    """`look` looks at one account, asks, and takes as long as it likes.

    Whoever takes the row of an account looks at it; the row comes back at once, for the case that
    this process ends meanwhile, and is put right when the look is over. One that failed is tried
    again a little later each time, and at its next turn at the latest.
    """

    store: Store
    accounts: Accounts
    timetable: Timetable
    look: Callable[[str], object]
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="looking")
    )
    _running: dict[str, Future[None]] = field(default_factory=dict)
    _delays: dict[str, timedelta] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep_due(self) -> None:
        """Let every account fall due that has a schedule, and no other.

        One that is new is looked at now; one that a wrong clock has put far off comes in time.
        """
        ids = self.accounts.ids()
        with self.store.read() as tx:
            strangers = {
                each.subject
                for each in dues.all_due(tx)
                if each.kind == SCAN and each.subject not in ids
            }
            if not strangers and all(self._is_kept(tx, each) for each in ids):
                return
        with self.store.write() as tx:
            for account_id in strangers:
                dues.drop_due(tx, SCAN, account_id)
            for account_id in ids:
                self._keep_due(tx, account_id)

    def start(self, due: Due) -> bool:
        """Begin to look at the account that is due; whether this process does."""
        with self._lock:
            running = self._running.get(due.subject)
            is_running = running is not None and not running.done()
        with self.store.write() as tx:
            if not dues.take(tx, due):
                return False
            dues.set_due(tx, SCAN, due.subject, tx.now + _CLAIM)
        if is_running:
            return False
        with self._lock:
            self._running[due.subject] = self._pool.submit(self._look, due)
        return True

    def next_times(self) -> dict[str, datetime]:
        """When each account is looked at next."""
        with self.store.read() as tx:
            return {each.subject: each.at for each in dues.all_due(tx) if each.kind == SCAN}

    def wait(self, within: timedelta) -> bool:
        """Wait until nothing is looked at; whether that came in time."""
        with self._lock:
            running = list(self._running.values())
        return not wait(running, timeout=within.total_seconds()).not_done

    def end(self, within: timedelta) -> bool:
        """Begin no more, and let what runs come to its end; whether it did in that time."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        return self.wait(within)

    def _look(self, due: Due) -> None:
        account_id = due.subject
        try:
            self.look(account_id)
        except LostRaceError as error:
            _log.info("Account %s is not looked at twice: %s", account_id, error)
        except LocksmithError as error:
            _log.warning("Account %s could not be looked at: %s", account_id, error)
            self._come_again(due, self._put_off(account_id))
            return
        except Exception:  # noqa: BLE001 - a mistake of ours in one must not stop all others
            _log.exception("the look at account %s failed", account_id)
            self._come_again(due, self._put_off(account_id))
            return
        self._delays.pop(account_id, None)
        self._come_again(due, None)

    def _put_off(self, account_id: str) -> timedelta:
        known = self._delays.get(account_id)
        delay = _FIRST_DELAY if known is None else min(known * 2, _LONGEST_DELAY)
        self._delays[account_id] = delay
        return delay

    def _come_again(self, due: Due, delay: timedelta | None) -> None:
        """At the next turn, or after a delay where that is sooner; late turns are not made up."""
        with self.store.write() as tx:
            turn = self.timetable.after(due.subject, max(tx.now, due.at))
            if turn is None:
                dues.drop_due(tx, SCAN, due.subject)
                return
            soon = turn if delay is None else min(turn, tx.now + delay)
            dues.set_due(tx, SCAN, due.subject, soon)

    def _is_kept(self, tx: Transaction, account_id: str) -> bool:
        due = dues.get_due(tx, SCAN, account_id)
        return (
            due is not None
            and due.at == self.timetable.kept(account_id, due.at, tx.now)
            and marks.get_mark(tx, watched_mark(account_id)) is not None
        )

    def _keep_due(self, tx: Transaction, account_id: str) -> None:
        if marks.get_mark(tx, watched_mark(account_id)) is None:
            marks.set_mark(tx, watched_mark(account_id), tx.now)
        due = dues.get_due(tx, SCAN, account_id)
        at = tx.now if due is None else due.at
        kept = self.timetable.kept(account_id, at, tx.now)
        if kept is None:
            dues.drop_due(tx, SCAN, account_id)
        elif due is None or due.at != kept:
            dues.set_due(tx, SCAN, account_id, kept)
