"""The version of a policy that was in force before the present one, and what has come in since."""

from bot.model import ManagedPolicy, PolicyVersion
from bot.policy import PolicyDocumentError, Right, compare, parse_document


def earlier_version(policy: ManagedPolicy) -> PolicyVersion | None:
    """The newest version before the one in force; None where that is not the newest of all.

    A policy that was set back to an older version has no version before it: nobody can tell when
    that was, nor what was in force until then.
    """
    default = policy.default
    if any(each.created > default.created for each in policy.versions):
        return None
    older = [each for each in policy.versions if each.id != default.id]
    return max(older, key=lambda each: (each.created, _number(each)), default=None)


def gained_since(before: PolicyVersion, policy: ManagedPolicy) -> tuple[Right, ...]:
    """What the version in force surely allows that `before` didn't; nothing that it gives back.

    It gives back what some earlier version, which AWS still keeps, allowed as well.
    """
    new = parse_document(policy.default.text, where=policy.name)
    gained: tuple[Right, ...] = ()
    for version in policy.versions:
        if version.id == policy.default.id:
            continue
        try:
            old = parse_document(version.text, where=f"{version.id} of {policy.name}")
        except PolicyDocumentError:
            continue
        more = compare([old], [new]).gained
        if not more:
            return ()
        if version.id == before.id:
            gained = tuple(right for right in more if right.certain or right.later)
    return gained


def _number(version: PolicyVersion) -> int:
    return int(version.id.removeprefix("v"))
