"""What an error says to the person who acted: what happened, and what to do."""

import re

from bot.errors import LocksmithError
from bot.slack.blocks.escape import Markup, say, spoken

_FIRST_WORD = re.compile(r"[a-z]+(?=[ ,])")


def refusal(error: LocksmithError) -> Markup:
    """The error as sentences."""
    what = spoken(_capital(str(error)))
    return say("{what}\n{hint}", what=what, hint=spoken(error.hint)) if error.hint else what


def _capital(text: str) -> str:
    """A sentence begins with a capital; an id or a setting's name is left as it is."""
    first = _FIRST_WORD.match(text)
    return text if first is None else first[0].capitalize() + text[first.end() :]
