"""Clicks, forms and commands from their acknowledgement to their end, whoever lives to see it.

What was acknowledged is on nobody's mind but ours. So it is written down before, and forgotten
once it was decided or refused and that was told. What a process leaves that ends in between, the
next one deals with; what was decided already is refused then, as a second click would be.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

    def note(self, kind: str, name: str, body: Mapping[str, Any]) -> int:
        """Write it down, before it is acknowledged. Raises StoreError."""
        with self.store.write() as tx:
            return heard.note(tx, kind, name, gist(body), self.holder)

    def dealt_with(self, number: int) -> None:
        """Forget it; where that can't be now, it is looked at once more after the next start."""
        try:
            with self.store.write() as tx:
                heard.dealt_with(tx, number)
        except LocksmithError as error:
            _log.warning("What was dealt with stays noted: %s", error)

    def take_over(self, resume: Callable[[Heard], object]) -> int:
        """Have `resume` deal with what processes left that are gone; how many there were."""
        with self.store.write() as tx:
            left = heard.take_over(tx, self.holder)
        for each in left:
            _log.info("A %s was acknowledged and not dealt with: that is done now.", each.kind)
            resume(each)
        return len(left)
