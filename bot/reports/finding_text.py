"""Findings for people: the table of many, and all that is known of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.views import FindingView
from bot.model import FindingRecord, FindingStatus, Json, Resource
from bot.reports.evidence import evidence_texts
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import safe, styled
from bot.reports.times import ago, told
from bot.reports.words import NEEDS, SEVERITY_STYLE, counted, fix_of, state_of

_COLUMNS = (
    Column("ID"),
    Column("SEVERITY"),
    Column("CONTROL", elastic=True),
    Column("RESOURCE", elastic=True),
    Column("FIX", elastic=True),
    Column("STATE"),
)
_SINCE = Column("SINCE")
#: Names matter more than ages: below this width the age of a finding is left to `findings show`.
_WIDE = 120


def findings_table(
    views: Sequence[FindingView],
    now: datetime,
    *,
    width: int = WIDTH,
    limit: int | None = None,
    empty: str = "No findings: nothing here breaks an enabled control.",
) -> Sequence[RenderableType]:
    """The findings in the order given, at most `limit` of them; what was left out is said."""
    if not views:
        return (Text(empty),)
    shown = views if limit is None else views[:limit]
    columns = (*_COLUMNS, _SINCE) if width >= _WIDE else _COLUMNS
    table = fit(columns, [_row(view, now)[: len(columns)] for view in shown], width)
    left_out = len(views) - len(shown)
    lines = list(table.note("`locksmith findings show ID` has them whole."))
    if left_out:
        lines.append(
            Text(f"… and {counted(left_out, 'more finding')}: `locksmith findings list`.", "dim")
        )
    return lines


def finding_lines(
    view: FindingView, now: datetime, *, undone_by: str | None = None
) -> Sequence[RenderableType]:
    """Everything known of one finding, its question last.

    `undone_by` is the execution that undid the fix of a held finding, where it is known.
    """
    record, finding = view.record, view.record.finding
    lines = [
        Text.assemble(
            (record.id, "bold"),
            "  ",
            (finding.severity.value, SEVERITY_STYLE[finding.severity]),
            "  ",
            (finding.control, "bold"),
        ),
        styled(f"{finding.summary}."),
        Text(""),
        *_facts(
            {
                finding.resource.type: resource_name(finding.resource),
                "ARN": finding.resource.arn,
                "account": record.account.id,
                "topic": record.topic,
                "status": _status(record, now, undone_by),
                "first seen": told(record.first_seen, now),
                "last seen": told(record.last_seen, now),
            }
        ),
    ]
    if finding.evidence:
        lines += [Text("evidence", "bold"), *evidence_lines(finding.evidence, now)]
    return [*lines, *_question(view, now)]


def resource_name(resource: Resource) -> str:
    """What a person calls this thing: a key by its owner and its id."""
    if resource.key is None:
        return resource.name
    key = resource.key
    return f"{key.user}: {key.key_id or f'key {key.slot}'}"


def evidence_lines(evidence: Mapping[str, Json], now: datetime) -> Sequence[Text]:
    """Evidence as `name: value` lines, times in people's words."""
    return _facts(evidence_texts(evidence, now))


def _facts(facts: Mapping[str, str]) -> list[Text]:
    size = max((len(safe(name)) for name in facts), default=0)
    lines = []
    for name, value in facts.items():
        line = Text.assemble("  ", (f"{safe(name):<{size}}", "dim"), "  ", safe(value))
        lines.append(line)
    return lines


def _status(record: FindingRecord, now: datetime, undone_by: str | None) -> str:
    text = record.status.value
    if record.status is FindingStatus.EXEMPT and record.exempt_until:
        text = f"exempt until {told(record.exempt_until, now)}: {record.exempt_reason}"
    elif record.status is FindingStatus.RESOLVED and record.resolved_at:
        text = f"resolved {told(record.resolved_at, now)}"
    if record.reopened:
        text += f"; came back {'once' if record.reopened == 1 else f'{record.reopened} times'}"
    if record.held:
        by = f" by {undone_by}" if undone_by else ""
        text += f"; held: its fix was undone{by}; `locksmith plan {record.id}` asks again"
    return text


def _question(view: FindingView, now: datetime) -> Sequence[Text]:
    lines = [Text("fix", "bold")]
    if view.asks_elsewhere:
        lines.append(Text(f"  {view.asks_elsewhere} asks about the same thing; decide there."))
    if view.remediation:
        needs = NEEDS.get(view.remediation.needs or "")
        lines.append(styled(f"  {view.remediation.summary}" + (f" ({needs})" if needs else "")))
    if view.proposal:
        asked = view.proposal
        lines.append(
            styled(
                f"  {asked.id} is {asked.state}, {told(asked.changed_at, now)}"
                + (f": {asked.why}" if asked.why else "")
            )
        )
    if view.record.status is FindingStatus.OPEN:
        lines.append(Text(f"  `locksmith plan {view.record.id}` shows the exact calls.", "dim"))
    return lines


def _row(view: FindingView, now: datetime) -> Sequence[Cell]:
    record = view.record
    severity = record.finding.severity
    return (
        Cell(record.id),
        Cell(severity.value, SEVERITY_STYLE[severity]),
        Cell(record.finding.control),
        Cell(resource_name(record.finding.resource)),
        Cell(*fix_of(view)),
        Cell(*state_of(view)),
        Cell(ago(record.first_seen, now)),
    )
