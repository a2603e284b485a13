"""Executions for people: what was called, what holds, and what nobody knows."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.model import ExecutionRecord, Outcome, ProposalState, StepRecord
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.times import ago, exact, told
from bot.reports.words import OUTCOME_STYLE, state_style

_COLUMNS = (
    Column("ID"),
    Column("PROPOSAL"),
    Column("ACCOUNT"),
    Column("STATE"),
    Column("STEPS", right=True),
    Column("BY", elastic=True),
    Column("STARTED"),
)
_OUTCOMES = {
    Outcome.INTENDED: "the call was about to be made; whether it was is not known",
    Outcome.ANSWERED: "AWS said yes; the effect was not observed yet",
    Outcome.HOLDS: "holds: the effect was observed",
    Outcome.NOT_APPLIED: "certainly not applied",
    Outcome.UNKNOWN: "unknown: the answer was lost, and looking gave no clear picture",
}


def executions_table(
    executions: Sequence[ExecutionRecord], now: datetime, *, width: int = WIDTH
) -> Sequence[RenderableType]:
    """All executions in the order given."""
    if not executions:
        return (Text("Nothing was carried out yet. `locksmith apply ID` does, once approved."),)
    rows = [_row(execution, now) for execution in executions]
    return fit(_COLUMNS, rows, width).note("`locksmith executions show ID` has them whole.")


def execution_lines(execution: ExecutionRecord, now: datetime) -> Sequence[RenderableType]:
    """One execution with each of its steps, and how to take it back."""
    lines: list[RenderableType] = [
        Text.assemble(
            (execution.id, "bold"),
            f" of {execution.proposal_id} is ",
            (execution.state.value, state_style(execution.state) or "bold"),
        ),
        styled(f"  by {execution.actor}, {told(execution.started_at, now)}"),
    ]
    if execution.finished_at:
        lines.append(Text(f"  finished {exact(execution.finished_at)}"))
    if execution.why:
        lines.append(styled(f"  {execution.why}"))
    for step in execution.steps:
        lines += _step(step)
    return [*lines, *_next(execution)]


def _step(step: StepRecord) -> Sequence[RenderableType]:
    request = f"  request {step.request_id}" if step.request_id else ""
    lines: list[RenderableType] = [
        Text.assemble(
            f"  {step.index + 1}. ",
            styled(step.name),
            "  ",
            (_OUTCOMES[step.outcome], OUTCOME_STYLE[step.outcome]),
        )
    ]
    if request:
        lines.append(styled(f"   {request}", "dim"))
    if step.error:
        lines.append(styled(f"     {step.error}", "red"))
    return lines


def _next(execution: ExecutionRecord) -> Sequence[RenderableType]:
    if execution.undone_by:
        return (Text(f"  undone by {execution.undone_by}"),)
    if execution.state is ProposalState.DONE:
        return (Text(f"  `locksmith undo {execution.id}` takes it back.", "dim"),)
    if execution.state is ProposalState.NEEDS_HUMAN:
        close = f"`locksmith settle {execution.proposal_id} --reason …` closes it."
        if any(step.outcome is Outcome.HOLDS for step in execution.steps):
            close = f"`locksmith undo {execution.id}` takes back the steps that hold; {close}"
        return (Text(f"  {close}", "yellow"),)
    if execution.state is ProposalState.UNKNOWN:
        return (Text("  `locksmith scan` looks what became of it.", "yellow"),)
    return ()


def _row(execution: ExecutionRecord, now: datetime) -> Sequence[Cell]:
    holding = sum(step.outcome is Outcome.HOLDS for step in execution.steps)
    state = "undone" if execution.undone_by else execution.state.value
    return (
        Cell(execution.id),
        Cell(execution.proposal_id),
        Cell(execution.account.id),
        Cell(state, state_style(execution.state)),
        Cell(f"{holding}/{len(execution.steps)}"),
        Cell(str(execution.actor)),
        Cell(ago(execution.started_at, now)),
    )
