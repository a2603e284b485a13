"""A scan as JSON, and the scans of several accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from bot.engine.views import ScanResult
from bot.errors import LocksmithError
from bot.model import Framework
from bot.model import Part as SnapshotPart
from bot.reports.documents.document import Document, Long, Part, Time
from bot.reports.documents.finding import FindingPart, finding_part
from bot.reports.framework import FrameworkView, Standing


class UnavailablePart(Part):
    """Something that could not be read, or that an offline scan was not given."""

    part: SnapshotPart
    operation: str
    error: str
    grant: str = Field(description="The IAM action that would allow it.")
    given: bool = Field(description="false where an offline scan was simply not given this.")


class NotEvaluatedPart(Part):
    """A control that has neither passed nor failed."""

    control: str
    why: str


class RequirementPart(Part):
    """One number of the framework."""

    number: str
    standing: Standing = Field(
        description="Passed means that none of the named controls has a finding."
    )
    controls: list[str]
    findings: list[str] = Field(description="Their ids, exempt ones included.")


class FrameworkPart(Part):
    """The scan in the numbering of --framework."""

    name: Framework
    title: str
    requirements: list[RequirementPart]
    dropped: dict[str, str] = Field(
        description="Controls whose requirement this edition dropped: its number in an earlier one."
    )


class ScanDocument(Document):
    """`locksmith --output json scan`."""

    schema_name: Literal["locksmith.scan/1"] = Field(alias="schema")
    account: str = Field(description="Twelve digits.")
    partition: str
    started_at: Time
    finished_at: Time
    offline: bool = Field(description="true where files were read instead of AWS.")
    credential_report_generated: Time | None = Field(
        description="How old the passwords' and keys' data is; AWS makes a report every 4 hours. "
        "Where files were read, ages are counted from then; null: unknown, so they count to now."
    )
    calls: dict[str, int] = Field(description="AWS API calls by operation.")
    warnings: list[str] = Field(description="Settings that don't do what they seem to.")
    unavailable: list[UnavailablePart]
    not_evaluated: list[NotEvaluatedPart]
    findings: list[FindingPart]
    new: int = Field(description="Findings that the scan before did not see, or that came back.")
    resolved: int = Field(description="Findings that AWS no longer shows.")
    unnamed_keys: int = Field(description="Findings on access keys whose id is not known yet.")
    framework: FrameworkPart | None = Field(
        default=None, description="Where --framework asked for it."
    )


class FailedPart(Part):
    """An account that was not looked at."""

    account: str = Field(description="Twelve digits.")
    why: str


class ScansDocument(Document):
    """`locksmith --output json scan`, of several accounts."""

    schema_name: Literal["locksmith.scans/1"] = Field(alias="schema")
    scans: list[ScanDocument]
    failed: list[FailedPart] = Field(
        description="Accounts that could not be looked at. Nothing is known of them by this."
    )


def scans_document(
    results: Sequence[ScanResult],
    failed: Mapping[str, LocksmithError],
    views: Sequence[FrameworkView | None] | None = None,
) -> ScansDocument:
    """What was seen of each account, and which were not looked at."""
    return ScansDocument(
        schema="locksmith.scans/1",
        scans=[
            scan_document(*each)
            for each in zip(results, views or [None] * len(results), strict=True)
        ],
        failed=[FailedPart(account=id_, why=str(error)) for id_, error in failed.items()],
    )


def scan_document(result: ScanResult, view: FrameworkView | None = None) -> ScanDocument:
    """What one scan saw, and what it could not see."""
    return ScanDocument(
        schema="locksmith.scan/1",
        account=result.account.id,
        partition=result.account.partition,
        started_at=result.started_at,
        finished_at=result.finished_at,
        offline=result.offline,
        credential_report_generated=result.report_generated,
        calls=dict(result.calls),
        warnings=list(result.warnings),
        unavailable=[
            UnavailablePart(
                part=gap.part,
                operation=gap.operation,
                error=gap.error,
                grant=gap.grant,
                given=gap.given,
            )
            for gap in result.unavailable
        ],
        not_evaluated=[
            NotEvaluatedPart(control=control, why=why)
            for control, why in result.not_evaluated.items()
        ],
        findings=[finding_part(view) for view in result.findings],
        new=result.new,
        resolved=result.resolved,
        unnamed_keys=result.unnamed_keys,
        framework=None if view is None else _framework(view),
    )


def long_scan(result: ScanResult, view: FrameworkView | None = None) -> Long:
    """The same to be written, for large accounts: findings turn into JSON one by one."""
    rest = scan_document(replace(result, findings=()), view)
    return Long(rest, "findings", map(finding_part, result.findings))


def _framework(view: FrameworkView) -> FrameworkPart:
    return FrameworkPart(
        name=view.framework,
        title=view.framework.full_name,
        requirements=[
            RequirementPart(
                number=each.number,
                standing=each.standing,
                controls=list(each.controls),
                findings=[found.record.id for found in each.findings],
            )
            for each in view.requirements
        ],
        dropped=dict(view.dropped),
    )
