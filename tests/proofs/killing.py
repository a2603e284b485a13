"""When a process is killed: at moments that are drawn by chance, most of them inside work."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.aws.simulated.server import SimulatedAccount
from tests.slack.desks import wait_for
from tests.slack.double import SlackDouble

#: How long something is waited for that a moment is counted by, in seconds.
PATIENCE = 3.0
_LOOK = 0.002
_START_SECONDS = 120
_AT_START = 0.06  # of all kills, before it serves or soon after


@dataclass
class Moments:
    """Waits for moments. `happened` counts those that came, by their kind."""

    slack: SlackDouble
    cloud: SimulatedAccount
    chances: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    _looked: int = 0
    _posted: int = 0

    def wait(self, serves: Callable[[], bool]) -> None:
        """Wait until a moment to kill at: by time, by what AWS or Slack saw, or by a click.

        But for a few they are counted from when the process serves.
        """
        if self.chances.random() < _AT_START:
            self._pause(0.8)
            self.happened["at the start"] += 1
            return
        wait_for(serves, "a process that serves", seconds=_START_SECONDS)
        kinds: tuple[tuple[str, int, Callable[[], bool]], ...] = (
            ("at any time", 2, lambda: self._pause(2)),
            ("calls of AWS", 3, lambda: self._after(self._aws, self.chances.randint(1, 40), 0.01)),
            ("a write", 5, lambda: self._after(self._writes, 1, 0.04)),
            ("after a write", 2, lambda: self._after(self._writes, 1, 0.8)),
            ("calls of Slack", 2, lambda: self._after(self._slack, self.chances.randint(1, 30))),
            ("a message", 3, lambda: self._after(self._posts, 1, 0.02)),
            ("a click", 5, lambda: self._after(self._acks, self.chances.randint(1, 2), 0.04)),
        )
        while True:
            ((kind, _, come),) = self.chances.choices(kinds, [weight for _, weight, _ in kinds])
            if come():
                self.happened[kind] += 1
                return

    def _pause(self, most: float) -> bool:
        time.sleep(self.chances.uniform(0, most))
        return True

    def _after(self, count: Callable[[], int], more: int, within: float = 0.0) -> bool:
        """Wait for so many more, and a little longer; False where they don't come."""
        until, wanted = time.monotonic() + PATIENCE, count() + more
        while count() < wanted:
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK)
        return self._pause(within)

    def _aws(self) -> int:
        return sum(self.cloud.calls.counts.values())

    def _writes(self) -> int:
        return len(self.cloud.calls.writes)

    def _slack(self) -> int:
        return len(self.slack.calls)

    def _posts(self) -> int:
        calls = self.slack.calls[self._looked :]
        self._looked += len(calls)
        self._posted += sum(each.method == "chat.postMessage" for each in calls)
        return self._posted

    def _acks(self) -> int:
        return len(self.slack.acks)
