"""All of CloudShell for whoever has AWS's policy

Detects
-------
Users, groups and roles that have AWS's policy AWSCloudShellFullAccess attached, one finding each.
Left out are those named in `allowed`, break-glass identities, Locksmith's own and roles that only
AWS changes. Who may use CloudShell by another policy, such as an administrator, is not looked at.

Why it matters
--------------
CloudShell is a machine of AWS's inside the account that the browser opens, with the rights of who
opens it and a way to the internet, and this policy lets files be taken out of it and put into it.

Changes
-------
Detaches the policy. CloudShell no longer opens for whoever had it by nothing else; all other
rights stay. People who need it without files get a policy of their own, which CIS describes:
`cloudshell:*` without GetFileDownloadUrls and GetFileUploadUrls.

Undo
----
Attaches the policy again.

When to say no
--------------
When this is a team that works in CloudShell and may move files: name it in `allowed`.

References
----------
https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-27
CIS AWS Foundations Benchmark 3.0: 1.22, 5.0: 1.21, 7.0: 2.20
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
    Standards,
    Step,
)
from remediations._policy_reads import (
    Holder,
    has_attached,
    is_attachable,
    is_still,
    of_holder,
)
from remediations._reads import absent
from remediations._subjects import resource_of
from remediations.least_privilege._holders import Meant, holder_by_id, holders, reach_of, said

_POLICY = "AWSCloudShellFullAccess"


class BroadCloudshellAccessSettings(Settings):
    """Who is meant to have all of CloudShell."""

    allowed: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="ARN patterns of users, groups and roles that may have all of CloudShell.",
    )


def detect(snapshot: Snapshot, settings: BroadCloudshellAccessSettings) -> Iterator[Finding]:
    """One finding per user, group or role that has the policy."""
    arn = snapshot.account.aws_policy_arn(_POLICY)
    meant = Meant(snapshot, settings.allowed)
    for holder in holders(snapshot):
        if arn not in holder.attached or meant.why(holder) is not None:
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{holder.id}/{arn}",
            resource=resource_of(holder),
            severity=CONTROL.severity,
            summary=f"{said(holder)} has all of CloudShell, moving files included",
            evidence=reach_of((holder,), snapshot).evidence(snapshot),
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: BroadCloudshellAccessSettings
) -> Plan | Manual:
    """Detach the policy, unless that hits someone who must keep it."""
    holder = holder_by_id(finding.resource.unique_id, snapshot)
    spared = next(Meant(snapshot, settings.allowed).spared(holder), None)
    if spared:
        who, why = spared
        return Manual(
            snapshot.account,
            finding.subject,
            f"the change would hit {who}, which is {why}",
            (f"Give {who} CloudShell in another way", "Let Locksmith scan again"),
        )
    arn = snapshot.account.aws_policy_arn(_POLICY)
    return Plan(
        snapshot.account,
        finding.subject,
        (_detach(holder, arn),),
        f"Detach {_POLICY} from {said(holder)}",
        (f"CloudShell no longer opens for {said(holder)}, unless another policy allows it",),
    )


def _detach(holder: Holder, arn: str) -> Step:
    attached = has_attached(holder, arn)
    return Step(
        name="detach",
        summary=f"Detach {arn} from {said(holder)}",
        risk=Risk.DISRUPTIVE,
        before=(is_still(holder), is_attachable(arn), attached),
        do=of_holder("Detach", "Policy", holder, PolicyArn=arn),
        after=(absent(attached, f"{arn} is still attached to {holder.name}"),),
        undo=of_holder("Attach", "Policy", holder, PolicyArn=arn),
    )


CONTROL = Control(
    id="broad-cloudshell-access",
    title="All of CloudShell for whoever has AWS's policy",
    topic="least_privilege",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=BroadCloudshellAccessSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.22",), "5.0": ("1.21",), "7.0": ("2.20",)},
        nist=("AC-3", "AC-6"),
        pci=("7.2.1", "7.2.2"),
    ),
)
