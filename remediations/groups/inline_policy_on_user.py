"""Inline policy on a user

Detects
-------
IAM users that have inline policies. Locksmith's own fences are left alone and don't count, as long
as their document is just what Locksmith puts; a policy that merely has such a name counts, and is
for people to look into. What SES's console puts on its SMTP users is left alone too, where it
allows nothing but mail: by `AmazonSesSendingAccess` it is known whose keys must not be changed.
Break-glass users and Locksmith's own are not looked at.

Why it matters
--------------
An inline policy lives inside one user. No list of policies shows it, it can't be given to the next
person of the team, it has no versions to go back to, and it is deleted with the user.

Changes
-------
The user keeps exactly the rights they have. Locksmith adds the user to a group that grants just
these documents, or makes one (under the path /locksmith/, named after the user's team where the
user has the tag, else after the user), copies the documents into it word for word, adds the user,
looks that all of it holds, and only then deletes the user's own policies. A policy whose document
the user also gets from a group is simply deleted. A policy with a Deny goes to a group of that
user alone. AWS spreads changes over some seconds, during which a call may be refused.

Undo
----
In reverse: puts the exact documents back on the user, takes the user out of the group, and empties
and deletes the group if the plan made it and nobody else has joined since.

When to say no
--------------
When the rights are wrong rather than misplaced: a group would only make them look intended. When
a template or another tool manages the user: change it there.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
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
    is_placed_by_locksmith,
)
from remediations._subjects import is_left_out
from remediations.groups._direct import direct_policies, inline_directly
from remediations.groups._grants import Grants
from remediations.groups._move import NEEDS, move
from remediations.groups._standards import STANDARDS

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html"


class InlinePolicyOnUserSettings(Settings):
    """How teams are known."""

    team_tag: str = Field(
        default="team",
        min_length=1,
        description="The user's tag that names their team, after which a new group is named.",
    )


def detect(snapshot: Snapshot, settings: InlinePolicyOnUserSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per user with inline policies."""
    for user in snapshot.users:
        counted = [policy.name for policy in inline_directly(user, snapshot.account)]
        if counted and not is_left_out(user, snapshot):
            left_alone = sorted({policy.name for policy in user.inline} - set(counted))
            yield direct_policies(CONTROL.id, user, "inline", counted, left_alone)


def plan(
    finding: Finding, snapshot: Snapshot, settings: InlinePolicyOnUserSettings
) -> Plan | Manual:
    """Move the documents to a group."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    counted = inline_directly(user, snapshot.account)
    posing = [policy.name for policy in counted if is_placed_by_locksmith(policy.name)]
    if posing:
        names = ", ".join(posing)
        return Manual(
            snapshot.account,
            finding.subject,
            f"{names} of {user.name}: the name of a fence of Locksmith's, but another document",
            (
                "Look in CloudTrail who put it there: somebody may have hidden their rights",
                f"Delete {names} of {user.name}, or give it another name",
                "Let Locksmith scan again",
            ),
            (_LINK,),
        )
    return move(finding, user, Grants(inline=counted), snapshot, settings.team_tag)


CONTROL = Control(
    id="inline-policy-on-user",
    title="Inline policy on a user",
    topic="groups",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS}),
    plan_needs=NEEDS,
    settings=InlinePolicyOnUserSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
)
