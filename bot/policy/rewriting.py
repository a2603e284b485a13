"""Puts statements in the place of others, on the JSON as it came; the rest stays as it was."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.policy.document import Document

Json = dict[str, Any]
#: From one statement, as JSON, to the statements that take its place.
Rewrite = Callable[[Json], list[Json]]


def rewritten(document: Document, rewrites: Mapping[int, Rewrite]) -> Json:
    """The document with some statements, by their index, rewritten; all others word for word."""
    content = document.as_json()
    if rewrites:
        content["Statement"] = [
            new
            for index, item in enumerate(items_of(content))
            for new in (rewrites[index](item) if index in rewrites else [item])
        ]
    return content


def items_of(content: Mapping[str, Any]) -> list[Json]:
    """The statements of a document's JSON, which AWS lets stand without a list."""
    listed: Json | list[Json] = content["Statement"]
    return listed if isinstance(listed, list) else [listed]


def without_keys(item: Mapping[str, Any], *keys: str) -> Json:
    """A statement, or a part of one, without these keys."""
    return {key: value for key, value in item.items() if key not in keys}


def as_list(value: str | list[str]) -> list[str]:
    """What AWS lets stand without a list, as one."""
    return value if isinstance(value, list) else [value]
