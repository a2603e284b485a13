"""How much fits into one message, and what is left out where it doesn't."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.slack.blocks.elements import Block, Payload

#: Slack allows 50, and about 13,200 characters of blocks, which it doesn't document:
#: https://github.com/slackapi/bolt-js/issues/2509
_BLOCKS = 50
_SIZE = 12_800


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is room for: characters of one text, of one call, and items of a list."""

    text: int
    call: int
    items: int


#: From everything that a plan usually has to the least that still tells it.
ROOMS = (Room(2_000, 600, 20), Room(1_000, 300, 12), Room(500, 200, 6), Room(250, 120, 2))


def fits(blocks: Sequence[Block]) -> bool:
    """Whether Slack takes these blocks as one message."""
    size = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))
    return len(blocks) <= _BLOCKS and size // 2 <= _SIZE


def fitted(build: Callable[[Room], Payload]) -> Payload:
    """The message with the most room that Slack takes; the build says what it left out."""
    for room in ROOMS:
        payload = build(room)
        if fits(payload["blocks"]):
            return payload
    return payload
