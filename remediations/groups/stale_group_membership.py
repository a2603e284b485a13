"""Member who uses nothing of a group

Detects
-------
Members who in the last 90 days tried no service that their group allows, by AWS's last-accessed
reports. Counted is every attempt, refused ones too, and whichever policy of the user allowed it.
Not judged, rather than guessed: a group with a Deny, since who leaves it may do more; a group that
names a service of which AWS reports nothing for this user; policies that can't be read; users and
groups younger than the limit; and who joined within the limit, as far as CloudTrail remembers
(90 days). Break-glass users, Locksmith's own, and those that send mail through Amazon SES, of whose
use AWS may know nothing, are not looked at.

It is off unless you enable it: it takes AWS two calls or more for each user in a group. Where
`inventory.last_access_budget` is too small for all of them, or a report fails, none is judged, and
the scan says so.

Why it matters
--------------
People change jobs and keep the groups of the old one. Nobody misses a right that nobody uses, but
for whoever gets hold of the user.

Changes
-------
Takes the user out of the group. Just before, Locksmith looks that the user is still in it, that the
group grants what was judged, and orders AWS's report anew: where the user tried any of it since, or
the report can't be had or is older than five days, nothing is changed. What was tried in the last
four hours AWS may not know yet.

Undo
----
Puts the user into the group again.

When to say no
--------------
When the work comes more seldom than the limit: a yearly report, being on call, a drill.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor-action-last-accessed.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import is_older, sends_mail, utc_text
from bot.errors import PlanError
from bot.model import (
    Control,
    Expect,
    Finding,
    Group,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
    User,
)
from remediations._last_used import none_still_used, still_unused
from remediations._membership import leave
from remediations._subjects import is_left_out, resource_of
from remediations.groups._grants import content_of, why_unreadable
from remediations.groups._last_access import (
    Services,
    is_settled,
    last_use,
    most_used,
    services_of,
)
from remediations.groups._reads import group_grants_exactly

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html"


class StaleGroupMembershipSettings(Settings):
    """Whether to look, and how long rights may lie unused."""

    enabled: bool = Field(
        default=False,
        description="Off by default: it takes two calls or more for each user in a group.",
    )
    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days in which a member uses nothing of the group; AWS remembers 400.",
    )


def detect(snapshot: Snapshot, settings: StaleGroupMembershipSettings) -> Iterator[Finding]:
    """One finding per member and group."""
    allowed = {group.name: services_of(group, snapshot) for group in snapshot.groups}
    for user in snapshot.users:
        left_out = is_left_out(user, snapshot) or sends_mail(user)
        if user.id in snapshot.last_access.services and not left_out:
            yield from _of_user(user, allowed, snapshot, settings.days)


def _of_user(
    user: User, allowed: dict[str, Services | None], snapshot: Snapshot, days: int
) -> Iterator[Finding]:
    access, now = snapshot.last_access, snapshot.taken_at
    for name in user.groups:
        services = allowed.get(name)
        known = services.known_in(access.services[user.id]) if services else None
        if not known or not is_settled(user, snapshot.groups_by_name[name], access, days, now):
            continue
        used = last_use(known)
        if used is not None and not is_older(used, days, now):
            continue
        group = snapshot.groups_by_name[name]
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/group/{group.id}",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} used nothing that the group {name} allows in {days} days",
            evidence={
                "group": name,
                "services": most_used([*known]),
                "more": max(0, len(known) - 20),
                "last_used": utc_text(used),
            },
        )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: StaleGroupMembershipSettings,
) -> Plan | Manual:
    """Take the user out of the group."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    wanted = finding.subject.rpartition("/")[2]
    group = next(group for group in snapshot.groups if group.id == wanted)
    unreadable = why_unreadable(group.inline, group.name)
    if unreadable:
        return Manual(
            snapshot.account,
            finding.subject,
            f"what {group.name} grants can't be compared exactly: {unreadable}",
            (f"Take {user.name} out of {group.name} by hand", "Let Locksmith scan again"),
            (_LINK,),
        )
    inline = {policy.name: content_of(policy, group.name) for policy in group.inline}
    exactly = group_grants_exactly(group.name, group.attached, inline)
    guards = (*exactly, *_still_unused(user, group, snapshot, settings.days))
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(leave(user, group, guards, "leave"),),
        summary=f"Take {user.name} out of the group {group.name}",
        breaks=(f"{user.name} may do no more what only {group.name} allows",),
    )


def _still_unused(user: User, group: Group, snapshot: Snapshot, days: int) -> tuple[Expect, ...]:
    services = services_of(group, snapshot)
    known = services.known_in(snapshot.last_access.services[user.id]) if services else None
    if services is None or not known:
        raise PlanError(f"what {user.name} used of {group.name} can't be told any more")
    if services.are_all:
        return none_still_used(user.arn, days)
    return still_unused(user.arn, known.keys(), days)


CONTROL = Control(
    id="stale-group-membership",
    title="Member who uses nothing of a group",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES, Part.LAST_ACCESS}
    ),
    settings=StaleGroupMembershipSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
    idle_setting="days",
)
