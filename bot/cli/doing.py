"""`apply` and `executions`: carry out, look at what was done."""

from collections.abc import Sequence

import click

from bot.cli.arguments import EXECUTION, PROPOSAL
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.faults import complain, worst
from bot.cli.root import root
from bot.errors import ExitCode, LocksmithError
from bot.model import ExecutionRecord, ProposalState
from bot.reports.documents.execution import execution_document, executions_document
from bot.reports.documents.rehearsal import rehearsals_document
from bot.reports.execution_text import execution_lines, executions_table
from bot.reports.rehearsal_text import rehearsal_lines
from bot.reports.watch_text import watch_lines

_CODES = (ExitCode.TROUBLE, ExitCode.REFUSED)
_REFUSED = frozenset(
    {ProposalState.STALE, ProposalState.BLOCKED, ProposalState.DENIED, ProposalState.APPROVED}
)


@command(
    root,
    "apply",
    examples=("locksmith apply p-3x8w5c1z", "locksmith apply f-7k2m9q4d --dry-run"),
    codes=_CODES,
)
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=PROPOSAL)
@click.option("--dry-run", is_flag=True, help="Do everything up to the first write.")
@pass_session
def apply(session: Session, ids: Sequence[str], dry_run: bool) -> int:
    """Carry out what was approved, and look whether it took effect.

    Every step is checked against AWS before and after. It claims success only for an effect that
    was observed; a change whose answer was lost is looked up, never sent again.
    """
    return _rehearse(session, ids) if dry_run else _apply(session, ids)


def _apply(session: Session, ids: Sequence[str]) -> int:
    codes: list[int] = []
    done: list[ExecutionRecord] = []
    for any_id in dict.fromkeys(ids):
        try:
            proposal_id = session.service.open_proposal(any_id).id
            done.append(carry_out(session, proposal_id))
            codes.append(code_of(done[-1]))
        except LocksmithError as error:
            complain(session.screen, error)
            codes.append(error.exit_code)
    lines = [line for each in done for line in execution_lines(each, session.app.now())]
    session.screen.show(lines, executions_document(done))
    return worst(codes)


def carry_out(session: Session, proposal_id: str) -> ExecutionRecord:
    """Apply one approved proposal."""
    with session.screen.progress() as progress:
        return session.service.apply(proposal_id, session.actor, progress)


def code_of(execution: ExecutionRecord) -> ExitCode:
    """Fine only where the effect was observed; refused where nothing was written."""
    if execution.state is ProposalState.DONE:
        return ExitCode.FINE
    return ExitCode.REFUSED if execution.state in _REFUSED else ExitCode.TROUBLE


def _rehearse(session: Session, ids: Sequence[str]) -> int:
    codes: list[int] = []
    rehearsals = []
    for any_id in dict.fromkeys(ids):
        try:
            asked = session.service.open_proposal(any_id)
            rehearsal = session.service.rehearse(asked.id, session.actor)
            rehearsals.append(rehearsal)
            codes.append(ExitCode.FINE if rehearsal.would_write else ExitCode.REFUSED)
        except LocksmithError as error:
            complain(session.screen, error)
            codes.append(error.exit_code)
    lines = [line for each in rehearsals for line in rehearsal_lines(each)]
    session.screen.show(lines, rehearsals_document(rehearsals))
    return worst(codes)


@group(root, "executions", default="list")
def executions() -> None:
    """What was carried out, and what became of it; alone it lists them."""


@command(
    executions,
    "list",
    examples=("locksmith executions", "locksmith --output json executions list"),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def list_executions(session: Session) -> None:
    """List executions, newest first."""
    done = session.service.executions()
    lines = executions_table(done, session.app.now(), width=session.screen.width)
    session.screen.show(lines, executions_document(done))


@command(
    executions,
    "show",
    examples=("locksmith executions show x-9p4v2b6n",),
    codes=(ExitCode.TROUBLE,),
)
@click.argument("execution_id", metavar="ID", type=EXECUTION)
@pass_session
def show_execution(session: Session, execution_id: str) -> None:
    """Show one execution, step by step, with AWS's request ids, and the watch for harm."""
    done = session.service.execution(execution_id)
    watch = session.service.watch(execution_id)
    lines = [*execution_lines(done, session.app.now()), *watch_lines(watch)]
    session.screen.show(lines, execution_document(done, watch))
