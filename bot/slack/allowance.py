"""How many look-ups Slack still takes: https://docs.slack.dev/apis/web-api/rate-limits."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from bot.model import DirectoryBusyError

#: Look-ups in a minute, by their tiers.
_A_MINUTE = {
    "users.info": 100,
    "users.lookupByEmail": 50,
    "usergroups.users.list": 20,
    "conversations.info": 50,
    "conversations.members": 100,
}
#: What those that may wait leave to those for whom someone waits.
_SHARE = 0.8
#: Slack counts when a call arrives and we when it leaves; so a minute and a little more.
_MINUTE = 61.0


class Allowance:
    """Counts look-ups, for everyone who shares it. Any thread may ask.

    Those that may wait leave a fifth to the others, so that whoever clicks while a whole account's
    owners are looked up is looked up too. The others are held up only where Slack said so.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._held_until: dict[str, float] = {}

    def take(self, method: str, *, may_wait: bool) -> None:
        """Count one look-up by this method of the Web API. Raises DirectoryBusyError."""
        with self._lock:
            now, sent = self._monotonic(), self._sent[method]
            while sent and sent[0] <= now - _MINUTE:
                sent.popleft()
            most = _A_MINUTE[method] * (_SHARE if may_wait else 1)
            if now < self._held_until.get(method, now) or (may_wait and len(sent) >= most):
                raise DirectoryBusyError(f"Slack takes no more calls of {method} for now")
            sent.append(now)

    def hold(self, method: str, seconds: float) -> None:
        """Let nobody ask for so long: Slack said so."""
        with self._lock:
            self._held_until[method] = self._monotonic() + seconds
