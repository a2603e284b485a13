"""What becomes of a message when a call for it didn't work."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from bot.model import MessageRecord
from bot.slack.calling import CallError
from bot.slack.giving_up import is_bug, why_never
from bot.slack.pacing import Pace, longer
from bot.store import messages
from bot.store.database import Store, Transaction

_log = logging.getLogger(__name__)

_POST = "chat.postMessage"
_LOOKS = frozenset({"conversations.history", "conversations.replies"})
_NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message"})
_LONGEST_DELAY = timedelta(minutes=1)


class Setbacks:
    """Remembers what failed, and writes what follows from it.

    A message whose answer was lost waits until it has settled before it is looked for. What Slack
    refuses without saying that it always will is tried `tries` times.
    """

    def __init__(self, store: Store, pace: Pace, tries: int) -> None:
        self._store = store
        self._pace = pace
        self._tries = tries
        self._failed: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._threadless: set[str] = set()

    def meet(self, message_id: str, error: CallError) -> None:
        """Write down what a failed call means for a message."""
        with self._store.write() as tx:
            row = messages.get_message(tx, message_id)
            if row is None:
                return
            if error.method == _POST and not error.unanswered:
                messages.not_sent(tx, row.id, tx.now)
            self._go_on(tx, row, error)

    def is_threadless(self, message_id: str) -> bool:
        """Whether Slack has no thread for this reply, so that it stands for itself."""
        return message_id in self._threadless

    def delay(self, tx: Transaction, message_id: str) -> datetime:
        """When it is tried again: later each time it fails."""
        self._failed[message_id] += 1
        return tx.now + longer(self._pace.delay, self._failed[message_id], _LONGEST_DELAY)

    def is_over(self, message_id: str) -> None:
        """It went well in the end, or will not be tried again."""
        self._threadless.discard(message_id)
        del self._failed[message_id], self._refused[message_id]

    def _go_on(self, tx: Transaction, row: MessageRecord, error: CallError) -> None:
        if error.is_fatal or error.retry_after is not None:
            return
        if error.method == _POST and error.code in _NO_THREAD:
            self._threadless.add(row.id)
            return
        never = self._never(row, error)
        if never is not None:
            tell = _log.error if is_bug(error.code or "") else _log.warning
            tell("The message %s is given up: %s.", row.key, never)
            messages.give_up(tx, row.id, never)
            self.is_over(row.id)
            return
        again = self.delay(tx, row.id)
        if error.method == _POST and error.unanswered:
            again = (row.sending_since or tx.now) + self._pace.settle
        _log.warning("The message %s waits: %s.", row.key, error)
        messages.put_off(tx, row.id, again)

    def _never(self, row: MessageRecord, error: CallError) -> str | None:
        """Why the message is given up, or None where it is tried again."""
        if not error.is_refusal:
            return None
        is_look = error.method in _LOOKS
        never = None if is_look else why_never(error.code or "")
        if never is not None or concerns_all(error):
            return never
        self._refused[row.id] += 1
        if self._refused[row.id] < self._tries:
            return None
        if is_look:
            return (
                f"whether it arrived is not known and can't be looked up: {error}; it is not sent "
                "again, so that nobody gets it twice"
            )
        return str(error)


def concerns_all(error: CallError) -> bool:
    """Whether other messages would fare no better: Slack is away, or the app lacks a scope.

    Both are mended elsewhere, and then everything goes on; nothing is given up for them.
    """
    if error.retry_after is not None:
        return False
    if error.is_refusal:
        return error.code == "missing_scope" and error.method not in _LOOKS
    return True
