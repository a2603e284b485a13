"""Policy that allows all of a service

Detects
-------
Policies of your own, managed and inline, that allow every action of a service (`s3:*`) on all of
its resources. A wildcard on named resources, such as one bucket, is found only where
`named_resources_too` asks for it, as Security Hub does. Not raised for a policy that grants full
administration, which is another control's, for one that serves as permissions boundary only, for
services in `allowed_services`, for holders in `allowed`, and where a Deny of the same document
takes the whole service back. AWS's own policies are looked at elsewhere.

Why it matters
--------------
All of a service is reading and writing everything in it, and nearly always handing out rights to it
as well: bucket policies, key policies, function permissions. What AWS adds to the service later is
allowed without anyone having decided it.

Changes
-------
Nothing: which actions are needed people must say, or what was used. The steps name the services and
their actions that hand out rights. Where unused-action-permissions is enabled, it proposes the
narrower document from what AWS saw in use.

Undo
----
Nothing was changed, so there is nothing to undo.

When to say no
--------------
When whoever holds it administers that service: name them in `allowed`, or the service in
`allowed_services`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Resource,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._policy_reads import Holder
from remediations._subjects import resource_of
from remediations.least_privilege._holders import Meant, holders, holders_of, reach_of, said
from remediations.least_privilege._wildcards import handing_out, wild_services

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
)


class ServiceWildcardPolicySettings(Settings):
    """Which wildcards are meant."""

    allowed: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="ARN patterns of users, groups and roles that administer services.",
    )
    allowed_services: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services that may be allowed as a whole, by their prefix (`cloudshell`).",
    )
    named_resources_too: bool = Field(
        default=False,
        description="Whether a wildcard on named resources only is a finding too (Security Hub "
        "IAM.21 reports it).",
    )


def detect(snapshot: Snapshot, settings: ServiceWildcardPolicySettings) -> Iterator[Finding]:
    """One finding per policy that allows all of a service."""
    meant = Meant(snapshot, settings.allowed)
    for policy in snapshot.customer_policies:
        services = _services(policy.default.text, policy.name, snapshot, settings)
        found = holders_of(policy.arn, snapshot)
        unmeant = any(meant.why(holder) is None for holder in found)
        if services and (unmeant or not (found or policy.boundaries)):
            resource = resource_of(policy)
            yield _finding(f"{policy.id}/wildcards", resource, services, found, snapshot)
    for holder in holders(snapshot):
        if meant.why(holder) is not None:
            continue
        for inline in holder.inline:
            where = f"{inline.name} of {said(holder)}"
            services = _services(inline.text, where, snapshot, settings)
            if services:
                resource = resource_of(holder)
                subject = f"{holder.id}/inline/{inline.name}/wildcards"
                yield _finding(subject, resource, services, (holder,), snapshot, where)


def _services(
    text: str, where: str, snapshot: Snapshot, settings: ServiceWildcardPolicySettings
) -> tuple[str, ...]:
    found = wild_services(
        text, where, snapshot.account, named_resources_too=settings.named_resources_too
    )
    allowed = {service.casefold() for service in settings.allowed_services}
    return tuple(service for service in found if service not in allowed)


def _finding(
    subject: str,
    resource: Resource,
    services: tuple[str, ...],
    found: tuple[Holder, ...],
    snapshot: Snapshot,
    name: str = "",
) -> Finding:
    reach = reach_of(found, snapshot)
    evidence: dict[str, Json] = {**reach.evidence(snapshot), "services": [*services]}
    severity = CONTROL.severity if reach.identities else Severity.LOW
    text = f"{name or resource.name} allows all of {', '.join(services)}"
    return Finding(CONTROL.id, subject, resource, severity, text, evidence)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: ServiceWildcardPolicySettings,  # noqa: ARG001 - every control's signature
) -> Manual:
    """How people find out what is needed, and write it down."""
    listed = finding.evidence["services"]
    services = [str(each) for each in listed] if isinstance(listed, list) else []
    return Manual(
        snapshot.account,
        finding.subject,
        f"which actions of {', '.join(services)} are needed people must say",
        (
            (
                "Enable controls.unused-action-permissions, which proposes what AWS saw in use, or "
                "let Access Analyzer write a policy from CloudTrail (IAM console: Generate policy)"
            ),
            *(_leave_out(service) for service in services),
            f"Put those actions in the place of {', '.join(f'{each}:*' for each in services)}",
            "Let Locksmith scan again",
        ),
        _LINKS,
    )


def _leave_out(service: str) -> str:
    given = handing_out(service)
    if not given:
        return f"List the actions of {service} that the work needs"
    return f"Leave out of {service}, unless it is needed, what hands out rights: {given}"


CONTROL = Control(
    id="service-wildcard-policy",
    title="Policy that allows all of a service",
    topic="least_privilege",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=ServiceWildcardPolicySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        fsbp=("IAM.21",),
        nist=(
            "AC-2", "AC-2(1)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-5", "AC-6", "AC-6(2)",
            "AC-6(3)", "AC-6(10)",
        ),
        pci=("7.2.1", "7.2.2"),
    ),
)  # fmt: skip
