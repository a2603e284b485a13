"""Actions by access level, and which of them a policy could limit to resources."""

from collections.abc import Iterable
from functools import lru_cache

from bot.policy import AccessLevel, CannotTell, access_levels, takes_resources


def of_level(
    level: AccessLevel, actions: Iterable[str], left_out: Iterable[str] = ()
) -> frozenset[str]:
    """Those of a level; services `left_out`, by their prefix, don't count."""
    spared = {service.lower() for service in left_out}
    return frozenset(
        each
        for each in actions
        if level in _levels(each) and each.partition(":")[0].lower() not in spared
    )


def limitable(actions: Iterable[str]) -> frozenset[str]:
    """Those that AWS lets a policy limit to named resources; some it doesn't."""
    return frozenset(each for each in actions if takes_resources(each) is True)


@lru_cache(maxsize=65536)
def _levels(action: str) -> frozenset[AccessLevel]:
    found = access_levels(action)
    return frozenset() if isinstance(found, CannotTell) else found
