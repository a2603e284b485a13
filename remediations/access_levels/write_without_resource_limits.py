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
Nothing by itself, unless `unused_days` is set: which of these rights the work needs only people
know. The card lists the actions and the policy's holders.

With `unused_days` set, and where AWS's last-accessed reports show that none of those who have the
policy tried any of these actions for so many days, the policy gets a further version without them,
and that version is put in force; the old one stays. An inline policy is overwritten. It is proven
to allow nothing that the old one doesn't. What the reports don't track (iam:PassRole, reading S3
objects) stays with people. What else is not judged, and the look at a new report just before, are
as in unused-service-permissions.

Undo
----
The old version is put in force again and the new one deleted; an inline policy gets its old
document back. Where people made the change, they take it back.

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
    Plan,
    Risk,
    Severity,
    Snapshot,
)
from bot.policy import AccessLevel, Document
from remediations.access_levels._advice import advice, listed
from remediations.access_levels._by_level import limitable, of_level
from remediations.access_levels._by_use import ByUseSettings, without_unused
from remediations.access_levels._written import about, allowed_everywhere, written


class WriteWithoutResourceLimitsSettings(ByUseSettings):
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
        actions = _counted(each.document, snapshot, settings)
        if actions:
            what = "allows writing to every resource"
            yield about(CONTROL.id, each, CONTROL.severity, what, actions)


def _counted(
    document: Document, snapshot: Snapshot, settings: WriteWithoutResourceLimitsSettings
) -> frozenset[str]:
    """What counts of a document; nothing where it is too little."""
    everywhere = allowed_everywhere(document, snapshot.account.partition)
    actions = limitable(of_level(AccessLevel.WRITE, everywhere, settings.allowed))
    return actions if len(actions) >= settings.actions else frozenset()


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: WriteWithoutResourceLimitsSettings,
) -> Plan | Manual:
    """What to limit."""
    by_hand = advice(
        finding,
        snapshot,
        "which resources the work is about only people know",
        f"Name the resources, or a tag of theirs in a condition, for {listed(finding, 'actions')}",
        "Keep a statement on every resource for reading and for what AWS knows no resources for",
    )

    def counted(document: Document) -> frozenset[str]:
        return _counted(document, snapshot, settings)

    return without_unused(finding, snapshot, settings.unused_days, counted, by_hand)


CONTROL = Control(
    id="write-without-resource-limits",
    title="Writing without limits on resources",
    topic="access_levels",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=WriteWithoutResourceLimitsSettings,
    detect=detect,
    plan=plan,
    idle_setting="unused_days",
)
