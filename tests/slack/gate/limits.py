"""Sizes that no validator knows: of a message's text and blocks, and of a whole view."""

import json
from collections.abc import Iterator
from typing import Any

from tests.slack.gate.shape import Surface

#: chat.update answers `msg_too_long` above it: https://docs.slack.dev/reference/methods/chat.update
TEXT = 4_000
#: https://docs.slack.dev/reference/block-kit/blocks
MESSAGE_BLOCKS = 50
#: `msg_blocks_too_long`: measured by users, not documented. We count the JSON, since 11,341
#: characters of texts alone were refused: https://github.com/slackapi/bolt-js/issues/2509 and 2867.
BLOCKS_SIZE = 13_200
#: `view_too_large`, in bytes: https://docs.slack.dev/reference/methods/views.open
VIEW_SIZE = 250_000
#: https://docs.slack.dev/reference/views/modal-views
PRIVATE_METADATA = 3_000


def problems(surface: Surface, payload: dict[str, Any]) -> Iterator[str]:
    if surface == "message":
        yield from _message_problems(payload)
        return
    size = len(_json(payload).encode())
    if size > VIEW_SIZE:
        yield f"the view has {size} bytes, over {VIEW_SIZE}"
    metadata = payload.get("private_metadata")
    if isinstance(metadata, str) and len(metadata) > PRIVATE_METADATA:
        yield f"private_metadata has {len(metadata)} characters, over {PRIVATE_METADATA}"


def _message_problems(payload: dict[str, Any]) -> Iterator[str]:
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        # It is what notifications show and screen readers read.
        yield "text is missing or empty"
    elif len(text) > TEXT:
        yield f"text has {len(text)} characters, over {TEXT}"
    count = len(payload["blocks"])
    if not 1 <= count <= MESSAGE_BLOCKS:
        yield f"the message has {count} blocks, not 1 to {MESSAGE_BLOCKS}"
    size = len(_json(payload["blocks"]))
    if size > BLOCKS_SIZE:
        yield f"the blocks have {size} characters, over {BLOCKS_SIZE}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
