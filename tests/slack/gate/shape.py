"""The outer shape of a payload, and every object in it with its path."""

from collections.abc import Iterator
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]

#: What a builder or model raises on a payload that it can't read. Anything else is a bug of ours.
MALFORMED = (TypeError, ValueError, KeyError, AttributeError, IndexError, AssertionError)


def misshapen(surface: Surface, payload: dict[str, Any]) -> str | None:
    """Why nothing else about `payload` can be checked, or None."""
    blocks = payload.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        # Also for messages: chat.update without blocks keeps the old ones, buttons and all.
        # https://github.com/slackapi/python-slack-sdk/issues/523
        return "blocks is not a list of objects"
    if surface != "message" and payload.get("type") != surface:
        return f"type is not {surface}"
    return None


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object inside `value` with its path (`blocks[0].accessory`), outer ones first."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from objects(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from objects(inner, f"{path}[{index}]")
