"""Markup that got into a text: a mention, a link or an entity that we didn't write.

Slack reads `&`, `<` and `>` as markup, so data must have them as `&amp;`, `&lt;` and `&gt;`:
https://docs.slack.dev/messaging/formatting-message-text#escaping. What is left of them must be
exactly what we write ourselves.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tests.slack.gate.shape import Surface, objects

_DATE = re.compile(r"<!date\^\d+\^[^<>|^]+\|[^<>|]+>")
_MENTION = re.compile(r"<(?:@(?=[UW])|!subteam\^(?=S)|#(?=C))([A-Z0-9]{2,})>")
#: The elements of rich text that mention somebody, and the key of whom.
_RICH = {"user": "user_id", "usergroup": "usergroup_id", "channel": "channel_id"}
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_QUOTE = re.compile(r"^>", re.MULTILINE)
_MARK = re.compile(r"<[!@#]?\w*|[>&]")


def problems(
    surface: Surface, payload: dict[str, Any], mentions: Collection[str] | None
) -> Iterator[str]:
    if surface == "message" and isinstance(payload.get("text"), str):
        yield from _text_problems("text", payload["text"], mentions)
    for path, found in objects(payload["blocks"], "blocks"):
        if found.get("type") == "mrkdwn" and isinstance(found.get("text"), str):
            yield from _text_problems(path, found["text"], mentions)
        elif found.get("type") in _RICH:
            yield from _mention_problems(path, [str(found.get(_RICH[found["type"]]))], mentions)


def _mention_problems(
    path: str, ids: Iterable[str], mentions: Collection[str] | None
) -> Iterator[str]:
    for id_ in ids:
        if mentions is not None and id_ not in mentions:
            yield f"{path}: mentions {id_}, who wasn't to be mentioned"


def _text_problems(path: str, text: str, mentions: Collection[str] | None) -> Iterator[str]:
    yield from _mention_problems(path, _MENTION.findall(text), mentions)
    # A dot in the place of what is ours, so that its neighbours don't grow together.
    for ours in (_DATE, _MENTION, _ENTITY, _QUOTE):
        text = ours.sub(".", text)
    for mark in dict.fromkeys(_MARK.findall(text)):
        yield f"{path}: unescaped {mark!r}"
