"""Role that a service may assume on anyone's behalf

Detects
-------
Roles whose trust policy lets in an AWS service with no condition on whose behalf it comes:
`aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`, of this account or organization. Only
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

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.model import (
    Account,
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from bot.policy import (
    CannotTell,
    Condition,
    Document,
    Statement,
    Tightening,
    deleted_principals,
    must_name,
    tightened,
)
from remediations.delegation._trust_steps import SESSIONS, rewrite_trust, too_long
from remediations.delegation._trusts import role_evidence, role_resource, trust_of, trusts

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
_KEYS = (
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "sts:ExternalId",
)
#: With the condition, they stop working.
BREAKING = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "elastictranscoder.amazonaws.com",
        "ec2.amazonaws.com",
        "edgelambda.amazonaws.com",
    }
)

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
        services = sorted({name for _, name in _open(document, settings)})
        if services:
            yield Finding(
                control=CONTROL.id,
                subject=f"{role.id}/trust",
                resource=role_resource(role),
                severity=CONTROL.severity,
                summary=f"The role {role.name} lets in {' and '.join(services)} on anyone's behalf",
                evidence={"services": [*services], **role_evidence(role)},
            )


def _open(
    document: Document, settings: ServiceTrustWithoutSourceConditionSettings
) -> tuple[tuple[Statement, str], ...]:
    """The services that come in on anyone's behalf, with the statement that lets them."""
    looked_at = frozenset(settings.services) - BREAKING
    return tuple(
        (statement, each.value)
        for statement in document.statements
        if statement.effect == "Allow" and not any(must_name(statement, key) for key in _KEYS)
        for each in statement.principals
        if each.type == "Service" and each.value in looked_at
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ServiceTrustWithoutSourceConditionSettings
) -> Plan | Manual:
    """Let the service in on behalf of this account alone."""
    role, account = snapshot.roles_by_id[finding.resource.unique_id], snapshot.account
    document = trust_of(role)
    found = _open(document, settings)
    new = _narrowed(document, found, account)
    gone = deleted_principals(document)
    reason = ""
    if gone:
        reason = f"the document names {', '.join(gone)}, so that a change could not be undone"
    elif isinstance(new, CannotTell):
        reason = f"{new.subject}: {new.reason}"
    elif too_long(new, snapshot):
        reason = "the new trust policy would be longer than AWS allows"
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


def _narrowed(
    document: Document, found: tuple[tuple[Statement, str], ...], account: Account
) -> Mapping[str, Json] | CannotTell:
    condition = Condition("StringEquals", "aws:SourceAccount", (account.id,))
    services: dict[int, frozenset[str]] = {}
    for statement, name in found:
        services[statement.index] = services.get(statement.index, frozenset()) | {name}
    changes = {index: Tightening(condition, principals=names) for index, names in services.items()}
    return tightened(document, changes)


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
