"""The same direct policies on several users

Detects
-------
Three or more users of one team (by their tag) that hold the very same policies directly: the same
managed ones, and inline ones with the same documents, whatever their names. What AWS or Locksmith
placed doesn't count. Users whose direct policies differ in one are asked about one by one, by
`policy-attached-to-user` and `inline-policy-on-user`. Not looked at are break-glass users,
Locksmith's own, users that a stack owns, and those with a document that can't be read.

Why it matters
--------------
That is a group that nobody made. A right that the job no longer needs must be taken from each of
them by itself, and the one who is forgotten keeps it.

Changes
-------
All of them keep exactly the rights they have. Locksmith takes a group that grants just these
policies, or makes one (under the path /locksmith/, named after the team), adds each user, looks
that it took effect, and only then takes the policies off them; 25 people at once, the rest with the
next question. The security group decides, since it is about several people.

Undo
----
In reverse: puts the exact policies back on each user, takes the users out of the group, and empties
and deletes the group if the plan made it and nobody else has joined since.

When to say no
--------------
When the rights are wrong rather than misplaced, or when they do different jobs that happen to need
the same today. When a template or another tool manages the users: change it there.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2
CIS AWS Foundations Benchmark 3.0: 1.15, 5.0: 1.14, 7.0: 2.13
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic import Field

from bot.errors import PlanError
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    User,
    canonical,
    is_placed_by_locksmith,
    stack_of,
)
from remediations._subjects import account_resource, is_left_out
from remediations._tags import tag_value
from remediations.groups._direct import FROM_AWS, attached_directly, inline_directly
from remediations.groups._grants import Grants, documents_of
from remediations.groups._move import NEEDS
from remediations.groups._shared_move import Holding, shared_move
from remediations.groups._standards import STANDARDS

_SHOWN = 25


class SameDirectPoliciesOnSeveralUsersSettings(Settings):
    """How many users make a group, what is left alone, and how teams are known."""

    users: int = Field(
        default=3, ge=2, le=1000, description="So many users with the same direct policies count."
    )
    left_alone: tuple[str, ...] = Field(
        default=FROM_AWS,
        strict=False,
        description="Names of managed policies that may stay on users, with * and ?.",
    )
    team_tag: str = Field(
        default="team",
        min_length=1,
        description="The users' tag that names their team, after which a new group is named.",
    )


def detect(
    snapshot: Snapshot, settings: SameDirectPoliciesOnSeveralUsersSettings
) -> Iterator[Finding]:
    """One finding per team and set of policies."""
    for (key, team), holders in _alike(snapshot.users, snapshot, settings).items():
        if len(holders) < settings.users:
            continue
        names = [user.name for user, _ in holders]
        grants = holders[0][1]
        covers = (
            f"{user.id}/{kind}-policies" for user, _ in holders for kind in ("attached", "inline")
        )
        whose = f" of the team {team}" if team else ""
        yield Finding(
            control=CONTROL.id,
            subject=f"{snapshot.account.id}/same-policies/{key}",
            resource=account_resource(snapshot),
            severity=CONTROL.severity,
            summary=f"{len(names)} users{whose} hold the same policies directly",
            evidence={
                "users": [*names[:_SHOWN]],
                "more": max(0, len(names) - _SHOWN),
                "attached": [*grants.attached],
                "inline": [policy.name for policy in grants.inline],
            },
            covers=frozenset(covers),
        )


def _alike(
    users: Iterable[User], snapshot: Snapshot, settings: SameDirectPoliciesOnSeveralUsersSettings
) -> dict[tuple[str, str], list[Holding]]:
    """These users by the policies that they hold directly, as a short hash, and their team."""
    found: dict[tuple[str, str], list[Holding]] = defaultdict(list)
    for user in sorted(users, key=lambda user: user.name):
        if is_left_out(user, snapshot) or stack_of(user.tags):
            continue
        attached = attached_directly(user, settings.left_alone)
        inline = inline_directly(user, snapshot.account)
        documents = documents_of(inline)
        posing = any(is_placed_by_locksmith(policy.name) for policy in inline)
        if documents is None or posing or not (attached or inline):
            continue
        team = tag_value(user, settings.team_tag)
        held = canonical([team, [*attached], [*documents]])
        key = hashlib.sha256(held.encode()).hexdigest()[:16]
        found[key, team].append((user, Grants(attached, inline)))
    return found


def plan(
    finding: Finding, snapshot: Snapshot, settings: SameDirectPoliciesOnSeveralUsersSettings
) -> Plan | Manual:
    """Move what they all hold to one group."""
    wanted = finding.subject.rpartition("/")[2]
    about = {each.partition("/")[0] for each in finding.covers}
    users = [snapshot.users_by_id[each] for each in about]
    for (key, team), holders in _alike(users, snapshot, settings).items():
        if key == wanted:
            return shared_move(finding, holders, snapshot, team)
    raise PlanError(f"{finding.control}: the snapshot has no users for {finding.subject}")


CONTROL = Control(
    id="same-direct-policies-on-several-users",
    title="The same direct policies on several users",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS}),
    plan_needs=NEEDS,
    settings=SameDirectPoliciesOnSeveralUsersSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
    supersedes=frozenset({"policy-attached-to-user", "inline-policy-on-user"}),
    asks_security=True,
)
