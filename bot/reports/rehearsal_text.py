"""A dry run for people: what every step would find and do, up to the first write."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.engine.rehearsing import Rehearsal, RehearsedStep
from bot.reports.plan_text import call_text
from bot.reports.terminal import safe, styled


def rehearsal_lines(rehearsal: Rehearsal) -> Sequence[RenderableType]:
    """Each step with what was looked at, then whether `apply` would write."""
    lines: list[RenderableType] = [Text(f"Dry run of {rehearsal.proposal_id}", "bold")]
    lines += [styled(f"  refused: {reason}", "red") for reason in rehearsal.refusals]
    for number, step in enumerate(rehearsal.steps, start=1):
        lines += _step(number, step)
    if rehearsal.would_write:
        lines.append(Text("  Nothing was written; `apply` would make these calls.", "green"))
    else:
        lines.append(Text("  Nothing was written, and `apply` would write nothing.", "yellow"))
    return lines


def _step(number: int, step: RehearsedStep) -> Sequence[RenderableType]:
    lines: list[RenderableType] = [
        styled(f"  {number}. {step.summary}"),
        Padding(Text.assemble(("would call ", "dim"), call_text(step.call)), (0, 0, 0, 5)),
    ]
    for seen in step.seen:
        mark, style = ("as expected", "green") if seen.holds else ("not so", "yellow")
        lines.append(Padding(Text.assemble((f"{mark}: ", style), safe(seen.label)), (0, 0, 0, 5)))
    lines += [styled(f"     waits: {reason}", "yellow") for reason in step.waits]
    lines += [styled(f"     stops here: {reason}", "red") for reason in step.objections]
    return lines
