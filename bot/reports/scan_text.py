"""A scan for people: what was looked at, what was found, and what could not be seen."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.views import FindingView, ScanResult
from bot.model import FindingStatus, Part, Severity
from bot.reports.finding_text import findings_table
from bot.reports.tables import WIDTH
from bot.reports.terminal import styled
from bot.reports.times import lasted, told
from bot.reports.words import counted

#: As many as fit a screen or two; the list has them all.
_SHOWN = 40


def scan_lines(
    result: ScanResult, now: datetime, *, width: int = WIDTH, verbose: bool = False
) -> Sequence[RenderableType]:
    """The findings worst first, then the gaps, then what to do next."""
    views = sorted(
        result.findings, key=lambda view: (view.record.finding.severity.rank, view.record.id)
    )
    lines: list[RenderableType] = [*_head(result, now), Text("")]
    empty = "No findings: nothing that could be looked at breaks an enabled control."
    lines += findings_table(views, now, width=width, limit=_SHOWN, empty=empty)
    if views:
        lines.append(Text(f"\n{_count(views)}"))
    lines += _changes(result)
    lines += _gaps(result)
    if verbose and result.calls:
        lines.append(Text("\nCalls by operation", "bold"))
        lines += [styled(f"  {count:>6}  {name}") for name, count in sorted(result.calls.items())]
    return [*lines, *_next(views)]


def _head(result: ScanResult, now: datetime) -> Sequence[RenderableType]:
    calls = sum(result.calls.values())
    took = lasted(result.finished_at - result.started_at)
    source = "from files" if result.offline else f"{counted(calls, 'call')} in {took}"
    lines: list[RenderableType] = [
        Text.assemble("Account ", (result.account.id, "bold"), f", {source}")
    ]
    age = _age(result, now)
    if age:
        lines.append(Text(age, "dim"))
    lines += [styled(warning, "yellow") for warning in result.warnings]
    if result.endpoint is not None:
        lines.append(styled(f"Answered by {result.endpoint}, not by AWS itself", "yellow"))
    lines += [
        styled(f"{each.id} was interrupted earlier and is {each.state} now: {each.why}", "yellow")
        for each in result.settled
    ]
    return lines


def _age(result: ScanResult, now: datetime) -> str:
    """How old the data is. Files are judged as of their credential report, AWS as of now."""
    if result.report_generated is not None:
        made = f"Credential report made {told(result.report_generated, now)}"
        return f"{made}; ages are counted from then" if result.offline else made
    if not result.offline:
        return ""
    without = any(gap.part is Part.CREDENTIAL_REPORT for gap in result.unavailable)
    unknown = "No credential report" if without else "Age of the credential report unknown"
    return f"{unknown}: ages are counted to now"


def _count(views: Sequence[FindingView]) -> str:
    by_severity = Counter(view.record.finding.severity for view in views)
    parts = [f"{by_severity[each]} {each}" for each in Severity if by_severity[each]]
    exempt = sum(view.record.status is FindingStatus.EXEMPT for view in views)
    tail = f"; {exempt} of them exempt" if exempt else ""
    return f"{counted(len(views), 'finding')}: {', '.join(parts)}{tail}."


def _changes(result: ScanResult) -> Sequence[RenderableType]:
    if not result.new and not result.resolved:
        return ()
    return (Text(f"Since the last scan: {result.new} new, {result.resolved} resolved."),)


def _gaps(result: ScanResult) -> Sequence[RenderableType]:
    lines: list[RenderableType] = []
    unread = [gap for gap in result.unavailable if gap.given]
    if unread:
        lines.append(Text("\nCould not be read", "bold yellow"))
        lines += [
            styled(f"  {gap.part}: {gap.operation}: {gap.error}; grant {gap.grant}")
            for gap in unread
        ]
    if result.not_evaluated:
        lines.append(Text("\nNot evaluated, so neither passed nor failed", "bold yellow"))
        lines += [styled(f"  {name}: {why}") for name, why in result.not_evaluated.items()]
    if result.unnamed_keys:
        why = (
            "files don't say their ids."
            if result.offline
            else "the naming budget was spent, or AWS was not asked. The next scan names more; "
            "`locksmith plan ID` names one at once."
        )
        lines.append(Text(f"\n{counted(result.unnamed_keys, 'access key')} not named yet: {why}"))
    return lines


def _next(views: Sequence[FindingView]) -> Sequence[RenderableType]:
    first = next(
        (view for view in views if view.record.status is FindingStatus.OPEN and view.proposal), None
    )
    if first is None:
        return ()
    return (Text(f"\nNext: `locksmith plan {first.record.id}` shows the fix.", "dim"),)
