"""The one thing that posts and edits messages: brings what people see up to what is true."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from traceback import walk_tb
from typing import Any

from slack_sdk import WebClient

from bot.errors import SlackFatalError, StoreError
from bot.model import MessageRecord, digest
from bot.slack.calling import CallError
from bot.slack.looking import Looking
from bot.slack.pacing import Pace, Pacing, longer
from bot.slack.placing import Place, place_of
from bot.slack.setbacks import Setbacks, concerns_all
from bot.store import messages
from bot.store.database import Store

#: Gives what a message says now, as `text` and `blocks`; None when there is nothing to say.
Render = Callable[[MessageRecord], Mapping[str, Any] | None]

_log = logging.getLogger(__name__)

_POST, _EDIT, _OPEN = "chat.postMessage", "chat.update", "conversations.open"
_PEOPLE = ("U", "W")
_AT_ONCE = 2_000
#: Seconds for which a direct message is believed open; its person may be deactivated meanwhile.
_OPEN_FOR = 600.0
_FIRST_SILENCE, _LONGEST_SILENCE = timedelta(seconds=1), timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message says now. `changes` is what Slack must be given, None where it has that."""

    digest: str
    changes: Mapping[str, Any] | None


class Sender:
    """Posts and edits the messages of `store` through `client`; belongs to one thread.

    What was confirmed is never sent twice. When an answer is lost, it waits until the message is
    either there or will never be, and looks; `tries` is how often Slack may refuse it, or the
    look, until it is given up. `database` is whose messages are found again.
    """

    def __init__(
        self,
        store: Store,
        client: WebClient,
        render: Render,
        *,
        database: str,
        pace: Pace | None = None,
        tries: int = 5,
    ) -> None:
        self._store = store
        self._client = client
        self._render = render
        self._pace = pace or Pace()
        self._monotonic = self._pace.monotonic
        self._setbacks = Setbacks(store, self._pace, tries)
        self._pacing = Pacing(self._monotonic)
        self._looking = Looking(client, self._pacing, database)
        self._opened: dict[str, tuple[str, float]] = {}
        self._silences = 0
        self._silent_until = 0.0

    def run(self, stop: threading.Event, wake: threading.Event) -> None:
        """Send until `stop` is set; setting `wake` makes it look at once.

        Raises SlackFatalError when Slack doesn't let us in any more.
        """
        while not stop.is_set():
            wake.clear()
            try:
                self._send(stop.is_set)
            except StoreError as error:
                _log.error("Messages wait: %s.", error)
            wake.wait(self._pace.tick.total_seconds())

    def run_once(self) -> int:
        """Send what may be sent now; how many messages say what they must that didn't before.

        Raises SlackFatalError when Slack doesn't let us in any more, and StoreError.
        """
        return self._send(lambda: False)

    def _send(self, is_stopping: Callable[[], bool]) -> int:
        if self._monotonic() < self._silent_until:
            return 0
        with self._store.read() as tx:
            waiting = messages.untold(tx, limit=_AT_ONCE)
        told = 0
        for message in waiting:
            if is_stopping():
                break
            if not self._may_go(message):
                continue
            try:
                told += self._tell(message.id)
            except CallError as error:
                self._setbacks.meet(message.id, error)
                if self._is_silent(error):
                    break
        return told

    def _may_go(self, message: MessageRecord) -> bool:
        """Whether it is worth a look at the database, as far as the row tells."""
        if message.ts is not None:
            return self._pacing.wait(_EDIT) == 0
        channel = self._known(message.recipient)
        if channel is None:
            return self._pacing.wait(_OPEN) == 0
        return message.sending_since is not None or self._pacing.wait(_POST, channel) == 0

    def _tell(self, message_id: str) -> bool:
        """Bring one message up to date, if it may be now. Raises CallError where that failed."""
        with self._store.read() as tx:
            now, message = tx.now, messages.get_message(tx, message_id)
            place = None if message is None else place_of(tx, message)
        if message is None:
            return False
        try:
            if message.channel is not None and message.ts is not None:
                return self._edit(message, message.channel, message.ts)
            if message.sending_since is not None:
                return self._look(message, place or Place(message.recipient), now)
            return place is not None and self._post(message, place)
        except (CallError, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - one message's mishap must not stop the others
            _log.error("The message %s can't be made: %s", message.key, _where(error))
            with self._store.write() as tx:
                messages.put_off(tx, message.id, self._setbacks.delay(tx, message.id))
            return False

    # The three ways

    def _edit(self, message: MessageRecord, channel: str, ts: str) -> bool:
        if self._pacing.wait(_EDIT) > 0:
            return False
        told = self._told(message)
        if told.changes is not None:
            self._pacing.ask(self._client.chat_update, channel=channel, ts=ts, **told.changes)
        with self._store.write() as tx:
            messages.edited(tx, message.id, message.wanted, told.digest)
        return self._went_well(message)

    def _post(self, message: MessageRecord, place: Place) -> bool:
        channel = self._channel(place.to)
        if channel is None or self._pacing.wait(_POST, channel) > 0:
            return False
        told = self._told(message)
        if told.changes is None:
            with self._store.write() as tx:
                messages.edited(tx, message.id, message.wanted, told.digest)
            return self._went_well(message)
        if not self._begin(message):
            return False
        answer = self._pacing.ask(
            self._client.chat_postMessage,
            lane=channel,
            channel=channel,
            thread_ts=None if self._setbacks.is_threadless(message.id) else place.thread_ts,
            metadata=self._looking.mark(message.id),
            unfurl_links=False,
            unfurl_media=False,
            **told.changes,
        )
        there, ts = answer.get("channel"), answer.get("ts")
        if not (isinstance(there, str) and isinstance(ts, str)):
            raise CallError(_POST, "the answer doesn't say where it is", unanswered=True)
        with self._store.write() as tx:
            messages.posted(tx, message.id, there, ts, message.wanted, told.digest)
        return self._went_well(message)

    def _begin(self, message: MessageRecord) -> bool:
        """Write down that it is on its way; False where another sender was quicker."""
        with self._store.write() as tx:
            row = messages.get_message(tx, message.id)
            if row is None or row.ts is not None or row.sending_since is not None:
                return False
            messages.begin(tx, message.id)
        return True

    def _look(self, message: MessageRecord, place: Place, now: datetime) -> bool:
        """Find out whether a message arrived whose answer was lost."""
        since = message.sending_since or now
        if now < since + self._pace.settle:
            return False
        channel = self._channel(place.to)
        if channel is None or self._looking.wait(place.thread_ts) > 0:
            return False
        ts = self._looking.find(message.id, channel, place.thread_ts, since)
        with self._store.write() as tx:
            if ts is None:
                messages.not_sent(tx, message.id, tx.now)
            else:
                # Which version it says is not known: as if none, so that it is edited.
                messages.posted(tx, message.id, channel, ts, 0, "")
        self._went_well(message)
        return False

    # What they share

    def _told(self, message: MessageRecord) -> _Told:
        """What the message says now. Whatever changes from here on wants it told again."""
        payload = self._render(message)
        if payload is None:
            return _Told(message.told_digest, None)
        content = {"text": payload["text"], "blocks": payload["blocks"]}
        # As ASCII, because what people wrote may be in any form of Unicode.
        made = digest(json.dumps(content, sort_keys=True))
        is_shown = message.ts is not None and made == message.told_digest
        return _Told(made, None if is_shown else content)

    def _known(self, to: str) -> str | None:
        """The channel in which someone is written to, where that is known."""
        if not to.startswith(_PEOPLE):
            return to
        channel, until = self._opened.get(to, (None, 0.0))
        return channel if self._monotonic() < until else None

    def _channel(self, to: str) -> str | None:
        """The same, asked from Slack where it must be; None while it may not be asked."""
        known = self._known(to)
        if known is not None or self._pacing.wait(_OPEN) > 0:
            return known
        answer = self._pacing.ask(self._client.conversations_open, users=to)
        channel = (answer.get("channel") or {}).get("id")
        if not isinstance(channel, str):
            raise CallError(_OPEN, "the answer names no channel")
        self._opened[to] = channel, self._monotonic() + _OPEN_FOR
        return channel

    def _went_well(self, message: MessageRecord) -> bool:
        self._setbacks.is_over(message.id)
        self._silences = 0
        return True

    def _is_silent(self, error: CallError) -> bool:
        """Whether others would fare no better now, so that Slack is left alone for a while."""
        if error.is_fatal:
            raise SlackFatalError(
                f"Slack doesn't let Locksmith in any more: {error.code}",
                hint="Look at the bot's token, and whether the app is still installed.",
            )
        if not concerns_all(error):
            return False
        self._silences += 1
        silence = longer(_FIRST_SILENCE, self._silences, _LONGEST_SILENCE)
        self._silent_until = self._monotonic() + silence.total_seconds()
        return True


def _where(error: Exception) -> str:
    """An error's kind and place, without its message, which may quote what people wrote."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{type(error).__name__} at {PurePath(frame.f_code.co_filename).name}:{line}"
