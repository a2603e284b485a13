"""Text from AWS and from people, made safe for a terminal."""

import unicodedata

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

#: Controls, invisible and direction-changing characters, surrogates, private and unassigned ones,
#: and spaces of other kinds: what could move the cursor, reorder a line or fake a name.
#: https://trojansource.codes/trojan-source.pdf
_SHOWN_AS_ESCAPES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """`text` on one line, with whatever a terminal could act on written as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def styled(text: str, style: str = "") -> Text:
    """Foreign text as a rich value: escaped, and never read as markup."""
    return Text(safe(text), style=style)


class Trimmed:
    """A rich value without the blanks with which rich fills up its lines."""

    def __init__(self, value: RenderableType) -> None:
        self._value = value

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The value's lines, each up to its last visible character."""
        for line in console.render_lines(self._value, options, pad=False):
            while line and not line[-1].text.rstrip(" "):
                line.pop()
            yield from line[:-1]
            if line:
                yield Segment(line[-1].text.rstrip(" "), line[-1].style)
            yield Segment.line()


def _escaped(character: str) -> str:
    if character == " " or unicodedata.category(character) not in _SHOWN_AS_ESCAPES:
        return character
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
