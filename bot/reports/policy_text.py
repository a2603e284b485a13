"""Policies for people: summed up by access level, compared, explained."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from bot.policy import AccessLevel, Difference, Explained, Relation, Right, Summary
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
_LISTED = 12


def summary_lines(name: str, summary: Summary, *, width: int = WIDTH) -> Sequence[RenderableType]:
    """What a document allows, by service and level; `full` is every action of that level."""
    lines: list[RenderableType] = [styled(name, "bold")]
    if summary.everything:
        lines.append(Text("Everything, in every service", "bold red"))
    elif summary.levels:
        columns = (Column("SERVICE"), *(Column(each.value.upper()) for each in AccessLevel))
        rows = [
            (Cell(service), *(_cell(found.get(level)) for level in AccessLevel))
            for service, found in summary.levels.items()
        ]
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
