"""Anchors in a channel: messages by the outbox, read back from the channel's history."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.engine.announcing import ANCHOR
from bot.model import Anchor, Found, Greeting, Placed, digest
from bot.slack.calling import CallError
from bot.slack.pacing import Pacing
from bot.store import messages
from bot.store.database import Store
from bot.store.messages import NewMessage

_HISTORY = "conversations.history"
_PAGE = 200
#: How often Slack may say that it is too soon.
_TRIES = 5


@dataclass(slots=True)
class SlackTarget:
    """A private channel that the app is in. `greeting` says who we are there.

    Whoever has the bot's token can remove these messages: keep it from who can write the database.
    """

    store: Store
    channel: str
    client: Callable[[], WebClient]
    greeting: Callable[[], Greeting]
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    @property
    def name(self) -> str:
        """`slack:C…`."""
        return f"slack:{self.channel}"

    def place(self, anchor: Anchor) -> str:
        """Put it into the outbox: `locksmith serve` sends it. The reference is the message's id."""
        with self.store.write() as tx:
            text = anchor.text()
            key = f"{ANCHOR}:{self.channel}:{digest(text)}"
            data = {"anchor": text}
            return messages.tell(tx, NewMessage(key, ANCHOR, self.channel, data=data)).id

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:
        """What our own messages in the channel say.

        Raises CallError, and what asking who we are raises.
        """
        user = self.greeting().bot_user_id
        ids = self._ids(known)
        return [
            Found(text, ids.get(ts, ts), _trouble(message))
            for message in self._history()
            if message.get("user") == user
            and (ts := str(message.get("ts")))
            and (text := _anchor_in(message))
        ]

    def may_miss(self, placed: Placed, now: datetime) -> str | None:  # noqa: ARG002 - the protocol's
        """Until it is posted, it can't be there."""
        with self.store.read() as tx:
            record = messages.get_message(tx, placed.reference)
        if record is None or record.ts is not None:
            return None
        return f"it is not posted: {record.error}" if record.error else "it waits to be posted"

    def _ids(self, known: Sequence[Placed]) -> dict[str, str]:
        """The ids of the messages that are posted, by where they are in the channel."""
        with self.store.read() as tx:
            records = [messages.get_message(tx, placed.reference) for placed in known]
        return {each.ts: each.id for each in records if each is not None and each.ts is not None}

    def _history(self) -> list[dict[str, Any]]:
        """All of the channel's messages, oldest first."""
        pacing = Pacing(self.monotonic)
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            answer = self._asked(pacing, cursor)
            found += [dict(each) for each in answer.get("messages") or ()]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found[::-1]

    def _asked(self, pacing: Pacing, cursor: str | None) -> SlackResponse:
        method, left = self.client().conversations_history, _TRIES
        while True:
            self.sleep(pacing.wait(_HISTORY))
            try:
                return pacing.ask(method, channel=self.channel, limit=_PAGE, cursor=cursor)
            except CallError as error:
                left -= 1
                if error.retry_after is None or left == 0:
                    raise


def _anchor_in(message: dict[str, Any]) -> str | None:
    """The line in a message, between backquotes, or None where it has none."""
    _, _, rest = str(message.get("text", "")).partition("`")
    line, closed, _ = rest.partition("`")
    if not closed or Anchor.read(line) is None:
        return None
    return line


def _trouble(message: dict[str, Any]) -> str:
    return "someone edited the message" if message.get("edited") else ""
