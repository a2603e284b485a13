"""How much of one document's rights another one has: just the same, or nearly."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from bot.model import Json
from bot.policy import (
    CannotTell,
    Difference,
    Document,
    Relation,
    Right,
    compare,
    expand,
    same_rights,
    statement_actions,
)

_SHOWN = 12
_NAMED = 8


def are_equal(ours: Document, theirs: Document) -> bool:
    """Whether who has the one may do just what who has the other may, whatever else they have.

    A Deny reaches into what other policies give, so that documents with one are equal only
    statement by statement.
    """
    if same_rights((ours,), (theirs,)):
        return True
    if any(one.effect == "Deny" for each in (ours, theirs) for one in each.statements):
        return False
    if allowed_actions(ours) != allowed_actions(theirs):
        return False
    return compare((ours,), (theirs,)).relation is Relation.SAME


@lru_cache(maxsize=8192)
def allowed_actions(document: Document) -> frozenset[str]:
    """The actions that the document's Allow statements name, as far as they are known."""
    allowing = (one for one in document.statements if one.effect == "Allow")
    return frozenset[str]().union(*(statement_actions(one).actions for one in allowing))


def likeness(difference: Difference, ours: Document, theirs: Document) -> int:
    """The share of actions, in percent and rounded down, whose rights are surely the same.

    What only says that AWS may add actions later doesn't count against it.
    """
    every = allowed_actions(ours) | allowed_actions(theirs)
    differing = frozenset[str]().union(
        *(_meant(each) for each in (*difference.lost, *difference.gained) if not each.later)
    )
    return 100 * (len(every) - len(differing & every)) // len(every) if every else 0


def _meant(right: Right) -> frozenset[str]:
    found: set[str] = set()
    for action in right.actions:
        known = expand(action)
        found |= {action} if isinstance(known, CannotTell) else known
    return frozenset(found)


def shown(rights: Sequence[Right]) -> list[Json]:
    """Rights for people: which actions on what, and why; long lists cut short."""
    lines = list(_lines(rights))
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _lines(rights: Iterable[Right]) -> Iterator[str]:
    for right in rights:
        names = ", ".join(right.actions[:_NAMED])
        more = len(right.actions) - _NAMED
        listed = f"{names} and {more} more" if more > 0 else names
        perhaps = "" if right.certain or right.later else "perhaps "
        later = ", and what AWS adds to it later" if right.later else ""
        yield f"{perhaps}{listed} on {right.resource}{later}"
