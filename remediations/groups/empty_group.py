"""Group that nobody is in

Detects
-------
IAM groups without any member, made more than 30 days ago. AWS doesn't say since when a group is
empty, so only its age counts. Groups on the protected list are not looked at, nor those that
`left_alone` names.

Why it matters
--------------
Whatever the group grants, it grants to the next one who is put into it, and nobody has looked at it
since. Whoever may add users to groups picks rights from a shelf that nobody watches.

Changes
-------
Takes the group's policies off and deletes it. Just before each step Locksmith looks that nobody has
joined meanwhile. Managed policies stay in the account; inline ones are kept in Locksmith's journal
word for word.

Undo
----
Until the group itself is deleted, its policies are put back as they were. A deleted group is final:
AWS gives one made anew another id. With the policies of the journal it can be made again by hand.

When to say no
--------------
When the group waits for people who come by season, or a program puts members in and out. When a
template or another tool manages it: take it out there.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_delete.html
https://docs.aws.amazon.com/config/latest/developerguide/iam-group-has-users-check.html
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from pydantic import Field

from bot.credentials import days_since, is_older, utc_text
from bot.model import (
    Control,
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
)
from remediations._subjects import resource_of
from remediations.groups._dissolve import dissolve
from remediations.groups._members import members_by_group


class EmptyGroupSettings(Settings):
    """How old an empty group may grow."""

    days: int = Field(
        default=30, ge=1, le=3650, description="Days after which a group without members counts."
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of groups that may be empty, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: EmptyGroupSettings) -> Iterator[Finding]:
    """One finding per old group without members."""
    members = members_by_group(snapshot)
    for group in snapshot.groups:
        if group.name in members or not is_older(group.created, settings.days, snapshot.taken_at):
            continue
        if _is_left_alone(group, snapshot, settings):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{group.id}/group",
            resource=resource_of(group),
            severity=CONTROL.severity,
            summary=f"Nobody is in the group {group.name}, which has {_policies(group)}",
            evidence={
                "created": utc_text(group.created),
                "age_days": days_since(group.created, snapshot.taken_at),
                "attached": sorted(group.attached),
                "inline": sorted(policy.name for policy in group.inline),
            },
        )


def _policies(group: Group) -> str:
    held = len(group.attached) + len(group.inline)
    return f"{held} policies" if held > 1 else "a policy" if held else "no policy"


def _is_left_alone(group: Group, snapshot: Snapshot, settings: EmptyGroupSettings) -> bool:
    return snapshot.protection.reason_for(group.arn) is not None or any(
        fnmatchcase(group.name, name) for name in settings.left_alone
    )


def plan(finding: Finding, snapshot: Snapshot, settings: EmptyGroupSettings) -> Plan | Manual:  # noqa: ARG001 - every control's signature
    """Empty the group of its policies and delete it."""
    group = snapshot.groups_by_name[finding.resource.name]
    return dissolve(finding, group, snapshot)


CONTROL = Control(
    id="empty-group",
    title="Group that nobody is in",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.USERS, Part.GROUPS}),
    settings=EmptyGroupSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-3", "AC-6"), pci=("7.2.4", "8.2.1")),
)
