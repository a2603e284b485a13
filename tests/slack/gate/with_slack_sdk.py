"""What Slack's own models say, and what gets lost on the way through them.

The models drop what they don't know, so a misspelt key or an unknown type shows as a difference
between what went in and what comes out.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack.gate.shape import MALFORMED, Surface


def problems(surface: Surface, payload: dict[str, Any]) -> Iterator[str]:
    for index, raw in enumerate(payload["blocks"]):
        yield from _block_problems(f"blocks[{index}]", raw)
    if surface == "message":
        return
    try:
        back = View(**payload).to_dict()
    except (SlackObjectFormationError, *MALFORMED) as error:
        yield f"{surface}: {error}"
        return
    # Blocks were compared one by one.
    yield from _lost({**payload, "blocks": []}, {**back, "blocks": []}, "")


def _block_problems(path: str, raw: dict[str, Any]) -> Iterator[str]:
    try:
        block = Block.parse(raw)
        back = block.to_dict() if block else None
    except (SlackObjectFormationError, *MALFORMED) as error:
        yield f"{path}: {error}"
        return
    if back is None:
        yield f"{path}: unknown type {raw.get('type')!r}"
        return
    yield from _lost(raw, back, path)


def _lost(raw: Any, back: Any, path: str) -> Iterator[str]:
    """Each place where the round trip changed something; keys that it added are its defaults."""
    if isinstance(raw, dict) and isinstance(back, dict):
        for key, value in raw.items():
            inner = f"{path}.{key}" if path else key
            if key in back:
                yield from _lost(value, back[key], inner)
            else:
                yield f"{inner}: lost in the round trip"
    elif isinstance(raw, list) and isinstance(back, list):
        for index, (value, other) in enumerate(zip_longest(raw, back)):
            yield from _lost(value, other, f"{path}[{index}]")
    elif raw != back:
        yield f"{path}: changed in the round trip"
