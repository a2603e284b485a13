"""Tells of what strangers cause in few lines, however often they cause it."""

import asyncio
import logging
from datetime import timedelta

_log = logging.getLogger(__name__)


class SparseLog:
    """At most `most` lines in a `window`; what was held back follows as a number.

    Lines must be made of our own words alone, so that nobody outside can write into the log.
    Belongs to one event loop: call it from there only.
    """

    def __init__(self, *, most: int = 10, window: timedelta = timedelta(minutes=1)) -> None:
        self._most = most
        self._window = window
        self._seen = 0
        self._closing: asyncio.TimerHandle | None = None

    def note(self, line: str) -> None:
        """Count it, and tell of it while there is room in this window."""
        if self._closing is None:
            loop = asyncio.get_running_loop()
            self._closing = loop.call_later(self._window.total_seconds(), self.close)
        self._seen += 1
        if self._seen <= self._most:
            _log.warning("%s", line)

    def close(self) -> None:
        """End this window, and say how many lines were held back in it."""
        held_back = self._seen - self._most
        if held_back > 0:
            _log.warning("… and %d more.", held_back)
        if self._closing is not None:
            self._closing.cancel()
        self._closing, self._seen = None, 0
