"""A document without some actions: as few changes as leave a person the document they know.

A pattern stays word for word while nothing of it goes. One that loses something becomes the names
of what is left, or patterns of first words (`s3:Get*`) where all of that is left, and never one
that the old pattern didn't cover. Deny, conditions, resources, NotAction, Sids and order stay.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Document
from bot.policy.expansion import expand
from bot.policy.matching import action_covers

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[^A-Z]+")

#: Whether an action, given as `service:Name`, goes.
Goes = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The document that is left, as AWS's answers hold it, and the known actions that went.

    `document` is None where no statement is left: AWS has no policy without one. `removed` holds
    what some Allow named and no Allow names any more, whatever denies it.
    """

    document: dict[str, Any] | None
    removed: frozenset[str]


def without_actions(document: Document, goes: Goes) -> Trimmed:
    """The document without the actions that go, in every Allow that names actions.

    Patterns over several services (`*`, `*:Get*`) and those that the service reference doesn't know
    stay. So does what NotAction takes in.
    """
    content = document.as_json()
    listed = content["Statement"]
    items: list[dict[str, Any]] = listed if isinstance(listed, list) else [listed]
    kept, before, after = [], set[str](), set[str]()
    for item in items:
        new = _trimmed(item, goes) if item["Effect"] == "Allow" and "Action" in item else item
        if new is not None:
            kept.append(new)
        if item["Effect"] == "Allow":
            before |= _known(item)
            after |= _known(new) if new is not None else set()
    if not kept:
        return Trimmed(None, frozenset(before))
    if kept != items:
        content["Statement"] = kept if isinstance(listed, list) else kept[0]
    return Trimmed(content, frozenset(before - after))


def _trimmed(item: dict[str, Any], goes: Goes) -> dict[str, Any] | None:
    named = item["Action"]
    patterns: list[str] = named if isinstance(named, list) else [named]
    left = list(dict.fromkeys(each for pattern in patterns for each in _left(pattern, goes)))
    if left == patterns:
        return item
    if not left:
        return None
    return item | {"Action": left if isinstance(named, list) or len(left) > 1 else left[0]}


def _left(pattern: str, goes: Goes) -> Iterator[str]:
    """What stands in the place of one pattern."""
    known = _expanded(pattern)
    gone = {action for action in known if goes(action)}
    if not gone:
        yield pattern
    elif len(gone) < len(known):
        yield from _shortened(pattern, sorted(known - gone), gone)


def _shortened(pattern: str, actions: list[str], gone: set[str]) -> Iterator[str]:
    """What is left of a pattern; a family of names only where that is shorter and no wider."""
    left, lost = [each.lower() for each in actions], [each.lower() for each in gone]
    seen: set[str] = set()
    for action in actions:
        shown = next(
            (
                family
                for family in _families(action)
                if _within(family, left) > 1
                and not _within(family, lost)
                and action_covers(pattern, family)
            ),
            action,
        )
        if shown not in seen:
            seen.add(shown)
            yield shown


def _within(family: str, names: list[str]) -> int:
    """How many of the names, in lower case, a family takes in."""
    start = family[:-1].lower()
    return sum(each.startswith(start) for each in names)


def _families(action: str) -> Iterator[str]:
    """Patterns of the action's first words, the widest first: `s3:Get*`, `s3:GetBucket*`."""
    service, _, name = action.partition(":")
    words = _WORD.findall(name)
    for count in range(1, len(words) + 1):
        yield f"{service}:{''.join(words[:count])}*"


def _known(item: dict[str, Any]) -> set[str]:
    named = item.get("Action", [])
    patterns = named if isinstance(named, list) else [named]
    return {action for pattern in patterns for action in _expanded(pattern)}


@lru_cache(maxsize=4096)
def _expanded(pattern: str) -> frozenset[str]:
    """The known actions of one service; none for what is about several, or about nothing known."""
    service = pattern.partition(":")[0]
    if set(service) & set("*?"):
        return frozenset()
    found = expand(pattern)
    return frozenset() if isinstance(found, CannotTell) else found
