"""Permissions management granted broadly

Detects
-------
Managed policies of yours and inline policies that allow actions of the level Permissions management
on every resource, held by anybody but the administrators that the configuration names. To AWS's own
labels Locksmith adds what hands out rights under another name: iam:PassRole, iam:CreateAccessKey,
sts:AssumeRole and their like. Statements under conditions don't count, nor what the same document
denies. Not raised for documents that grant everything (`full-admin-policy` asks about those), nor
for AWS's own policies (`broad-aws-managed-policy-attached`). Medium; high where it is about
identities: IAM, STS, Organizations, Identity Center.

Why it matters
--------------
AWS's advice is to let administrators alone manage permissions. Whoever may write a resource's
policy opens it to anyone; whoever may hand out rights has all of them.

Changes
-------
Nothing by itself, unless `unused_days` is set: which of these rights the work needs only people
know. The card lists the actions, the policy's holders, and what to do.

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
When the holder administers that service: name it in `administrators`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#use-access-levels-to-review-permissions
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
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
from remediations.access_levels._by_level import of_level
from remediations.access_levels._by_use import ByUseSettings, without_unused
from remediations.access_levels._written import about, allowed_everywhere, written

_IDENTITIES = {"iam", "sts", "organizations", "sso", "sso-directory", "identitystore"}


class PermissionsManagementGrantedBroadlySettings(ByUseSettings):
    """Who may manage permissions."""

    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that are meant to manage "
        "permissions; what only they hold is not reported.",
    )
    allowed: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services whose permissions anybody may manage, by their prefix.",
    )


def detect(
    snapshot: Snapshot, settings: PermissionsManagementGrantedBroadlySettings
) -> Iterator[Finding]:
    """One finding per policy."""
    for each in written(snapshot, settings.administrators):
        actions = _counted(each.document, snapshot, settings)
        if actions:
            services = {name.partition(":")[0] for name in actions}
            severity = Severity.HIGH if services & _IDENTITIES else CONTROL.severity
            what = "allows managing permissions on every resource"
            yield about(CONTROL.id, each, severity, what, actions)


def _counted(
    document: Document, snapshot: Snapshot, settings: PermissionsManagementGrantedBroadlySettings
) -> frozenset[str]:
    everywhere = allowed_everywhere(document, snapshot.account.partition)
    return of_level(AccessLevel.PERMISSIONS_MANAGEMENT, everywhere, settings.allowed)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PermissionsManagementGrantedBroadlySettings,
) -> Plan | Manual:
    """Which actions to leave out, or whom to name."""
    by_hand = advice(
        finding,
        snapshot,
        "which of these rights the work needs, and on what, only people know",
        f"Leave out of it what hands out rights: {listed(finding, 'actions')}",
        "What must stay, limit to the resources that it is about",
        "If the holders are administrators, name them in `administrators`",
    )

    def counted(document: Document) -> frozenset[str]:
        return _counted(document, snapshot, settings)

    return without_unused(finding, snapshot, settings.unused_days, counted, by_hand)


CONTROL = Control(
    id="permissions-management-granted-broadly",
    title="Permissions management granted broadly",
    topic="access_levels",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=PermissionsManagementGrantedBroadlySettings,
    detect=detect,
    plan=plan,
    idle_setting="unused_days",
    supersedes=frozenset(
        {"credentials-exposure", "data-exfiltration", "write-without-resource-limits"}
    ),
)
