"""Reading blocks: the elements that a person can use, and the ids Slack gives to blocks without."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Element:
    """A button, menu or picker, with the block it stands in."""

    block_id: str
    json: dict[str, Any]
    in_input: bool = False
    optional: bool = False

    @property
    def type(self) -> str:
        """`button`, `overflow`, `datepicker`, …"""
        return str(self.json["type"])

    @property
    def action_id(self) -> str:
        """Its action_id."""
        return str(self.json.get("action_id", ""))

    @property
    def text(self) -> str:
        """What is written on it."""
        return str(self.json.get("text", {}).get("text", ""))

    @property
    def value(self) -> str | None:
        """What a button carries."""
        return self.json.get("value")

    @property
    def style(self) -> str | None:
        """`primary`, `danger` or none."""
        return self.json.get("style")

    @property
    def confirm(self) -> dict[str, Any] | None:
        """The dialog that asks once more before the click counts."""
        return self.json.get("confirm")


def elements(blocks: list[Block]) -> Iterator[Element]:
    """Everything in these blocks that a person can press, choose or fill in, in order."""
    for block in blocks:
        name = str(block.get("block_id", ""))
        if block["type"] == "actions":
            yield from (Element(name, inner) for inner in block["elements"])
        elif block["type"] == "section" and block.get("accessory", {}).get("action_id"):
            yield Element(name, block["accessory"])
        elif block["type"] == "input":
            yield Element(
                name, block["element"], in_input=True, optional=bool(block.get("optional"))
            )


def with_ids(blocks: list[Block], serial: int) -> list[Block]:
    """A copy in which every block and every interactive element has an id, as Slack keeps them."""
    kept = copy.deepcopy(blocks)
    for at, block in enumerate(kept):
        block.setdefault("block_id", f"b{serial:x}-{at}")
        for element in elements([block]):
            element.json.setdefault("action_id", f"a{serial:x}-{at}")
    return kept


def words(value: object) -> str:
    """Every text in blocks or a view, one a line: what a person can read."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(words, value)))
    if not isinstance(value, dict):
        return ""
    inner = [value["text"]] if isinstance(value.get("text"), str) else []
    inner += [words(part) for key, part in value.items() if key not in {"confirm", "metadata"}]
    return "\n".join(filter(None, inner))
