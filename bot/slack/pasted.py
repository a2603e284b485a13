"""Access key ids in what people write, and whether a secret seems to stand there. Nothing is kept.

What AWS's ids look like: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html.
A secret access key has 40 characters of base64, and nothing else marks it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Ids stand alone, or after an escape of a URL.
_KEY_ID = re.compile(r"(?:(?<![A-Z0-9])|(?<=%[0-9A-F]{2}))(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_SECRET = re.compile(r"(?<![A-Za-z0-9/+])/?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")
_NAMED = re.compile(
    r"(?:secret[\W_]{0,2}access[\W_]{0,2}key|aws[\W_]{0,2}secret|session[\W_]{0,2}token)"
    r"[\W_]{1,8}[A-Za-z0-9/+=]{16}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>|]+")
#: Fields of a message that hold what someone wrote; the others are Slack's own ids and addresses.
_WRITTEN = frozenset(
    {"text", "fallback", "pretext", "title", "value", "preview", "plain_text", "name", "footer"}
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """Key ids in the order in which they stand, each once, and whether a secret seems to be there.

    `with_secret` False means that none was recognised, not that there is none.
    """

    key_ids: tuple[str, ...] = ()
    with_secret: bool = False


def pasted_in(content: Any) -> Pasted:
    """What stands in a text, or in a message as Slack gives it: its blocks, attachments, files."""
    texts = list(_texts(content))
    ids = dict.fromkeys(each for _, text in texts for each in _KEY_ID.findall(text))
    written = (text for field, text in texts if field in _WRITTEN)
    return Pasted(tuple(ids), _has_secret(written))


def _has_secret(texts: Iterable[str]) -> bool:
    for text in texts:
        rest = _KEY_ID.sub(" ", _ADDRESS.sub(" ", text))
        if _NAMED.search(text) or any(_is_random(each) for each in _SECRET.findall(rest)):
            return True
    return False


def _is_random(text: str) -> bool:
    """Unlike a commit's hash, in lower case alone, or words in a row."""
    return all(any(kind(each) for each in text) for kind in (str.isupper, str.islower, str.isdigit))


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """Every text with the name of its field, those that stand first in the content first."""
    left: list[tuple[str, Any]] = [("text", content)]
    while left:
        field, value = left.pop()
        if isinstance(value, str):
            yield field, value
        elif isinstance(value, Mapping):
            left += [(str(name), each) for name, each in reversed([*value.items()])]
        elif isinstance(value, list):
            left += [(field, each) for each in reversed(value)]
