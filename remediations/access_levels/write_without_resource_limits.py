"""Writing without limits on resources

Detects
-------
Managed policies of yours and inline policies that allow actions of the level Write on every
resource, where AWS lets a policy limit those actions to named resources. Actions that AWS knows no
resources for don't count, nor statements under conditions, nor what the same document denies. Not
raised for what administrators hold that the configuration names, for documents that grant
everything, nor for AWS's own policies. Only where at least 3 such actions are allowed.

Why it matters
--------------
A program that writes to one bucket and may write to all of them is a way from one mistake to
everybody's data. The ARNs of what it works on are known to whoever wrote it.

Changes
-------
Nothing by itself: which resources the work is about only people know. The card lists the actions
and the policy's holders.

Undo
----
None is needed.

When to say no
--------------
When the holder works on whatever there is: a deployment pipeline, a backup. Name it in
`administrators`, or limit it by tags instead of names.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import AccessLevel
from remediations.access_levels._advice import advice, listed
from remediations.access_levels._by_level import limitable, of_level
from remediations.access_levels._written import about, allowed_everywhere, written


class WriteWithoutResourceLimitsSettings(Settings):
    """Who may write everywhere, and how little doesn't count."""

    actions: int = Field(
        default=3,
        ge=1,
        le=1000,
        description="So many writing actions without limits on resources count.",
    )
    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that may write everywhere.",
    )
    allowed: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services that may be written to without limits, by their prefix.",
    )


def detect(snapshot: Snapshot, settings: WriteWithoutResourceLimitsSettings) -> Iterator[Finding]:
    """One finding per policy."""
    for each in written(snapshot, settings.administrators):
        everywhere = allowed_everywhere(each.document, snapshot.account.partition)
        actions = limitable(of_level(AccessLevel.WRITE, everywhere, settings.allowed))
        if len(actions) >= settings.actions:
            what = "allows writing to every resource"
            yield about(CONTROL.id, each, CONTROL.severity, what, actions)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: WriteWithoutResourceLimitsSettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """What to limit."""
    return advice(
        finding,
        snapshot,
        "which resources the work is about only people know",
        f"Name the resources, or a tag of theirs in a condition, for {listed(finding, 'actions')}",
        "Keep a statement on every resource for reading and for what AWS knows no resources for",
    )


CONTROL = Control(
    id="write-without-resource-limits",
    title="Writing without limits on resources",
    topic="access_levels",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=WriteWithoutResourceLimitsSettings,
    detect=detect,
    plan=plan,
)
