"""Policies for people: summed up by access level, compared, explained."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from bot.policy import (
    AccessLevel,
    Constraint,
    Difference,
    Explained,
    Relation,
    Right,
    Summary,
)
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.words import counted

_STYLE = {
    Relation.SAME: "green",
    Relation.NARROWER: "green",
    Relation.NO_WIDER: "green",
    Relation.WIDER: "bold red",
    Relation.NO_NARROWER: "bold red",
    Relation.DIFFERENT: "bold yellow",
    Relation.CANNOT_TELL: "bold yellow",
}
# The long name takes more room than all that is said below it.
_TITLES = {AccessLevel.PERMISSIONS_MANAGEMENT: "PERMISSIONS"}
_LISTED = 12


def summary_lines(name: str, summary: Summary, *, width: int = WIDTH) -> Sequence[RenderableType]:
    """What a document allows, by service and level; `full` is every action of that level.

    A service whose levels differ in what limits them has several rows.
    """
    lines: list[RenderableType] = [styled(name, "bold")]
    if summary.everything:
        lines.append(Text("Everything, in every service", "bold red"))
        limits = summary.limits("*")
        lines += [styled(f"  {limits}")] if limits else []
    elif summary.levels:
        columns = (
            Column("SERVICE"),
            *(Column(_TITLES.get(each, each.value.upper())) for each in AccessLevel),
            Column("RESOURCES"),
            Column("CONDITIONS"),
        )
        rows = [row for service in summary.levels for row in _rows(service, summary)]
        lines += fit(columns, rows, width).note("`--output json` has it whole.")
    else:
        lines.append(Text("Nothing that is known"))
    lines += [styled(f"  {note}.") for note in summary.notes]
    if summary.unknown:
        unknown = ", ".join(summary.unknown)
        lines.append(styled(f"  Nobody can tell the level of: {unknown}", "yellow"))
    return lines


def _cell(full: bool | None) -> Cell:
    if full is None:
        return Cell("")
    return Cell("full", "bold") if full else Cell("limited")


def _rows(service: str, summary: Summary) -> Iterator[tuple[Cell, ...]]:
    """A row for each constraint, with the levels that are limited like that."""
    levels: dict[Constraint, dict[AccessLevel, bool]] = {}
    for level, constraint in summary.constraints[service].items():
        levels.setdefault(constraint, {})[level] = summary.levels[service][level]
    for constraint, found in levels.items():
        cells = (_cell(found.get(level)) for level in AccessLevel)
        limits = (Cell(constraint.resources.value), Cell(constraint.conditions.value))
        yield (Cell(service), *cells, *limits)


def difference_lines(first: str, second: str, difference: Difference) -> Sequence[RenderableType]:
    """How the second stands to the first, and each right that changes."""
    relation = difference.relation
    lines: list[RenderableType] = [
        styled(f"{second} beside {first}:"),
        Text(f"  {relation.value}", _STYLE[relation]),
    ]
    for title, rights in (
        ("Allowed by the first only", difference.lost),
        ("Allowed by the second only", difference.gained),
    ):
        if rights:
            lines += [Text(""), Text(title, "bold")]
            lines += [line for each in rights for line in _right(each)]
    if relation is not Relation.SAME:
        lines.append(
            Text("\nBoundaries, organisation and session policies are not looked at.", "dim")
        )
    return lines


def _right(right: Right) -> Sequence[RenderableType]:
    shown = ", ".join(right.actions[:_LISTED])
    more = len(right.actions) - _LISTED
    actions = f"{shown} and {more} more" if more > 0 else shown
    what = f"later additions to {actions}" if right.later else actions
    sure = "" if right.certain or right.later else " (perhaps)"
    return (
        styled(f"  {what}{sure}"),
        styled(f"    on {right.resource}: {right.why}", "dim"),
    )


def explained_lines(name: str, explained: Sequence[Explained]) -> Sequence[RenderableType]:
    """Each statement in a sentence."""
    lines: list[RenderableType] = [
        styled(f"{name}, {counted(len(explained), 'statement')}", "bold")
    ]
    for each in explained:
        lines += [styled(f"{each.label}:"), styled(f"  {each.sentence}")]
        lines += [styled(f"    {note}", "dim") for note in each.notes]
    return lines
