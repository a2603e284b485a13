"""Did a message arrive whose answer was lost? Slack's history tells, by what we put into it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack.calling import CallError, name_of
from bot.slack.pacing import Pacing

#: The type of what our messages carry unseen: https://docs.slack.dev/messaging/message-metadata/
EVENT_TYPE = "locksmith_message"
#: How far Slack's clock may be behind ours. Further off, its requests fail their signature too.
_CLOCKS_APART = timedelta(minutes=10)
_PAGE = 100
_MOST_PAGES = 30

Reading = Callable[..., SlackResponse]


class Looking:
    """Looks for our messages in a conversation. `database` is whose messages are ours."""

    def __init__(self, client: WebClient, pacing: Pacing, database: str) -> None:
        self._client = client
        self._pacing = pacing
        self._database = database

    def mark(self, message_id: str) -> dict[str, object]:
        """The metadata by which a message is found again."""
        payload = {"id": message_id, "database": self._database}
        return {"event_type": EVENT_TYPE, "event_payload": payload}

    def wait(self, thread_ts: str | None) -> float:
        """Seconds until a look may be made."""
        waits = [self._pacing.wait("conversations.history")]
        if thread_ts is not None:
            waits.append(self._pacing.wait("conversations.replies"))
        return max(waits)

    def find(
        self, message_id: str, channel: str, thread_ts: str | None, since: datetime
    ) -> str | None:
        """The ts of our message that was sent at `since` or later, or None: it isn't there.

        Raises CallError where that can't be told.
        """
        oldest = f"{(since - _CLOCKS_APART).timestamp():.6f}"
        found = None
        if thread_ts is not None:
            found = self._in_thread(message_id, channel, thread_ts, oldest)
        # A reply stands beside its thread where the thread was gone.
        return found or self._at_top(message_id, channel, oldest)

    def _in_thread(self, message_id: str, channel: str, ts: str, oldest: str) -> str | None:
        try:
            return self._search(
                message_id, self._client.conversations_replies, channel, oldest, ts=ts
            )
        except CallError as error:
            if error.code == "thread_not_found":
                return None
            raise

    def _at_top(self, message_id: str, channel: str, oldest: str) -> str | None:
        return self._search(message_id, self._client.conversations_history, channel, oldest)

    def _search(
        self, message_id: str, method: Reading, channel: str, oldest: str, **more: str
    ) -> str | None:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            answer = self._pacing.ask(
                method,
                channel=channel,
                oldest=oldest,
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
                **more,
            )
            ts = self._among(answer, message_id)
            if ts is not None:
                return ts
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        raise CallError(name_of(method), "there is too much to read", code="too_much")

    def _among(self, answer: SlackResponse, message_id: str) -> str | None:
        for message in answer.get("messages") or ():
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") != EVENT_TYPE:
                continue
            if self._is_ours(metadata, message_id):
                ts: str | None = message.get("ts")
                return ts
        return None

    def _is_ours(self, metadata: Mapping[str, Any], message_id: str) -> bool:
        payload = metadata.get("event_payload")
        if not payload:
            # Slack can leave the payload out, and then any message might be the one.
            raise CallError("conversations.history", "metadata is left out", code="no_payload")
        return bool(payload == self.mark(message_id)["event_payload"])
