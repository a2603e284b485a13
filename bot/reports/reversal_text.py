"""What would be taken back of a span of time, for people: the exact calls, newest first."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.taking_back import Reversal
from bot.model import Plan
from bot.reports.plan_text import call_text
from bot.reports.terminal import styled
from bot.reports.times import told


def reversal_lines(
    found: Sequence[Reversal], together: str, now: datetime
) -> Sequence[RenderableType]:
    """Each execution with its undo, then what can't be undone with the reason."""
    if not found:
        return (Text("Nothing was carried out in that time."),)
    possible = [each for each in found if each.is_possible]
    lines = [line for each in possible for line in _reversal(each, now)]
    left = [each for each in found if not each.is_possible]
    if left:
        lines.append(Text("Not to be taken back", "bold"))
        lines += [styled(f"  {each.execution.id}: {each.why}", "yellow") for each in left]
    if possible:
        lines.append(Text(f"digest {together}", "dim"))
    return lines


def _reversal(each: Reversal, now: datetime) -> Sequence[RenderableType]:
    started, execution = told(each.execution.started_at, now), each.execution
    lines: list[RenderableType] = [
        styled(f"{execution.id}  {each.original.plan.summary}", "bold")
        if isinstance(each.original.plan, Plan)
        else styled(execution.id, "bold"),
        styled(f"  by {execution.actor}, {started}", "dim"),
    ]
    steps = each.plan.steps if isinstance(each.plan, Plan) else ()
    return [*lines, *(styled(f"  {call_text(step.do)}") for step in steps)]
