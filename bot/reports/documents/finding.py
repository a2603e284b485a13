"""Findings as JSON."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from bot.engine.views import FindingView
from bot.model import FindingStatus, Manual, ProposalState, Resource, Risk, Severity
from bot.reports.documents.document import Document, Part, Time, plain_object


def _absent(value: object) -> bool:
    return value is None


class ResourcePart(Part):
    """The thing a finding is about; the last four fields are there for access keys only."""

    type: str = Field(description="AWS's word for it, in kebab-case: user, access-key, role, …")
    name: str
    arn: str
    unique_id: str = Field(description="AWS's own id, which survives renaming.")
    user: str | None = Field(default=None, exclude_if=_absent, description="An access key's owner.")
    slot: int | None = Field(
        default=None, exclude_if=_absent, description="1 or 2, as the credential report has it."
    )
    created: Time | None = Field(default=None, exclude_if=_absent)
    key_id: str | None = Field(
        default=None, exclude_if=_absent, description="AKIA…, once the key is named."
    )


class RemediationPart(Part):
    """How the finding would be fixed."""

    kind: Literal["plan", "manual"]
    risk: Risk | None = Field(description="null where people make the change.")
    digest: str | None = Field(description="What a decision binds to; null until `needs` is met.")
    summary: str
    needs: str | None = Field(
        description="What is missing before anyone can decide: key_id, live_account, watch_over "
        "(an earlier change about it is still watched), or null."
    )


class AskedPart(Part):
    """The finding's latest proposal."""

    id: str
    state: ProposalState


class FindingPart(Part):
    """One finding."""

    id: str = Field(description="f-…; the same violation keeps it from scan to scan.")
    fingerprint: str
    control: str
    topic: str
    severity: Severity
    resource: ResourcePart
    summary: str
    evidence: dict[str, Any] = Field(description="The facts behind it; times are ISO 8601 in UTC.")
    status: FindingStatus
    first_seen: Time
    last_seen: Time
    reopened: int = Field(description="How many times it came back after it was resolved.")
    remediation: RemediationPart | None = Field(
        description="null where the fix was not worked out by this command."
    )
    proposal: AskedPart | None
    asks_elsewhere: str | None = Field(
        description="The control that asks about the same thing instead of this one."
    )


class FindingsDocument(Document):
    """`locksmith --output json findings`."""

    schema_name: Literal["locksmith.findings/1"] = Field(alias="schema")
    findings: list[FindingPart]


class FindingDocument(Document):
    """`locksmith --output json findings show ID`, and `exempt ID`."""

    schema_name: Literal["locksmith.finding/1"] = Field(alias="schema")
    account: str
    finding: FindingPart


def findings_document(views: Sequence[FindingView]) -> FindingsDocument:
    """The findings in the order given."""
    return FindingsDocument(
        schema="locksmith.findings/1", findings=[finding_part(view) for view in views]
    )


def finding_document(view: FindingView) -> FindingDocument:
    """One finding."""
    return FindingDocument(
        schema="locksmith.finding/1", account=view.record.account.id, finding=finding_part(view)
    )


def finding_part(view: FindingView) -> FindingPart:
    """One finding as a piece of another document."""
    record, finding = view.record, view.record.finding
    return FindingPart(
        id=record.id,
        fingerprint=record.fingerprint,
        control=finding.control,
        topic=record.topic,
        severity=finding.severity,
        resource=_resource(finding.resource),
        summary=finding.summary,
        evidence=plain_object(finding.evidence),
        status=record.status,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        reopened=record.reopened,
        remediation=_remediation(view),
        proposal=AskedPart(id=view.proposal.id, state=view.proposal.state)
        if view.proposal
        else None,
        asks_elsewhere=view.asks_elsewhere,
    )


def _resource(resource: Resource) -> ResourcePart:
    key = resource.key
    return ResourcePart(
        type=resource.type,
        name=resource.name,
        arn=resource.arn,
        unique_id=resource.unique_id,
        user=key.user if key else None,
        slot=key.slot if key else None,
        created=key.created if key else None,
        key_id=key.key_id if key else None,
    )


def _remediation(view: FindingView) -> RemediationPart | None:
    if view.remediation is not None:
        fix = view.remediation
        return RemediationPart(
            kind=fix.kind, risk=fix.risk, digest=fix.digest, summary=fix.summary, needs=fix.needs
        )
    asked = view.proposal
    if asked is None or not asked.state.is_open or asked.undoes:
        return None
    by_hand = isinstance(asked.plan, Manual)
    return RemediationPart(
        kind="manual" if by_hand else "plan",
        risk=None if isinstance(asked.plan, Manual) else asked.plan.risk,
        digest=asked.digest,
        summary=asked.plan.summary,
        needs=None,
    )
