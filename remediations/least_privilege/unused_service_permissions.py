"""Rights to services that nobody uses

Detects
-------
Policies of your own that allow services which none of those who have the policy tried within the
limit (90 days), by AWS's last-accessed report of the policy. Counted is every attempt, refused ones
too. Rights stay, rather than being guessed at, where a service is not in the report; where the
policy's version is younger than the limit and the one before did not give them; where somebody who
has the policy is younger, got it or joined its group lately, as far as CloudTrail remembers (90
days); where nobody has the policy; and for what AWS never sees used (iam:PassRole). Patterns over
several services (`*`) and NotAction stay, and a policy that grants full administration is another
control's. Reports older than five days are not believed.

It is off unless you enable it: it takes AWS two calls or more for each policy that somebody has.
Where `inventory.last_access_budget` is too small for all, or a report fails, none is judged, and
the scan says so.

Why it matters
--------------
Rights that nobody uses help nobody but whoever gets hold of one of the identities.

Changes
-------
The policy gets a further version without those services, in which every other statement, condition
and pattern stays as people know it, and that version is put in force; the old one stays. It is
proven to allow nothing that the old one doesn't. Everybody who has the policy loses the rights: the
finding says who. Just before, Locksmith looks that the document and its holders are those that were
judged. People make the change where somebody is protected, where AWS allows no further version, and
where nothing of the policy was used.

Undo
----
The old version is put in force again and the new one deleted.

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

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    PolicyUse,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations.least_privilege._unused import Idle, idle_policies, was_used
from remediations.least_privilege._versioned import narrow


class UnusedServicePermissionsSettings(Settings):
    """Whether to look, and how long a service may lie unused."""

    enabled: bool = Field(
        default=False,
        description="Off by default: it takes two calls or more for each policy in use.",
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
    for idle in _idle(snapshot, settings):
        policy = idle.policy
        services = sorted({name.partition(":")[0] for name in idle.trimmed.removed})
        yield Finding(
            control=CONTROL.id,
            subject=f"{policy.id}/document",
            resource=Resource("policy", policy.name, policy.arn, policy.id),
            severity=CONTROL.severity,
            summary=f"{policy.name} allows {', '.join(services)}, which nobody used in "
            f"{settings.days} days",
            evidence=idle.evidence(snapshot),
        )


def _idle(snapshot: Snapshot, settings: UnusedServicePermissionsSettings) -> Iterator[Idle]:
    def unused(use: PolicyUse, action: str) -> bool:
        service = use.services.get(action.partition(":")[0])
        now = snapshot.taken_at
        return service is not None and not was_used(service.last, settings.days, now)

    return idle_policies(snapshot, settings.days, settings.left_alone, unused)


def plan(
    finding: Finding, snapshot: Snapshot, settings: UnusedServicePermissionsSettings
) -> Plan | Manual:
    """Take the services out of the policy."""
    wanted = finding.resource.unique_id
    idle = next(each for each in _idle(snapshot, settings) if each.policy.id == wanted)
    services = sorted({name.partition(":")[0] for name in idle.trimmed.removed})
    who = f"whoever has {idle.policy.name}"
    breaks = tuple(
        f"{service} stops working for {who}, unless others allow it" for service in services
    )
    return narrow(finding, idle, snapshot, breaks)


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
    supersedes=frozenset({"unused-action-permissions"}),
    standards=Standards(nist=("AC-2", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
