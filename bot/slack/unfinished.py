"""Clicks, forms and commands from their acknowledgement to their end, whoever lives to see it.

What was acknowledged is on nobody's mind but ours. So it is written down before, and forgotten
once it was decided or refused and that was told. What a process leaves that ends in between, the
next one deals with; what was decided already is refused then, as a second click would be. So does
this one with what the database would not take.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import LocksmithError
from bot.slack.gist import gist
from bot.store import heard
from bot.store.database import Store
from bot.store.heard import Heard

_log = logging.getLogger(__name__)
BUTTON, FORM, COMMAND = "button", "form", "command"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is being dealt with by `holder`, which is this process."""

    store: Store
    holder: str
    _at_work: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, name: str, body: Mapping[str, Any]) -> int:
        """Write it down, before it is acknowledged. Raises StoreError."""
        with self._lock:
            with self.store.write() as tx:
                number = heard.note(tx, kind, name, gist(body), self.holder)
            self._at_work.add(number)
        return number

    def comes_again(self, number: int) -> None:
        """It could be neither decided nor refused: it is taken up again with what others left."""
        with self._lock:
            self._at_work.discard(number)

    def dealt_with(self, number: int) -> None:
        """Forget it; where that can't be now, it is looked at once more."""
        with self._lock:  # its number may be another's right afterwards
            self._at_work.discard(number)
            try:
                with self.store.write() as tx:
                    heard.dealt_with(tx, number, self.holder)
            except LocksmithError as error:
                _log.warning("What was dealt with stays noted: %s", error)

    def take_over(self, resume: Callable[[Heard], object]) -> int:
        """Have `resume` deal with what nobody is at work on any more; how much there was."""
        with self._lock:
            with self.store.write() as tx:
                left = heard.take_over(tx, self.holder, at_work=self._at_work)
            self._at_work.update(each.number for each in left)
        for each in left:
            _log.info("A %s was acknowledged and is not dealt with: that is done now.", each.kind)
            resume(each)
        return len(left)
