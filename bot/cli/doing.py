"""`apply`, `undo` and `executions`: carry out, take back, look at what was done."""

from collections.abc import Sequence

import click

from bot.cli.arguments import ANY, EXECUTION, PROPOSAL
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.deciding import confirm
from bot.cli.faults import complain, worst
from bot.cli.root import root
from bot.engine.views import ProposalView
from bot.errors import ExitCode, LocksmithError, UsageError
from bot.model import ExecutionRecord, ProposalState
from bot.reports.documents.execution import execution_document, executions_document
from bot.reports.documents.proposal import proposals_document
from bot.reports.documents.rehearsal import rehearsals_document
from bot.reports.execution_text import execution_lines, executions_table
from bot.reports.plan_text import plan_lines
from bot.reports.proposal_text import proposal_lines
from bot.reports.rehearsal_text import rehearsal_lines
from bot.reports.terminal import styled
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


@command(
    root,
    "undo",
    examples=("locksmith undo x-9p4v2b6n", "locksmith undo x-9p4v2b6n --propose"),
    codes=_CODES,
)
@click.argument("any_id", metavar="ID", type=ANY)
@click.option("--yes", is_flag=True, help="Take it back without being asked.")
@click.option("--propose", is_flag=True, help="Only make the proposal; approve and apply it later.")
@pass_session
def undo(session: Session, any_id: str, yes: bool, propose: bool) -> int:
    """Take back an execution: shows the plan that undoes it, asks, and carries it out.

    Takes the id of the execution, of its proposal or of the finding. Refused where someone
    changed the thing since. A scan doesn't propose an undone fix again, until someone asks for
    its plan with `locksmith plan ID`.
    """
    if yes and propose:
        raise UsageError("--yes and --propose contradict each other")
    if not (yes or propose or session.screen.can_ask):
        raise UsageError(
            "nobody is here to ask, and silence is never a yes",
            hint="Add --yes, or --propose and approve it later.",
        )
    view = session.service.undo(any_id, session.actor)
    shown = plan_lines(view.proposal.plan, digest=view.proposal.digest)
    if propose:
        lines = [*shown, *proposal_lines(view, session.app.now())]
        session.screen.show(lines, proposals_document([view]))
        return ExitCode.FINE
    session.screen.present(
        [*shown, styled(f"{view.proposal.id} takes back {view.proposal.undoes}")]
    )
    if not yes:
        _confirm_or_deny(session, view)
    return _take_back(session, view)


def _confirm_or_deny(session: Session, view: ProposalView) -> None:
    """A no closes the question that this command made, so that it stands in nobody's way."""
    try:
        confirm(session, view)
    except LocksmithError:
        session.service.deny(view.proposal.id, "answered no to the undo", session.actor)
        raise


def _take_back(session: Session, view: ProposalView) -> int:
    asked = view.proposal
    decided = session.service.approve(asked.id, asked.digest, session.actor)
    if decided.proposal.state is not ProposalState.APPROVED:
        lines = proposal_lines(decided, session.app.now())
        session.screen.show(lines, proposals_document([decided]))
        return ExitCode.REFUSED
    execution = carry_out(session, asked.id)
    lines = execution_lines(execution, session.app.now())
    session.screen.show(lines, executions_document([execution]))
    return code_of(execution)


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
