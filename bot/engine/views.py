"""What the service hands to surfaces: records joined with what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.planner import Remediation
from bot.model import (
    Account,
    Decision,
    ExecutionRecord,
    FindingRecord,
    ProposalRecord,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its fix and its question.

    `remediation` is None where the last look made none that was kept: a live look makes one.
    `proposal` is the open one, or else the latest. `asks_elsewhere` names the control that asks
    about the same subject instead of this one.
    """

    record: FindingRecord
    remediation: Remediation | None = None
    proposal: ProposalRecord | None = None
    asks_elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal with everything that was said and done about it."""

    proposal: ProposalRecord
    finding: FindingView | None
    decisions: Sequence[Decision]
    execution: ExecutionRecord | None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What one scan saw. `new` and `resolved` count changes since the scan before.

    `settled` are executions that an earlier process left unfinished; `endpoint` is the address
    that was asked instead of AWS itself, None for AWS. `warnings` are sentences about settings
    that don't do what they seem to.
    """

    account: Account
    started_at: datetime
    finished_at: datetime
    calls: Mapping[str, int]
    unavailable: Sequence[Unavailable]
    not_evaluated: Mapping[str, str]
    findings: Sequence[FindingView]
    new: int
    resolved: int
    offline: bool = False
    report_generated: datetime | None = None
    unnamed_keys: int = 0
    settled: Sequence[ExecutionRecord] = ()
    warnings: Sequence[str] = ()
    endpoint: str | None = None
