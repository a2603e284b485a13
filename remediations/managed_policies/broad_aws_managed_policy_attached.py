"""Broad policy of AWS's attached

Detects
-------
Users, groups and roles that hold one of AWS's broad policies: IAMFullAccess, PowerUserAccess and
those whose names end in FullAccess. One finding for each holder and policy. Not raised for
AdministratorAccess and others that grant everything (`full-admin-policy` asks about those), for
break-glass identities and Locksmith's own, for roles of AWS, Identity Center and Control Tower,
nor for whatever the setting `administrators` names. High for IAMFullAccess, whose holder can take
every right; medium for PowerUserAccess; low for all of one service.

Why it matters
--------------
These policies were made to try a service out. They allow deleting it too, on every resource, and
many of them let their holder hand a role to it.

Changes
-------
The setting `replacements` names a smaller policy of AWS's for a broad one, for example
AmazonS3ReadOnlyAccess for AmazonS3FullAccess. That one is attached first and looked at, before the
other is detached. Both texts are compared before: a replacement that allows anything more isn't
taken, and the card lists what stops working. Without a replacement people choose: what somebody
needs of a service is seen in what they use.

Undo
----
The broad policy is attached again and the replacement detached.

When to say no
--------------
When the holder administers that service: name it in `administrators`. When nobody knows yet what it
needs: look at what was used for some weeks first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-use-aws-defined-policies
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
"""

from collections.abc import Iterator, Mapping

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
    is_quarantine,
)
from remediations._policy_reads import Holder
from remediations._subjects import is_named, resource_of
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._holders import Meant, holder_by_id, holders, said
from remediations.managed_policies._replacement import by_hand, smaller

_SEVERE = {"IAMFullAccess": Severity.HIGH, "PowerUserAccess": Severity.MEDIUM}


class BroadAwsManagedPolicyAttachedSettings(Settings):
    """Which policies are broad, who may hold them, and what takes their place."""

    broad: tuple[str, ...] = Field(
        default=("IAMFullAccess", "PowerUserAccess", "*FullAccess", "*FullAccess_v2"),
        strict=False,
        min_length=1,
        description="Names of AWS's policies that are broad, with * and ?.",
    )
    administrators: tuple[str, ...] = Field(
        default=("arn:*:iam::*:group/locksmith/administrators",),
        strict=False,
        description="ARN patterns (* and ?) of users, groups and roles that are meant to have "
        "broad policies; what they hold is not reported.",
    )
    replacements: Mapping[str, str] = Field(
        default={},
        strict=False,
        description="For the name of a broad policy, the smaller one of AWS's that takes its "
        "place, with its path where it has one (AmazonS3FullAccess: AmazonS3ReadOnlyAccess).",
    )


def detect(
    snapshot: Snapshot, settings: BroadAwsManagedPolicyAttachedSettings
) -> Iterator[Finding]:
    """One finding per holder and broad policy."""
    meant = Meant(snapshot, settings.administrators)
    broad = _broad(snapshot, settings)
    for holder in holders(snapshot):
        for arn in sorted(set(holder.attached) & broad.keys()):
            if meant.why(holder) is None:
                yield _finding(holder, arn, broad[arn])


def _broad(
    snapshot: Snapshot, settings: BroadAwsManagedPolicyAttachedSettings
) -> Mapping[str, str]:
    """The broad policies in use here, by ARN; those that grant everything are left to others."""
    return {
        policy.arn: policy.name
        for policy in snapshot.aws_policies
        if is_named(policy.name, settings.broad)
        and not is_quarantine(policy.arn)
        and not full_access(policy.default.text, policy.name, snapshot.account)
    }


def _finding(holder: Holder, arn: str, name: str) -> Finding:
    return Finding(
        control=CONTROL.id,
        subject=f"{holder.id}/{arn}",
        resource=resource_of(holder),
        severity=_SEVERE.get(name, CONTROL.severity),
        summary=f"{said(holder)} has AWS's broad policy {name}",
        evidence={"policy": arn},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: BroadAwsManagedPolicyAttachedSettings
) -> Plan | Manual:
    """The smaller policy that the settings name, where they do and it is one."""
    holder = holder_by_id(finding.resource.unique_id, snapshot)
    arn = finding.subject.removeprefix(f"{holder.id}/")
    name = arn.rpartition("/")[2]
    chosen = settings.replacements.get(name)
    if chosen is None:
        reason = f"only people know what {said(holder)} needs of {name}"
        return by_hand(finding, snapshot, reason, "a smaller policy of AWS's")
    new = snapshot.account.aws_policy_arn(chosen)
    spared = next(Meant(snapshot, settings.administrators).spared(holder), None)
    if spared:
        reason = f"the change would hit {spared[0]}, which is {spared[1]}"
        return by_hand(finding, snapshot, reason, new)
    return smaller(finding, holder, arn, new, snapshot)


CONTROL = Control(
    id="broad-aws-managed-policy-attached",
    title="Broad policy of AWS's attached",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.AWS_POLICIES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=BroadAwsManagedPolicyAttachedSettings,
    detect=detect,
    plan=plan,
)
