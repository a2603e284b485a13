"""Managed policy attached to a user

Detects
-------
IAM users that have managed policies, AWS's or your own, attached to themselves. What AWS or
Locksmith placed is left alone and doesn't count: `IAMUserChangePassword`, which comes with a
password reset, and `AWSCompromisedKeyQuarantine*`, which AWS attaches to users whose key leaked.
Break-glass users and Locksmith's own are not looked at.

Why it matters
--------------
Rights that are given one person at a time are reviewed one person at a time. They stay when the
person changes teams, and nobody sees who else has them. A group names the reason for a right.

Changes
-------
The user keeps exactly the rights they have. Locksmith adds the user to a group that grants just
these policies, or makes one (under the path /locksmith/, named after the user's team where the
user has the tag, else after the user), attaches the policies to it, adds the user, looks that all
of it holds, and only then detaches the policies from the user. A policy that the user also gets
from a group is simply detached. A policy with a Deny goes to a group of that user alone.
AWS spreads changes over some seconds, during which a call may be refused.

Undo
----
In reverse: attaches the policies to the user again, takes the user out of the group, and empties
and deletes the group if the plan made it and nobody else has joined since.

When to say no
--------------
When the rights are wrong rather than misplaced: a group would only make them look intended. When
a template or another tool manages the user: change it there. When the person could sign in
through Identity Center, which is better than any IAM user.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2
CIS AWS Foundations Benchmark 3.0: 1.15, 5.0: 1.14, 7.0: 2.13
"""

from collections.abc import Iterator

from pydantic import Field

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
)
from remediations._subjects import is_left_out
from remediations.groups._direct import (
    FROM_AWS,
    attached_directly,
    direct_policies,
)
from remediations.groups._grants import Grants
from remediations.groups._move import NEEDS, move
from remediations.groups._standards import STANDARDS


class PolicyAttachedToUserSettings(Settings):
    """What is left alone, and how teams are known."""

    left_alone: tuple[str, ...] = Field(
        default=FROM_AWS,
        strict=False,
        description="Names of policies that may stay on users, with * and ?; IAMUserChangePassword "
        "comes with a password reset. AWS's quarantine policies always stay.",
    )
    team_tag: str = Field(
        default="team",
        min_length=1,
        description="The user's tag that names their team, after which a new group is named.",
    )


def detect(snapshot: Snapshot, settings: PolicyAttachedToUserSettings) -> Iterator[Finding]:
    """One finding per user with managed policies of their own."""
    for user in snapshot.users:
        counted = attached_directly(user, settings.left_alone)
        if counted and not is_left_out(user, snapshot):
            left_alone = sorted(set(user.attached) - set(counted))
            yield direct_policies(CONTROL.id, user, "attached", list(counted), left_alone)


def plan(
    finding: Finding, snapshot: Snapshot, settings: PolicyAttachedToUserSettings
) -> Plan | Manual:
    """Move the policies to a group."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    grants = Grants(attached=attached_directly(user, settings.left_alone))
    return move(finding, user, grants, snapshot, settings.team_tag)


CONTROL = Control(
    id="policy-attached-to-user",
    title="Managed policy attached to a user",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS}),
    plan_needs=NEEDS,
    settings=PolicyAttachedToUserSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
)
