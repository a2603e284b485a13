"""Whether Slack answers, for the mode in which Slack calls us and nothing else would tell."""

import threading
import time
from collections.abc import Callable

from slack_sdk import WebClient

from bot.errors import SlackFatalError
from bot.slack.calling import CallError, call


class Heartbeat:
    """Asks Slack whether our token still opens it, at most every `interval` seconds.

    `on_fatal` is called when it never will again.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        on_fatal: Callable[[SlackFatalError], None],
        interval: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._on_fatal = on_fatal
        self._interval = interval
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked = self._answered = float("-inf")

    def seconds_silent(self) -> float:
        """Seconds since Slack last answered; infinite before it first did."""
        with self._lock:
            if self._monotonic() - self._asked >= self._interval:
                self._ask()
            return self._monotonic() - self._answered

    def _ask(self) -> None:
        self._asked = self._monotonic()
        try:
            call(self._client.auth_test)
        except CallError as error:
            if error.is_fatal:
                self._on_fatal(SlackFatalError(f"Slack doesn't let us in any more: {error.code}"))
            return
        self._answered = self._monotonic()
