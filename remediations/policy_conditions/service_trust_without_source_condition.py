"""Role that a service may assume on anyone's behalf

Detects
-------
Roles whose trust policy lets in an AWS service with no condition on whose behalf it comes:
`aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`, of this account or organization. A Deny
of the same document that turns the service away unless it names one of these counts as well. Only
services for whose roles AWS documents the condition are looked at (`services`): not every service
says for whom it comes, and EC2 and Lambda, which take roles of their own account alone, don't.
Known to stop working with the condition, and never touched even where the setting names them:
CloudTrail (writing to CloudWatch Logs), Elastic Transcoder, EC2 and Lambda@Edge. Service-linked
roles and those that only AWS changes are left out.

Why it matters
--------------
The service works for every customer of AWS. Where it takes a role's ARN from whoever sets it up,
another customer may give it yours, and has it act in your account: the confused deputy.

Changes
-------
The trust policy, and nothing else: the service is let in on behalf of this account alone
(`StringEquals` `aws:SourceAccount`). Other principals of the statement stay as they are. Where the
service doesn't say for whom it comes, what it does with the role stops at its next call. No rule
does this by itself: people approve it, and look at the service afterwards.

Undo
----
The exact old trust policy is written back, by one call, at once.

When to say no
--------------
When the role serves something that another account of yours set up. When nobody can look at whether
the service still works.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceaccount
https://github.com/prowler-cloud/prowler/issues/4714
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

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
)
from bot.policy import CannotTell
from remediations._subjects import resource_of
from remediations.delegation._trust_steps import SESSIONS, rewrite_trust, why_not_rewritten
from remediations.delegation._trusts import role_evidence, trust_of, trusts
from remediations.policy_conditions._source_condition import asking_for_source, on_anyones_behalf

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"

_Service = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$")]


class ServiceTrustWithoutSourceConditionSettings(Settings):
    """Which services say on whose behalf they come."""

    services: tuple[_Service, ...] = Field(
        default=(
            "bedrock.amazonaws.com",
            "codebuild.amazonaws.com",
            "ecs-tasks.amazonaws.com",
            "personalize.amazonaws.com",
            "pipes.amazonaws.com",
            "scheduler.amazonaws.com",
            "ssm.amazonaws.com",
            "states.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
        ),
        strict=False,
        description="Services for whose roles AWS documents a condition on aws:SourceAccount.",
    )


def detect(
    snapshot: Snapshot, settings: ServiceTrustWithoutSourceConditionSettings
) -> Iterator[Finding]:
    """One finding per role."""
    for role, document in trusts(snapshot):
        services = sorted({name for _, name in on_anyones_behalf(document, settings.services)})
        if services:
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=resource_of(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} lets in {' and '.join(services)} on anyone's behalf",
                evidence={"services": [*services], **role_evidence(role)},
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ServiceTrustWithoutSourceConditionSettings
) -> Plan | Manual:
    """Let the service in on behalf of this account alone."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document = trust_of(role)
    found = on_anyones_behalf(document, settings.services)
    new = asking_for_source(document, found, account)
    reason = why_not_rewritten(document, new, snapshot)
    if reason or isinstance(new, CannotTell):
        step = f"Add StringEquals aws:SourceAccount {account.id} to the trust policy of {role.name}"
        return Manual(account, finding.subject, reason, (step,), (_LINK,))
    services = " and ".join(sorted({name for _, name in found}))
    rewritten = rewrite_trust(
        role,
        document,
        new,
        name="ask-for-source",
        summary=f"Let {services} assume {role.name} on behalf of account {account.id} alone",
    )
    risk = (
        f"If {services} doesn't say for whom it comes here, it can't assume the role any more: "
        "look at it right after, and take this back if it stands still"
    )
    summary = f"Let {services} use the role {role.name} on behalf of this account alone"
    return Plan(account, finding.subject, (rewritten,), summary, (risk, SESSIONS))


CONTROL = Control(
    id="service-trust-without-source-condition",
    title="Role that a service may assume on anyone's behalf",
    topic="policy_conditions",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=ServiceTrustWithoutSourceConditionSettings,
    detect=detect,
    plan=plan,
    approval_only=True,
)
