"""Two groups that grant the same

Detects
-------
IAM groups with members whose policies are just those of another group with members: the same
managed policies, and inline policies with the same documents, whatever their names. Groups without
any policy are not compared, nor groups with a document that can't be read. The group with the most
members (then the older one) stays; there is one finding for each of the others.

Why it matters
--------------
Two groups with the same rights are two places to change when the rights must change. Sooner or
later one is forgotten, and people keep what everybody thinks was taken away.

Changes
-------
Each member keeps exactly the rights they have. Locksmith adds them to the group that stays, looks
that it took effect, and then takes them out of the other; 25 people at once, the rest with the next
question. The group that is left without members is not deleted: `empty-group` asks about that.

Undo
----
In reverse: puts each member back into their old group and then takes them out of the other.

When to say no
--------------
When the groups stand for different jobs that happen to need the same today, or a program manages
one of them. Name it in `left_alone` then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from pydantic import Field

from bot.credentials import count
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
    User,
)
from remediations._subjects import resource_of
from remediations.groups._grants import documents_of
from remediations.groups._members import members_by_group
from remediations.groups._merge import merge


class DuplicateGroupsSettings(Settings):
    """Which groups may be alike."""

    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of groups that may grant what another one does, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: DuplicateGroupsSettings) -> Iterator[Finding]:
    """One finding per group that another one makes needless."""
    members = members_by_group(snapshot)
    for alike in _alike(snapshot, members, settings):
        kept, *others = alike
        for group in others:
            yield Finding(
                control=CONTROL.id,
                subject=f"{group.id}/group",
                resource=resource_of(group),
                severity=CONTROL.severity,
                summary=f"The group {group.name} grants just what {kept.name} does",
                evidence={
                    "same_as": kept.name,
                    "members": count(len(members[group.name]), "member"),
                    "members_of_the_other": count(len(members[kept.name]), "member"),
                    "attached": sorted(group.attached),
                    "inline": sorted(policy.name for policy in group.inline),
                },
            )


def _alike(
    snapshot: Snapshot, members: Mapping[str, tuple[User, ...]], settings: DuplicateGroupsSettings
) -> Iterator[list[Group]]:
    """Groups that grant the same, several at a time, the one that stays first."""
    found: dict[tuple[frozenset[str], tuple[str, ...]], list[Group]] = defaultdict(list)
    for group in snapshot.groups:
        documents = documents_of(group.inline)
        grants = bool(group.attached or group.inline)
        is_free = any(fnmatchcase(group.name, name) for name in settings.left_alone)
        if documents is not None and grants and group.name in members and not is_free:
            found[frozenset(group.attached), documents].append(group)
    for alike in found.values():
        yield sorted(alike, key=lambda one: (-len(members[one.name]), one.created, one.name))


def plan(finding: Finding, snapshot: Snapshot, settings: DuplicateGroupsSettings) -> Plan | Manual:
    """Let the members of one join the other, and leave."""
    group = snapshot.groups_by_name[finding.resource.name]
    members = members_by_group(snapshot)
    kept = next(alike[0] for alike in _alike(snapshot, members, settings) if group in alike)
    return merge(finding, group, kept, members[group.name], snapshot)


CONTROL = Control(
    id="duplicate-groups",
    title="Two groups that grant the same",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.GROUPS}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=DuplicateGroupsSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-3", "AC-6"), pci=("7.2.1", "7.2.2")),
)
