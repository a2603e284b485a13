"""The version of a policy that was in force before the present one, as far as AWS keeps it."""

from bot.model import ManagedPolicy, PolicyVersion


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


def _number(version: PolicyVersion) -> int:
    return int(version.id.removeprefix("v"))
