"""AWS widened a policy that is in use here

Detects
-------
Policies of AWS's that are attached here, that AWS gave a new version within the last 30 days, and
that allow more since: the version in force is compared with the one that was in force before that
time. The notice goes by itself when the 30 days are over. Policies that only service-linked roles
hold don't count, nor those that `left_alone` names. A notice where permissions management came in
is medium, one where only reading did is for information.

Why it matters
--------------
AWS changes its policies without asking, and whoever has one gets what it says from that moment on.
Mostly that is a new service's reading; now and then it is a right that your people were not meant
to have.

Changes
-------
Nothing: AWS's policies can't be changed, nor held at a version. The card lists what came in. Where
that is too much, a policy of your own with the former text takes the place of AWS's.

Undo
----
None is needed.

When to say no
--------------
When what came in is fine: say so with an exemption, or let the 30 days pass.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pydantic import Field

from bot.credentials import utc_text
from bot.model import (
    Control,
    Finding,
    ManagedPolicy,
    Manual,
    Part,
    PolicyVersion,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import Right
from remediations._subjects import is_named, resource_of
from remediations.least_privilege._holders import holders_of, said
from remediations.managed_policies._aws_versions import former_version, gained_since, severity_of
from remediations.managed_policies._likeness import shown

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
_SHOWN = 20


class AwsManagedPolicyChangedSettings(Settings):
    """For how long a change is news."""

    days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days for which a new version of one of AWS's policies is told of.",
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of AWS's policies of which nobody needs to hear, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: AwsManagedPolicyChangedSettings) -> Iterator[Finding]:
    """One finding per policy and version."""
    since = snapshot.taken_at - timedelta(days=settings.days)
    for policy in snapshot.aws_policies:
        if not policy.attachments or policy.path == "/aws-service-role/":
            continue
        if is_named(policy.name, settings.left_alone):
            continue
        former = former_version(policy, since)
        gained = gained_since(former, policy) if former else ()
        if former and gained:
            yield _finding(policy, former, gained, snapshot)


def _finding(
    policy: ManagedPolicy, former: PolicyVersion, gained: Sequence[Right], snapshot: Snapshot
) -> Finding:
    held = sorted(said(each) for each in holders_of(policy.arn, snapshot))
    return Finding(
        control=CONTROL.id,
        subject=f"{policy.id}/{policy.default.id}",
        resource=resource_of(policy),
        severity=severity_of(gained),
        summary=f"AWS's {policy.name} allows more since its version {policy.default.id}",
        evidence={
            "changed": utc_text(policy.default.created),
            "version": policy.default.id,
            "compared_with": former.id,
            "came_in": shown(gained),
            "held_by": [*held[:_SHOWN]],
            "more": max(0, len(held) - _SHOWN),
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: AwsManagedPolicyChangedSettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """What to look at, and what to do where it is too much."""
    arn, former = finding.resource.arn, finding.evidence["compared_with"]
    return Manual(
        snapshot.account,
        finding.subject,
        f"only AWS changes {finding.resource.name}; whether that is fine people must say",
        (
            "Look at what came in, and at who holds the policy",
            "If it is fine, do nothing: the notice goes by itself",
            f"If not: aws iam get-policy-version --policy-arn {arn} --version-id {former}",
            "Make a policy of your own of that text",
            "Attach yours to the holders, then detach AWS's",
            "Let Locksmith scan again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="aws-managed-policy-changed",
    title="AWS widened a policy that is in use here",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=None,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.AWS_POLICIES}),
    settings=AwsManagedPolicyChangedSettings,
    detect=detect,
    plan=plan,
)
