"""A framework's requirements for people: which controls are about each, and how each stands."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from bot.model import Framework
from bot.reports.catalogue import ControlView
from bot.reports.framework import FrameworkView, Standing, controls_of, dropped
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.words import RISK_STYLE, SEVERITY_STYLE, counted

_STYLE = {
    Standing.FAILED: "bold red",
    Standing.NOT_EVALUATED: "yellow",
    Standing.SWITCHED_OFF: "yellow",
    Standing.EXEMPT: "dim",
    Standing.PASSED: "green",
}
_LISTED = (
    Column("NUMBER"),
    Column("ID"),
    Column("SEVERITY"),
    Column("FIX"),
    Column("TITLE", elastic=True),
    Column("ON"),
)
_JUDGED = (
    Column("NUMBER"),
    Column("STANDING"),
    Column("FINDINGS", right=True),
    Column("CONTROLS", elastic=True),
)


def listed_by_number(
    views: Sequence[ControlView], framework: Framework, *, width: int = WIDTH
) -> Sequence[RenderableType]:
    """The controls that a framework asks for, by its numbers, and what its edition dropped."""
    controls = [view.control for view in views]
    on = {view.control.id: view.enabled for view in views}
    rows = [
        (
            Cell(number),
            Cell(control.id),
            Cell(control.severity.value, SEVERITY_STYLE[control.severity]),
            Cell(control.risk.value, RISK_STYLE[control.risk]) if control.risk else Cell("by hand"),
            Cell(control.title),
            Cell("yes" if on[control.id] else "no", "" if on[control.id] else "dim"),
        )
        for number, about in controls_of(controls, framework).items()
        for control in about
    ]
    lines: list[RenderableType] = [Text(framework.full_name, "bold")]
    lines += fit(_LISTED, rows, width).note("`locksmith controls show ID` has them whole.")
    return [*lines, *_dropped(dropped(controls, framework))]


def framework_lines(view: FrameworkView, *, width: int = WIDTH) -> Sequence[RenderableType]:
    """How each requirement stands after a scan."""
    rows = [
        (
            Cell(each.number),
            Cell(each.standing.value, _STYLE[each.standing]),
            Cell(str(len(each.findings)) if each.findings else ""),
            Cell(", ".join(each.controls)),
        )
        for each in view.requirements
    ]
    failed = sum(each.standing is Standing.FAILED for each in view.requirements)
    lines: list[RenderableType] = [Text(view.framework.full_name, "bold")]
    lines += fit(_JUDGED, rows, width).note("`--output json` has them whole.")
    count = counted(len(view.requirements), "requirement")
    lines.append(Text(f"{failed} of {count} that Locksmith's controls are about failed.", "bold"))
    return [*lines, *_dropped(view.dropped)]


def _dropped(found: Mapping[str, str]) -> Sequence[RenderableType]:
    if not found:
        return ()
    lines = [styled(f"  {control}: was {where}") for control, where in found.items()]
    return (Text("Dropped by this edition, so not part of it", "dim"), *lines)
