"""Which actions the patterns of a statement mean, looked up where AWS lists them."""

import re
from functools import lru_cache

from bot.policy.document import Statement
from bot.policy.expansion import all_actions, expand
from bot.policy.matching import action_covers, is_pattern, matches_action

#: What every text that a pattern matches begins with.
_HEAD = re.compile(r"[^*?$]*")


def applies(statement: Statement, action: str) -> bool:
    """Whether the Action or NotAction of a statement takes it in; looked up where AWS lists it."""
    patterns = statement.actions or statement.not_actions
    if action in all_actions():
        named = action in listed(patterns)
    else:
        named = action.lower() in lowered(patterns) or any(
            matches_action(each, action) for each in wild(patterns)
        )
    return named is bool(statement.actions)


@lru_cache(maxsize=8192)
def listed(patterns: tuple[str, ...]) -> frozenset[str]:
    """The actions that any of the patterns means; a name that AWS doesn't list means itself."""
    return frozenset[str]().union(*map(_meant, patterns))


@lru_cache(maxsize=8192)
def lowered(patterns: tuple[str, ...]) -> frozenset[str]:
    """The patterns in lower case: the case of letters is no matter in actions."""
    return frozenset(each.lower() for each in patterns)


@lru_cache(maxsize=8192)
def wild(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Those that may mean more than one action."""
    return tuple(filter(is_pattern, patterns))


def surely_covers(pattern: str, other: str) -> bool:
    """As `action_covers`, and quickly no where what they begin with differs already."""
    begin = _HEAD.match(pattern.lower())
    starts_so = begin is None or other.lower().startswith(begin[0])
    return starts_so and action_covers(pattern, other)


@lru_cache(maxsize=4096)
def _meant(pattern: str) -> frozenset[str]:
    """The actions that a pattern means: those that are known, and itself where it is a name."""
    found = expand(pattern)
    if isinstance(found, frozenset):
        return found
    if not is_pattern(pattern):
        return frozenset({pattern})
    return frozenset(each for each in all_actions() if matches_action(pattern, each))
