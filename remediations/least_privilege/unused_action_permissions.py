"""Rights to actions that nobody uses

Detects
-------
Policies of your own, managed and inline, that allow, of services that are in use, actions which
none of those who have the policy tried within the limit (90 days), by AWS's last-accessed report of
the policy, or of the user, group or role that an inline one lives in, at the level of actions.
Counted is every attempt, refused ones too. Only actions that the report names are judged: what AWS
doesn't track (reading S3 objects, SQS messages, iam:PassRole) stays, as does a service of which the
report tells no actions. What else stays, and which policies are not judged, is as in
unused-service-permissions, which asks first where both have something to say.

It is off unless you enable it: it takes AWS two calls or more for each policy that somebody has,
and for each user, group and role with inline ones.

Why it matters
--------------
A service in use is no reason to have all of it: most of what a policy allows was copied.

Changes
-------
The policy gets a further version in which what nobody used is gone, and that version is put in
force; the old one stays. An inline policy is overwritten. Patterns of which nothing goes stay word
for word; others become the names of what is left, or patterns of a first word (`s3:Get*`) where all
of that is left. It is proven to allow nothing that the old one doesn't. What AWS adds to the
service later is allowed by what is left only. Everybody who has the policy loses the rights: the
finding says who. Just before, AWS's report is ordered anew, as in unused-service-permissions: where
somebody tried any of it since, nothing is changed.

Undo
----
The old version is put in force again and the new one deleted; an inline policy gets its old
document back.

When to say no
--------------
When an action is for emergencies or comes more seldom than the limit: name it in `left_alone`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html"""

from collections.abc import Iterator

from pydantic import Field

from bot.errors import PlanError
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
)
from remediations.least_privilege._trim import trim
from remediations.least_privilege._unused import idle_in, idle_policies, unused_action
from remediations.policy_conditions._written import written_at

_SHOWN = 12


class UnusedActionPermissionsSettings(Settings):
    """Whether to look, and how long an action may lie unused."""

    enabled: bool = Field(
        default=False,
        description="Off by default: two calls or more for each policy in use, and for "
        "each user, group and role with inline ones.",
    )
    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days without an attempt after which a right counts as unused; AWS remembers "
        "400.",
    )
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services (`backup`) and actions (`ec2:CreateSnapshot`) that stay anyway.",
    )


def detect(snapshot: Snapshot, settings: UnusedActionPermissionsSettings) -> Iterator[Finding]:
    """One finding per policy that allows actions which nobody uses."""
    unused = unused_action(snapshot, settings.days)
    for idle in idle_policies(snapshot, settings.days, settings.left_alone, unused):
        count = len(idle.trimmed.removed)
        what = "an action" if count == 1 else f"{count} actions"
        yield Finding(
            control=CONTROL.id,
            subject=idle.subject,
            resource=idle.policy.resource,
            severity=CONTROL.severity,
            summary=f"{idle.policy.label} allows {what} that nobody used in {settings.days} days",
            evidence=idle.evidence(snapshot),
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: UnusedActionPermissionsSettings
) -> Plan | Manual:
    """Take the actions out of the policy."""
    policy = written_at(finding.resource, finding.subject.removesuffix("/document"), snapshot)
    unused = unused_action(snapshot, settings.days)
    idle = idle_in(policy, snapshot, settings.days, settings.left_alone, unused)
    if idle is None:
        raise PlanError(f"all of {policy.label} is in use by now")
    names = sorted(idle.trimmed.removed)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    breaks = (
        (
            f"Unless other policies allow it, whoever has {policy.label} can't do any more: "
            f"{', '.join(names[:_SHOWN])}{more}"
        ),
    )
    return trim(finding, idle.policy, idle.trimmed, snapshot, breaks, idle.guards)


CONTROL = Control(
    id="unused-action-permissions",
    title="Rights to actions that nobody uses",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.POLICY_USE}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=UnusedActionPermissionsSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"unused-access-analyzer-findings"}),
    idle_setting="days",
    standards=Standards(nist=("AC-2", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
