"""The versions of AWS's policies: which one was in force, and what came in since."""

from collections.abc import Sequence
from datetime import datetime

from bot.model import ManagedPolicy, PolicyVersion, Severity
from bot.policy import (
    AccessLevel,
    CannotTell,
    PolicyDocumentError,
    Right,
    access_levels,
    compare,
    parse_document,
)

_READING = {AccessLevel.LIST, AccessLevel.READ}


def former_version(policy: ManagedPolicy, since: datetime) -> PolicyVersion | None:
    """What was in force then, or the oldest known where AWS was quicker; None if it still is."""
    if policy.default.created < since:
        return None
    before = [each for each in policy.versions if each.created < since]
    if before:
        return max(before, key=lambda each: each.created)
    return min(policy.versions, key=lambda each: each.created)


def gained_since(former: PolicyVersion, policy: ManagedPolicy) -> Sequence[Right]:
    """What the version in force allows that this one didn't; nothing where one can't be read."""
    try:
        old = parse_document(former.text, where=f"{policy.name}, version {former.id}")
        new = parse_document(policy.default.text, where=policy.name)
    except PolicyDocumentError:
        return ()
    return compare((old,), (new,)).gained


def severity_of(gained: Sequence[Right]) -> Severity:
    """By the access levels of what came in; one that nobody knows counts as writing."""
    levels: set[AccessLevel] = set()
    for right in gained:
        for action in right.actions:
            found = access_levels(action)
            levels |= {AccessLevel.WRITE} if isinstance(found, CannotTell) else found
    if AccessLevel.PERMISSIONS_MANAGEMENT in levels:
        return Severity.MEDIUM
    return Severity.INFO if levels <= _READING else Severity.LOW
