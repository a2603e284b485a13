"""What rules will do, for people: one line a finding, or one line an event."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.foreseeing import Foreseen
from bot.model import RemediationMode
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import safe, styled

_STYLES = {
    RemediationMode.OFF: "dim",
    RemediationMode.NOTIFY: "cyan",
    RemediationMode.ASK: "",
    RemediationMode.AUTO: "bold yellow",
}
_FORECAST = (
    Column("FINDING"),
    Column("CONTROL", elastic=True),
    Column("RULE", elastic=True),
    Column("MODE"),
    Column("WHEN"),
    Column("WHAT HAPPENS", elastic=True),
)
_EVENTS = (
    Column("WHEN"),
    Column("FINDING"),
    Column("CONTROL", elastic=True),
    Column("RESOURCE", elastic=True),
    Column("WHAT HAPPENS", elastic=True),
)
_WHOLE = "`--output json` has them whole."


def forecast_lines(foreseen: Sequence[Foreseen], *, width: int = WIDTH) -> Sequence[RenderableType]:
    """Every open finding, the rule that is about it, and what happens next."""
    if not foreseen:
        return [Text("No finding is open: there is nothing that a rule could be about.")]
    counts = Counter(each.outlook.ruling.mode for each in foreseen)
    said = ", ".join(f"{counts[mode]} {mode}" for mode in RemediationMode if counts[mode])
    open_ones = "1 open finding" if len(foreseen) == 1 else f"{len(foreseen)} open findings"
    table = fit(_FORECAST, [_forecast(each) for each in foreseen], width)
    return [styled(f"{open_ones}: {said}.", "bold"), *table.note(_WHOLE)]


def played_lines(
    foreseen: Sequence[Foreseen], days: int, now: datetime, *, width: int = WIDTH
) -> Sequence[RenderableType]:
    """The coming days, one line for what happens when; last what no time can be told of."""
    later = [each for each in foreseen if each.is_later]
    dated = [each for each in foreseen if each.at is not None and not each.is_later]
    undated = Counter(
        (each.outlook.record.finding.control, each.what) for each in foreseen if each.at is None
    )
    done = sum(each.acts for each in dated)
    changes = "1 change" if done == 1 else f"{done} changes"
    head = f"{days} days from {now:%Y-%m-%d}, if nobody answers: {changes} by rules."
    lines: list[RenderableType] = [styled(head, "bold")]
    if dated:
        lines += fit(_EVENTS, [_event(each) for each in dated], width).note(_WHOLE)
    if later:
        lines.append(Text(f"{len(later)} more come later."))
    lines += [
        Text(f"{count} of {safe(control)}: {safe(what)}.")
        for (control, what), count in sorted(undated.items())
    ]
    return [*lines, Text("Nothing was written, and nobody was told.", style="dim")]


def _forecast(each: Foreseen) -> Sequence[Cell]:
    ruling = each.outlook.ruling
    return (
        Cell(each.outlook.record.id),
        Cell(each.outlook.record.finding.control),
        Cell(ruling.rule.name if ruling.rule else "default"),
        Cell(ruling.mode.value, _STYLES[ruling.mode]),
        Cell(_when(each)),
        Cell(each.what),
    )


def _event(each: Foreseen) -> Sequence[Cell]:
    record = each.outlook.record
    return (
        Cell(_when(each)),
        Cell(record.id),
        Cell(record.finding.control),
        Cell(record.finding.resource.name),
        Cell(each.what, "bold yellow" if each.acts else ""),
    )


def _when(each: Foreseen) -> str:
    return f"{each.at:%Y-%m-%d %H:%M}" if each.at else ""
