"""Which roles nobody uses: by when they were last used and made, never by what is attached."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.credentials import days_since, is_older, utc_text
from bot.model import Call, Expect, Json, Operator, Role, Snapshot
from remediations._reads import call
from remediations._subjects import is_named


def idle_roles(
    snapshot: Snapshot, days: int, seasonal: tuple[str, ...]
) -> Iterator[tuple[Role, datetime]]:
    """Roles that were neither made nor used within so many days, each with its last sign.

    Left out are roles in an instance profile, for an instance may hold one and sign nothing; roles
    that only AWS changes; break-glass roles and Locksmith's own; and the `seasonal` ones, which are
    patterns of names. What `protected:` names is not touched, but is no less unused for that.
    """
    protection = replace(snapshot.protection, protected=())
    for role in snapshot.roles:
        since = max(filter(None, (role.created, role.last_used)))
        if role.instance_profiles or not is_older(since, days, snapshot.taken_at):
            continue
        if protection.reason_for(role.arn) is None and not is_named(role.name, seasonal):
            yield role, since


def signs(role: Role, since: datetime, snapshot: Snapshot) -> dict[str, Json]:
    """What tells that nobody uses the role, and what it may do."""
    return {
        "created": utc_text(role.created),
        "last_used": utc_text(role.last_used) or "never in the 400 days that AWS remembers",
        "idle_days": days_since(since, snapshot.taken_at),
        "attached": sorted(role.attached),
        "inline": sorted(policy.name for policy in role.inline),
        "trust": role.trust,
        "boundary": role.boundary,
        "tags": dict(role.tags),
    }


def unused_for(role: Role, days: int) -> Expect:
    """The role was not used within `days` days, as far as AWS knows; it lags some hours."""
    path = "Role.RoleLastUsed.LastUsedDate || 'never'"
    return Expect(_get(role), path, Operator.OLDER_THAN, days, f"{role.name} was used meanwhile")


def made_before(role: Role, days: int) -> Expect:
    """The role was made more than `days` days ago."""
    why = f"{role.name} was made in the last {days} days"
    return Expect(_get(role), "Role.CreateDate", Operator.OLDER_THAN, days, why)


def on_no_instance(role: Role) -> Expect:
    """No instance profile has the role."""
    read = call("ListInstanceProfilesForRole", RoleName=role.name)
    why = f"{role.name} is in an instance profile by now"
    return Expect(read, "InstanceProfiles[].InstanceProfileName", Operator.EQUALS, [], why)


def trusts(role: Role, document: Json) -> Expect:
    """The role's trust policy is this one."""
    why = f"the trust policy of {role.name} is another one"
    return Expect(_get(role), "Role.AssumeRolePolicyDocument", Operator.EQUALS, document, why)


def _get(role: Role) -> Call:
    return call("GetRole", RoleName=role.name)
