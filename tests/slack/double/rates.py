"""Slack's rates: so many calls a minute of each method, one message a second and channel.

https://docs.slack.dev/apis/web-api/rate-limits. Slack lets short bursts pass and promises nothing;
the double promises nothing and lets none pass.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

#: Calls a minute.
TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100


@dataclass(slots=True)
class Rates:
    """`scale` multiplies every waiting time: 1 is Slack's, 0.1 ten times quicker, None no limit."""

    scale: float | None = None
    #: One line for each call that came too soon.
    violations: list[str] = field(default_factory=list)
    _seen: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, key: str, most: int, seconds: float, now: float) -> int | None:
        """Count one use of `key`, of at most `most` in `seconds`.

        None if it may go ahead, else the `Retry-After` in whole seconds; a refused use isn't
        counted against the next.
        """
        if self.scale is None:
            return None
        window, seen = seconds * self.scale, self._seen[key]
        while seen and seen[0] <= now - window:
            seen.popleft()
        if len(seen) < most:
            seen.append(now)
            return None
        left = window - (now - seen[0])
        self.violations.append(f"{key}: {left:.2f} s too soon")
        return max(1, math.ceil(left))
