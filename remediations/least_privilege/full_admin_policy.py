"""Policy that grants full administration

Detects
-------
Policies that allow every action on every resource, or everything but a few actions (NotAction)
while rights can still be handed out: your own managed policies, inline policies of users, groups
and roles, and AWS's (AdministratorAccess) wherever they are attached. One finding for each policy
of yours, and one for each principal that holds one of AWS's or an inline one. Not raised for a
policy that serves as permissions boundary only, nor where only those who are meant to be
administrators hold it: break-glass identities, Locksmith's own, roles of AWS, Identity Center and
Control Tower, and whatever the setting `administrators` names. Boundaries and organization
policies may take rights back; this control doesn't weigh them, and says which boundary there is.
Critical where anyone may assume a role that holds it, or ten identities and more do; high where
fewer do; medium where it depends on a condition; low where nobody has it today.

Why it matters
--------------
Whoever gets hold of one of these identities has the account: its data, its bills, its logs and
everybody else's rights. Most of them need a few services.

Changes
-------
A policy of yours gets a second version that allows everything but IAM, Organizations and account
settings, and that version is put in force; the old one stays. An inline policy is overwritten with
such a document. In the place of one of AWS's the setting `replacement` (PowerUserAccess) is
attached first, and looked at, before the other is detached. For whoever needs IAM, Organizations
or account settings, those calls stop working at once; with IAM goes iam:PassRole, so launching
EC2 instances, Lambda functions or ECS tasks with a role does too. People make the change where it
would hit someone who must keep the rights, where AWS allows no further version or policy, and where
the replacement would give more than a condition does now.

Undo
----
The old version is put in force again and the new one deleted; the old document is written back
word for word; the old policy is attached again and the replacement detached.

When to say no
--------------
When this is one of the few who are to administer the account: name it in `administrators`, give
it MFA and an owner. When a pipeline creates roles: it needs some of IAM, so write it a policy of
its own first. PowerUserAccess is a step on the way; what they really use is less.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-1
CIS AWS Foundations Benchmark 3.0: 1.16, 5.0: 1.15, 7.0: 2.14
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import FullAccess
from remediations._policy_reads import Holder
from remediations._subjects import resource_of
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._full_admin_fix import fix_attached, fix_inline, fix_policy
from remediations.least_privilege._full_admin_held import (
    full_access_of_aws,
    full_attached,
    full_inline,
)
from remediations.least_privilege._holders import (
    Meant,
    holder_by_id,
    holders,
    holders_of,
    reach_of,
    said,
)


class FullAdminPolicySettings(Settings):
    """Who is meant to be an administrator, and what the others get instead."""

    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that are meant to "
        "administer the account; what they hold is not reported. The group is the one that "
        "root-is-the-only-administrator makes.",
    )
    replacement: str = Field(
        default="PowerUserAccess",
        min_length=1,
        description="The AWS-managed policy that takes the place of AdministratorAccess; with "
        "its path where it has one (job-function/ViewOnlyAccess).",
    )


def detect(snapshot: Snapshot, settings: FullAdminPolicySettings) -> Iterator[Finding]:
    """One finding per customer policy, and per principal and policy that is not one."""
    meant = Meant(snapshot, settings.administrators)
    yield from _customer_policies(snapshot, meant)
    aws = full_access_of_aws(snapshot)
    for holder in holders(snapshot):
        held = [*full_attached(holder, aws), *full_inline(holder, snapshot)]
        if held and meant.why(holder) is None:
            for key, name, full in held:
                yield _on_holder(holder, key, name, full, snapshot)


def _customer_policies(snapshot: Snapshot, meant: Meant) -> Iterator[Finding]:
    for policy in snapshot.customer_policies:
        full = full_access(policy.default.text, policy.name, snapshot.account)
        if full is None:
            continue
        found = holders_of(policy.arn, snapshot)
        unmeant = [holder for holder in found if meant.why(holder) is None]
        if unmeant or not (found or policy.boundaries):
            resource = resource_of(policy)
            text = f"{policy.name} grants full administration"
            yield _finding(policy.id, resource, text, full, found, snapshot)


def _on_holder(
    holder: Holder, key: str, name: str, full: FullAccess, snapshot: Snapshot
) -> Finding:
    resource = resource_of(holder)
    text = f"{said(holder)} has {name}, which grants full administration"
    return _finding(f"{holder.id}/{key}", resource, text, full, (holder,), snapshot)


def _finding(
    subject: str,
    resource: Resource,
    text: str,
    full: FullAccess,
    found: tuple[Holder, ...],
    snapshot: Snapshot,
) -> Finding:
    reach = reach_of(found, snapshot)
    evidence: dict[str, Json] = {
        **reach.evidence(snapshot),
        "statements": [statement.label for statement in full.statements],
        "conditional": full.conditional,
    }
    severity = reach.severity(conditional=full.conditional)
    return Finding(CONTROL.id, subject, resource, severity, text, evidence)


def plan(finding: Finding, snapshot: Snapshot, settings: FullAdminPolicySettings) -> Plan | Manual:
    """Cut the policy down, or give the principal a smaller one."""
    meant = Meant(snapshot, settings.administrators)
    if finding.resource.type == "policy":
        policy = snapshot.policies_by_arn[finding.resource.arn]
        return fix_policy(finding, policy, snapshot, meant)
    holder = holder_by_id(finding.resource.unique_id, snapshot)
    key = finding.subject.removeprefix(f"{holder.id}/")
    if key.startswith("inline/"):
        return fix_inline(finding, holder, key.removeprefix("inline/"), snapshot, meant)
    return fix_attached(finding, holder, key, snapshot, meant, settings.replacement)


CONTROL = Control(
    id="full-admin-policy",
    title="Policy that grants full administration",
    topic="least_privilege",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=FullAdminPolicySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.16",), "5.0": ("1.15",), "7.0": ("2.14",)},
        fsbp=("IAM.1",),
        nist=(
            "AC-2", "AC-2(1)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-5", "AC-6", "AC-6(2)",
            "AC-6(3)", "AC-6(10)",
        ),
        pci=("7.2.1", "7.2.2"),
    ),
)  # fmt: skip
