"""How fast Slack may be asked: https://docs.slack.dev/apis/web-api/rate-limits."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slack_sdk.web import SlackResponse

from bot.slack.calling import CallError, call, name_of

#: Calls of a method in a minute. Posting has no tier: a second and channel, and a cap for the
#: workspace that Slack doesn't name; this one is ours.
_A_MINUTE = {
    "chat.postMessage": 200,
    "chat.update": 50,
    "conversations.open": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
}
_MINUTE = 60.0
#: Seconds between two messages to one channel.
_BETWEEN = 1.0
#: Slack measures when a call arrives and we when it returned; clocks and rounding need some room.
_ROOM = 0.05
_POST = "chat.postMessage"


def longer(first: timedelta, failures: int, most: timedelta) -> timedelta:
    """How long to wait after so many failures in a row: `first`, doubled each time, up to `most`.

    Slack may be away for days, so `failures` may be any number.
    """
    return min(most, first * (1 << min(failures - 1, 20)))


@dataclass(frozen=True, slots=True)
class Pace:
    """How long messages wait, and by which clock.

    `settle` after an answer was lost the message is there, or never will be. What failed is tried
    again after `delay`, and later each time. `tick` is how often it is looked what is to be told;
    `monotonic`, in seconds, is what Slack's rates are kept by. `modal` are the seconds between
    looks whether Slack took the acknowledgement of a modal, together longer than it waits for it.
    """

    settle: timedelta = timedelta(seconds=15)
    delay: timedelta = timedelta(seconds=2)
    tick: timedelta = timedelta(seconds=1)
    modal: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8, 1.6)
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Pacing:
    """Says what may be asked now, and asks it. `monotonic` gives seconds. Belongs to one thread.

    Only for posts the channel matters: each has a lane of its own.
    """

    monotonic: Callable[[], float]
    _returned: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _held: dict[tuple[str, str], float] = field(default_factory=dict)

    def wait(self, method: str, channel: str = "") -> float:
        """Seconds until this may be asked; 0 for now."""
        now = self.monotonic()
        until = max(self._budget_from(method, now), self._held.get(_lane(method, channel), now))
        return max(0.0, until - now)

    def ask(
        self, method: Callable[..., SlackResponse], *, lane: str = "", **arguments: Any
    ) -> SlackResponse:
        """Call a method of a WebClient, now; `lane` is the channel of a post. Raises CallError."""
        name = name_of(method)
        try:
            return call(method, **arguments)
        except CallError as error:
            if error.retry_after is not None:
                self._hold(name, lane, error.retry_after)
            raise
        finally:
            self._returned[name].append(self.monotonic())
            if name == _POST:
                self._hold(name, lane, _BETWEEN)

    def _hold(self, method: str, channel: str, seconds: float) -> None:
        now, lane = self.monotonic(), _lane(method, channel)
        until = now + seconds + _ROOM
        self._held = {each: at for each, at in self._held.items() if at > now}
        self._held[lane] = max(until, self._held.get(lane, until))

    def _budget_from(self, method: str, now: float) -> float:
        """When the method's calls of a minute are fewer than allowed."""
        returned = self._returned[method]
        while returned and returned[0] <= now - _MINUTE - _ROOM:
            returned.popleft()
        most = _A_MINUTE[method]
        return now if len(returned) < most else returned[-most] + _MINUTE + _ROOM


def _lane(method: str, channel: str) -> tuple[str, str]:
    return method, channel if method == _POST else ""
