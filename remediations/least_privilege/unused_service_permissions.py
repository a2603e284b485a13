"""Rights to services that nobody uses

Detects
-------
Policies of your own, managed and inline, that allow services which none of those who have the
policy tried within the limit (90 days), by AWS's last-accessed report of the policy, or of the
user, group or role that an inline one lives in. Counted is every attempt, refused ones too. Rights
stay, rather than being guessed at, where a service is not in the report; where the policy's version
is younger than the limit and the one before did not give them, or an inline policy was written
lately; where somebody who has the policy is younger, got it or joined its group lately, as far as
CloudTrail remembers (90 days); where nobody has the policy, or it is somebody's permissions
boundary too; and for what AWS never sees used (iam:PassRole). Patterns over several services (`*`)
and NotAction stay, and a policy that grants full administration is another control's. Reports older
than five days are not believed. Locksmith's fences and roles that only AWS changes are not looked
at.

It is off unless you enable it: it takes AWS two calls or more for each policy that somebody has,
and for each user, group and role with inline ones. Where `inventory.last_access_budget` is too
small for all, or a report fails, none is judged, and the scan says so.

Why it matters
--------------
Rights that nobody uses help nobody but whoever gets hold of one of the identities.

Changes
-------
The policy gets a further version without those services, in which every other statement, condition
and pattern stays as people know it, and that version is put in force; the old one stays. An inline
policy is overwritten. It is proven to allow nothing that the old one doesn't. Where nothing of a
policy was used, it is detached from everybody instead, and an inline one deleted. Everybody who has
the policy loses the rights: the finding says who. People make the change where somebody is
protected, and where AWS allows no further version or no document as long.

Just before, Locksmith looks that the document and its holders are those that were judged, and
orders AWS's report anew. The plan is refused as stale where somebody tried any of it since, where
the report doesn't name it any more, and where the report is older than five days. Where no report
can be had nothing is changed, and it is said why; the approval stands until one can. What was tried
in the last four hours AWS may not know yet.

Undo
----
The old version is put in force again and the new one deleted; a policy that was detached is
attached again; an inline policy gets its old document back.

When to say no
--------------
When the service is needed more seldom than the limit: a drill, a report at the end of the year.
Name it in `left_alone`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

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
from remediations.least_privilege._unused import Idle, idle_in, idle_policies, unused_service
from remediations.policy_conditions._written import written_at


class UnusedServicePermissionsSettings(Settings):
    """Whether to look, and how long a service may lie unused."""

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


def detect(snapshot: Snapshot, settings: UnusedServicePermissionsSettings) -> Iterator[Finding]:
    """One finding per policy that allows services which nobody uses."""
    unused = unused_service(snapshot, settings.days)
    for idle in idle_policies(snapshot, settings.days, settings.left_alone, unused):
        yield Finding(
            control=CONTROL.id,
            subject=idle.subject,
            resource=idle.policy.resource,
            severity=CONTROL.severity,
            summary=f"{idle.policy.label} allows {', '.join(_services(idle))}, which nobody used "
            f"in {settings.days} days",
            evidence=idle.evidence(snapshot),
        )


def _services(idle: Idle) -> list[str]:
    return sorted({name.partition(":")[0] for name in idle.trimmed.removed})


def plan(
    finding: Finding, snapshot: Snapshot, settings: UnusedServicePermissionsSettings
) -> Plan | Manual:
    """Take the services out of the policy."""
    policy = written_at(finding.resource, finding.subject.removesuffix("/document"), snapshot)
    unused = unused_service(snapshot, settings.days)
    idle = idle_in(policy, snapshot, settings.days, settings.left_alone, unused)
    if idle is None:
        raise PlanError(f"all services of {policy.label} are in use by now")
    breaks = tuple(
        f"{service} stops working for whoever has {policy.label}, unless others allow it"
        for service in _services(idle)
    )
    return trim(finding, idle.policy, idle.trimmed, snapshot, breaks, idle.guards)


CONTROL = Control(
    id="unused-service-permissions",
    title="Rights to services that nobody uses",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.POLICY_USE}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=UnusedServicePermissionsSettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    supersedes=frozenset({"unused-access-analyzer-findings", "unused-action-permissions"}),
    standards=Standards(nist=("AC-2", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
