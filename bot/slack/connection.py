"""The connection that Slack's payloads come through in Socket Mode, kept alive.

https://docs.slack.dev/apis/events-api/using-socket-mode. slack_sdk's own idea of being connected
outlives the connection by a minute, so only pongs count here.
"""

import json
import logging
import threading
import time
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.errors import SlackError, SlackFatalError
from bot.slack.calling import CallError, call
from bot.slack.clients import SILENT

_log = logging.getLogger(__name__)

#: The longest pause between two attempts to connect, in pauses.
_LONGEST_PAUSE = 4


class Connection:
    """A Socket Mode connection for `app`, over `client`, which has the app-level token.

    `once` tells whether an envelope's id is new: one that Slack repeats, since it didn't hear its
    acknowledgement, is acknowledged and does nothing more. What it raises leaves the envelope
    unacknowledged.

    It pings every `ping` seconds, looks every `tick` seconds, and connects anew after `patience`
    seconds without a pong; after an attempt it waits for `pause` seconds, and longer each time.
    `on_fatal` is called once, from a thread of this connection, when Slack will never again let
    us in: it should only tell whoever waits. `concurrency` is how many payloads run at a time.
    """

    def __init__(
        self,
        app: App,
        client: WebClient,
        *,
        once: Callable[[str], bool],
        on_fatal: Callable[[SlackFatalError], None],
        ping: float = 2,
        patience: float = 5,
        tick: float = 0.25,
        pause: float = 1,
        concurrency: int = 10,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._once = once
        self._patience = patience
        self._tick = tick
        self._pause = pause
        self._monotonic = monotonic
        self._on_fatal = on_fatal
        self._fatal: SlackFatalError | None = None
        self._telling = threading.Lock()
        self._stop = threading.Event()
        self._pulse = _Pulse(monotonic)
        self._client = _Client(client, ping, concurrency, self._heard, self._refused)
        self._client.socket_mode_request_listeners.append(self._handle)
        self._watch = threading.Thread(target=self._watching, name="slack watch", daemon=True)

    def connect(self) -> None:
        """Connect, and stay connected until `close`.

        Raises SlackError where that fails now, and SlackFatalError where it always will.
        """
        try:
            self._client.connect_to_new_endpoint(force=True)
        except CallError as error:
            raise self._fatal or error from None
        if not self._client.is_connected():
            raise SlackError("Slack's socket can't be reached")
        self._pulse.feel(self._client)
        self._watch.start()

    def seconds_silent(self) -> float:
        """Seconds since Slack last answered a ping; infinite before it first did."""
        return self._pulse.seconds_silent()

    def close(self) -> None:
        """Take no more payloads, and let those that run be acknowledged. The threads end."""
        self._stop.set()
        if self._watch.is_alive() and self._watch is not threading.current_thread():
            self._watch.join()
        self._client.close()

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        started = time.time()
        try:
            if not self._once(f"envelope:{request.envelope_id}"):
                client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
                return
            send_response(client, request, run_bolt_app(self._app, request), started)
        except Exception as error:  # noqa: BLE001 - its message may hold the payload; Slack tells the person
            _log.error("A payload of Slack's could not be handled: %s", type(error).__name__)

    def _heard(self, text: str) -> None:
        if '"disconnect"' not in text:
            return
        message = json.loads(text)
        if message.get("type") == "disconnect" and message.get("reason") == "link_disabled":
            self._refused("link_disabled")

    def _refused(self, code: str) -> None:
        """Tell, once, that Slack will never let us in again."""
        with self._telling:
            if self._fatal is not None:
                return
            self._fatal = SlackFatalError(
                f"Slack doesn't let Locksmith connect any more: {code}",
                hint="Look at the app-level token (xapp-…), and whether Socket Mode is still on.",
            )
        if self._watch.is_alive():
            self._on_fatal(self._fatal)

    def _watching(self) -> None:
        pause = 0.0
        while not self._stop.wait(max(self._tick, pause)) and self._fatal is None:
            self._pulse.feel(self._client)
            if self._client.is_connected() and self._pulse.seconds_still() <= self._patience:
                pause = 0.0
                continue
            try:
                self._client.connect_to_new_endpoint(force=True)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must be tried again
                why = str(error) if isinstance(error, CallError) else type(error).__name__
                _log.warning("Not connected to Slack: %s", why)
                pause = min(self._pause * _LONGEST_PAUSE, max(self._pause, pause * 2))
            else:
                _log.info("Connected to Slack anew.")
                pause = self._pause
            self._pulse.feel(self._client)


class _Pulse:
    """Feels whether the other end lives: by pongs that arrive, on a clock that never jumps."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last: tuple[str | None, float | None] = (None, None)
        self._answered: float | None = None
        self._moved = monotonic()

    def feel(self, client: SocketModeClient) -> None:
        """Note whether there is a pong, or a session, that wasn't there before."""
        session = client.current_session
        seen = (client.session_id(), session.last_ping_pong_time if session else None)
        if seen == self._last:
            return
        self._last, self._moved = seen, self._monotonic()
        if seen[1] is not None:
            self._answered = self._moved

    def seconds_silent(self) -> float:
        """Seconds since the last pong."""
        return float("inf") if self._answered is None else self._monotonic() - self._answered

    def seconds_still(self) -> float:
        """Seconds since the last pong or, for a new session, since it began."""
        return self._monotonic() - self._moved


class _Client(SocketModeClient):
    """slack_sdk's client, silent, and without its own reconnecting: that is our watch's."""

    def __init__(
        self,
        client: WebClient,
        ping: float,
        concurrency: int,
        heard: Callable[[str], None],
        refused: Callable[[str], None],
    ) -> None:
        super().__init__(
            app_token=client.token or "",
            logger=SILENT,
            web_client=client,
            auto_reconnect_enabled=False,
            ping_interval=ping,
            concurrency=concurrency,
            on_message_listeners=[heard],
        )
        self._refused = refused
        self._not_before = 0.0
        self.current_session_runner.thread.name = "slack socket"
        self.current_app_monitor.thread.name = "slack ping"
        self.message_processor.thread.name = "slack payloads"

    def close(self) -> None:
        """In this order, so that nobody connects any more, and what runs can still answer."""
        self.closed = True
        self.message_queue.put(None)  # else it waits up to a second for one more message
        self.message_processor.shutdown()  # type: ignore[no-untyped-call]
        self.message_workers.shutdown()
        super().close()

    def issue_new_wss_url(self) -> str:
        """Where to connect; slack_sdk's own would wait in here, and never tell of a refusal."""
        if time.monotonic() < self._not_before:
            raise CallError("apps.connections.open", "Slack wants it to be asked later")
        try:
            answer = call(self.web_client.apps_connections_open, app_token=self.app_token)
        except CallError as error:
            if error.is_fatal:
                self._refused(error.code or "")
            self._not_before = time.monotonic() + (error.retry_after or 0)
            raise
        url = answer.get("url")
        if not isinstance(url, str):
            raise CallError("apps.connections.open", "the answer has no url")
        return url
