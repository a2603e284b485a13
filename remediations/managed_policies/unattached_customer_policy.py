"""Policy of your own that nobody holds

Detects
-------
Customer-managed policies that are attached to no user, group or role and serve nobody as
permissions boundary, and whose newest version is more than 90 days old. AWS doesn't say since when
a policy is unattached, so only its age counts. Policies that `left_alone` names and those on the
protected list are not looked at.

Why it matters
--------------
Whoever may attach policies picks rights from this shelf, and nobody has looked at them since. The
more of them there are, the harder it is to see which one is meant; an account holds 1,500.

Changes
-------
Deletes the policy: first the versions that aren't in force, as AWS asks for, then the policy
itself. Just before each step Locksmith looks that nobody holds it. The text of every version is
kept in Locksmith's journal word for word.

Undo
----
None: AWS gives a policy made anew another id, and versions other numbers. With the texts in the
journal it can be made again by hand, under the same name and so the same ARN.

When to say no
--------------
When something attaches it from time to time: a pipeline, a permission set of IAM Identity Center
that names it, an emergency. Name it in `left_alone` then. When a template or another tool manages
it: take it out there.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html
https://docs.aws.amazon.com/config/latest/developerguide/iam-policy-in-use.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import days_since, is_older, utc_text
from bot.model import (
    Control,
    Finding,
    ManagedPolicy,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from remediations._documents import why_inexact
from remediations._subjects import is_named, resource_of
from remediations.managed_policies._deleting import delete

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html"


class UnattachedCustomerPolicySettings(Settings):
    """How old a policy that nobody holds may grow."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days without a new version after which a policy that nobody holds counts.",
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of policies that nobody needs to hold, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: UnattachedCustomerPolicySettings) -> Iterator[Finding]:
    """One finding per old policy that nobody holds."""
    for policy in snapshot.customer_policies:
        changed = max(version.created for version in policy.versions)
        held = policy.attachments or policy.boundaries
        if held or not is_older(changed, settings.days, snapshot.taken_at):
            continue
        if _is_left_alone(policy, snapshot, settings):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=policy.id,
            resource=resource_of(policy),
            severity=CONTROL.severity,
            summary=f"Nobody holds the policy {policy.name}",
            evidence={
                "last_changed": utc_text(changed),
                "age_days": days_since(changed, snapshot.taken_at),
                "versions": len(policy.versions),
            },
        )


def _is_left_alone(
    policy: ManagedPolicy, snapshot: Snapshot, settings: UnattachedCustomerPolicySettings
) -> bool:
    named = is_named(policy.name, settings.left_alone)
    return named or snapshot.protection.reason_for(policy.arn) is not None


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: UnattachedCustomerPolicySettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Delete the policy with all of its versions."""
    policy = snapshot.policies_by_arn[finding.resource.arn]
    inexact = why_inexact(
        (version.text, f"{policy.name}, version {version.id}") for version in policy.versions
    )
    if inexact:
        return Manual(
            snapshot.account,
            finding.subject,
            f"a document of {policy.name} can't be kept exactly: {inexact}",
            (
                f"Look that nobody holds {policy.name}",
                "Copy what its versions say, and delete it by hand",
            ),
            (_LINK,),
        )
    breaks = (f"Whatever attaches {policy.name} fails: the policy is no longer there",)
    summary = f"Delete the policy {policy.name}, which nobody holds"
    return Plan(snapshot.account, finding.subject, tuple(delete(policy)), summary, breaks)


CONTROL = Control(
    id="unattached-customer-policy",
    title="Policy of your own that nobody holds",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.CUSTOMER_POLICIES}),
    settings=UnattachedCustomerPolicySettings,
    detect=detect,
    plan=plan,
)
