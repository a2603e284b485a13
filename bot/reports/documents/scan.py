"""A scan as JSON."""

from typing import Literal

from pydantic import Field

from bot.engine.views import ScanResult
from bot.model import Part as SnapshotPart
from bot.reports.documents.document import Document, Part, Time
from bot.reports.documents.finding import FindingPart, finding_part


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


def scan_document(result: ScanResult) -> ScanDocument:
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
    )
