"""Policy attached that AWS has retired

Detects
-------
Users, groups and roles that hold a policy of AWS's that AWS lets nobody attach any more, by what
AWS itself says of the policy (IsAttachable). One finding for each holder and policy. Policies of
service-linked roles, which nobody can attach anyway, and AWS's quarantine of leaked keys don't
count; nor do roles that only AWS, Identity Center or Control Tower changes, break-glass identities
and Locksmith's own.

Why it matters
--------------
A retired policy works on where it is attached, but AWS updates it no more: it lacks what newer
features need, and often it was retired because it allowed too much. Once detached by mistake, it
can't be attached again.

Changes
-------
Where AWS names a successor and that allows nothing more, the successor is attached first and looked
at, before the retired policy is detached. The card lists what stops working. Where the successor
allows more or there is none, people choose.

Undo
----
None for the detaching: AWS refuses to attach it again. Its text is kept in Locksmith's journal, so
that a policy of your own can be made of it. The successor stays.

When to say no
--------------
While nobody can test whether everything still works with the successor.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-deprecated.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
"""

from collections.abc import Iterator

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
    is_quarantine,
)
from remediations._policy_reads import Holder
from remediations._subjects import resource_of
from remediations.least_privilege._holders import holder_by_id, holders, said
from remediations.managed_policies._replacement import by_hand, smaller
from remediations.managed_policies._successors import SUCCESSORS

_FINAL = "AWS lets nobody attach a retired policy again; its text stays in Locksmith's journal"
_LINKED = "/aws-service-role/"


class DeprecatedAwsPolicyAttachedSettings(Settings):
    """Nothing to set: AWS says which policies it has retired."""


def detect(snapshot: Snapshot, settings: DeprecatedAwsPolicyAttachedSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per holder and retired policy."""
    retired = {
        policy.arn: policy.name
        for policy in snapshot.aws_policies
        if not policy.attachable and policy.path != _LINKED and not is_quarantine(policy.arn)
    }
    for holder in holders(snapshot):
        if snapshot.protection.reason_for(holder.arn):
            continue
        for arn in sorted(set(holder.attached) & retired.keys()):
            yield _finding(holder, arn, retired[arn])


def _finding(holder: Holder, arn: str, name: str) -> Finding:
    return Finding(
        control=CONTROL.id,
        subject=f"{holder.id}/{arn}",
        resource=resource_of(holder),
        severity=CONTROL.severity,
        summary=f"{said(holder)} has {name}, which AWS has retired",
        evidence={"policy": arn, "successor": SUCCESSORS.get(name)},
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: DeprecatedAwsPolicyAttachedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The successor in its place, where that gives no more."""
    holder = holder_by_id(finding.resource.unique_id, snapshot)
    arn = finding.subject.removeprefix(f"{holder.id}/")
    name = arn.rpartition("/")[2]
    successor = SUCCESSORS.get(name)
    if successor is None:
        reason = f"AWS names no successor of {name}"
        return by_hand(finding, snapshot, reason, "a policy of AWS's that is not retired")
    new = snapshot.account.aws_policy_arn(successor)
    return smaller(finding, holder, arn, new, snapshot, final=_FINAL)


CONTROL = Control(
    id="deprecated-aws-policy-attached",
    title="Policy attached that AWS has retired",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.AWS_POLICIES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=DeprecatedAwsPolicyAttachedSettings,
    detect=detect,
    plan=plan,
)
