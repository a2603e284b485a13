"""What people click: its ids, its colours, and that it asks before it acts."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from tests.slack.gate.shape import objects


def problems(blocks: list[dict[str, Any]], dangerous: Collection[str]) -> Iterator[str]:
    for block_id in _repeated(block.get("block_id") for block in blocks):
        yield f"block_id {block_id!r} is used twice"
    for index, block in enumerate(blocks):
        yield from _block_problems(f"blocks[{index}]", block, dangerous)


def _block_problems(path: str, block: dict[str, Any], dangerous: Collection[str]) -> Iterator[str]:
    inside = list(objects(block, path))
    for action_id in _repeated(found.get("action_id") for _, found in inside):
        yield f"{path}: action_id {action_id!r} is used twice"
    if block.get("type") in ("actions", "context") and not block.get("elements"):
        yield f"{path}: {block['type']} without elements"
    primary = [f for _, f in inside if f.get("type") == "button" and f.get("style") == "primary"]
    if len(primary) > 1:
        yield f"{path}: more than one primary button"
    for where, found in inside:
        if found.get("type") == "button" and "url" in found and not found.get("action_id"):
            # A click on it is sent to us as well, and must be told from others to be acknowledged.
            yield f"{where}: url button without action_id"
        if found.get("action_id") in dangerous and "confirm" not in found:
            yield f"{where}: {found['action_id']!r} can change something and has no confirm"


def _repeated(ids: Iterator[Any]) -> list[Any]:
    return [id_ for id_, count in Counter(ids).items() if id_ is not None and count > 1]
