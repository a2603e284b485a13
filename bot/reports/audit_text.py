"""The audit log for people: its newest events, and whether it is whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.model import AuditEvent, Json
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.times import ago
from bot.reports.words import counted
from bot.store.audit import AuditVerdict

_COLUMNS = (
    Column("SEQ", right=True),
    Column("WHEN (UTC)"),
    Column("EVENT"),
    Column("SUBJECT"),
    Column("BY", elastic=True),
    Column("DETAILS", elastic=True),
)


def audit_table(
    events: Sequence[AuditEvent], now: datetime, *, width: int = WIDTH
) -> Sequence[RenderableType]:
    """Events in the order given, and how long ago the last of them was."""
    if not events:
        return (Text("No events: nothing was scanned, decided or changed yet."),)
    table = fit(_COLUMNS, [_row(event) for event in events], width)
    last = Text(f"The last one was {ago(events[-1].at, now)}.", "dim")
    return (*table.note("`locksmith audit export` has them whole."), last)


def verdict_lines(verdict: AuditVerdict) -> Sequence[RenderableType]:
    """Whether the log is as it was written, and what to note down elsewhere."""
    if not verdict.ok:
        return (
            Text(f"The log is not as it was written (row {verdict.at_seq}).", "bold red"),
            styled(f"  {verdict.problem}"),
            Text("  Compare it with an earlier `locksmith audit export` or a backup."),
        )
    return (
        Text(
            f"The log is whole: {counted(verdict.events, 'event')}, each as it was written.",
            "green",
        ),
        Text(f"  head {verdict.head_seq} {verdict.head_hash}", "dim"),
        Text(
            "  Note the head down elsewhere: whoever can write to the database could make a whole "
            "new log, and only a note outside of it shows that.",
            "dim",
        ),
    )


def _row(event: AuditEvent) -> Sequence[Cell]:
    return (
        Cell(str(event.seq)),
        Cell(f"{event.at:%Y-%m-%d %H:%M:%S}"),
        Cell(event.event),
        Cell(event.subject or ""),
        Cell(event.actor),
        Cell(_details(event.data)),
    )


def _details(data: Mapping[str, Json]) -> str:
    """What fits a line, the telling names first."""
    plain = {name: value for name, value in data.items() if isinstance(value, (str, int)) and value}
    last = ("digest", "actor_arn")
    names = [
        *(name for name in plain if name not in last),
        *(name for name in last if name in plain),
    ]
    return ", ".join(f"{name}={plain[name]}" for name in names)
