"""Names that look like other names: letters of another script among those of this one.

https://www.unicode.org/reports/tr39/
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
#: Letters of other scripts that pass for a Latin one; a word of nothing else is suspect.
_PASS_FOR_LATIN = frozenset("асеорхуіјѕԁһӏԛԝАВСЕНІЈКМОРЅТХУαοιρνκυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
WARNING = "contains letters of another script"


def warning(name: str) -> str:
    """Why this name may not be the one it looks like, or "" """
    return WARNING if any(_is_suspect(word) for word in _WORD.findall(name)) else ""


def _is_suspect(word: str) -> bool:
    if word.isascii():
        return False
    scripts = {unicodedata.name(letter, "UNKNOWN").partition(" ")[0] for letter in word}
    return len(scripts) > 1 or all(letter in _PASS_FOR_LATIN for letter in word)
