"""`undo`: take back one execution, or what was done in a span of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from bot.cli.arguments import ANY, SINCE
from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.deciding import confirm
from bot.cli.doing import carry_out, code_of
from bot.cli.faults import complain, worst
from bot.cli.root import root
from bot.engine.taking_back import Reversal, digest_of
from bot.engine.views import ProposalView
from bot.errors import ExitCode, LocksmithError, RefusedError, StaleError, UsageError
from bot.model import ExecutionRecord, Plan, ProposalState, Risk
from bot.reports.documents.execution import executions_document
from bot.reports.documents.proposal import proposals_document
from bot.reports.documents.reversal import reversals_document
from bot.reports.execution_text import execution_lines
from bot.reports.plan_text import plan_lines
from bot.reports.proposal_text import proposal_lines
from bot.reports.reversal_text import reversal_lines
from bot.reports.terminal import styled

_CODES = (ExitCode.TROUBLE, ExitCode.REFUSED)


@command(
    root,
    "undo",
    examples=(
        "locksmith undo x-9p4v2b6n",
        "locksmith undo x-9p4v2b6n --propose",
        "locksmith undo --since 2h --rule sandbox-keys --dry-run",
        "locksmith undo --since 2h --rule sandbox-keys --yes --digest sha256:9f2c…",
    ),
    codes=_CODES,
)
@click.argument("any_id", metavar="[ID]", required=False, type=ANY)
@click.option(
    "--since",
    type=SINCE,
    metavar="TIME",
    help="Instead of an ID: all that was done since, newest first; 2h, 3d, or 2026-12-31.",
)
@click.option("--rule", metavar="NAME", help="With --since: only what this rule approved.")
@click.option("--account", metavar="ID", help="With --since: only what was done in this account.")
@click.option("--yes", is_flag=True, help="Take it back without being asked.")
@click.option(
    "--digest", metavar="DIGEST", help="With --since and --yes: exactly what --dry-run listed."
)
@click.option("--propose", is_flag=True, help="Only make the proposal; approve and apply it later.")
@click.option("--dry-run", is_flag=True, help="With --since: only list what would be taken back.")
@pass_session
def undo(
    session: Session,
    *,
    any_id: str | None,
    since: datetime | timedelta | None,
    rule: str | None,
    account: str | None,
    yes: bool,
    digest: str | None,
    propose: bool,
    dry_run: bool,
) -> int:
    """Take back an execution, or all of a span: shows the plans, asks, and carries them out.

    Takes the id of the execution, of its proposal or of the finding. Refused where someone
    changed the thing since. A scan doesn't propose an undone fix again, until someone asks for
    its plan with `locksmith plan ID`.

    With --since each undo is a proposal of its own, newest first; one that fails holds up no other.
    What can't be undone any more is listed with the reason, and the exit code says so.
    """
    if (any_id is None) == (since is None):
        raise UsageError("say what to undo: either one ID, or --since")
    if since is None and (rule or account or digest or dry_run):
        raise UsageError("--rule, --account, --digest and --dry-run go with --since")
    if yes and propose:
        raise UsageError("--yes and --propose contradict each other")
    if not (yes or propose or dry_run or session.screen.can_ask):
        raise UsageError(
            "nobody is here to ask, and silence is never a yes",
            hint="Add --yes, or --propose and approve it later.",
        )
    if any_id is not None:
        return _undo_one(session, any_id, yes=yes, propose=propose)
    moment = session.app.now() - since if isinstance(since, timedelta) else since
    if moment is None:  # only one of both is missing, as was looked at above
        raise UsageError("say since when")
    found = session.service.reversals(moment, rule=rule, account=account)
    return _Many(session, found, yes=yes, propose=propose).undo(digest, dry_run=dry_run)


def _undo_one(session: Session, any_id: str, *, yes: bool, propose: bool) -> int:
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


@dataclass(frozen=True, slots=True)
class _Many:
    """All that was done in a span of time, newest first."""

    session: Session
    found: list[Reversal]
    yes: bool
    propose: bool

    def undo(self, digest: str | None, *, dry_run: bool) -> int:
        """List it, be sure, then take back one after the other."""
        screen, together = self.session.screen, digest_of(self.found)
        lines = reversal_lines(self.found, together, self.session.app.now())
        possible = [each for each in self.found if each.is_possible]
        left = any(not each.is_possible and not each.undone for each in self.found)
        codes: list[int] = [ExitCode.REFUSED if left else ExitCode.FINE]
        if dry_run or not possible:
            screen.show(lines, reversals_document(self.found, together))
            return worst(codes)
        screen.present(lines)
        if not self.propose:
            self._be_sure(together, digest, len(possible))
        done: list[ExecutionRecord] = []
        asked: list[ProposalView] = []
        for each in possible:
            try:
                codes.append(self._one(each, done, asked))
            except LocksmithError as error:
                complain(screen, error)
                codes.append(error.exit_code)
        self._tell(done, asked)
        return worst(codes)

    def _be_sure(self, together: str, digest: str | None, count: int) -> None:
        """A yes to exactly what was listed. Raises UsageError, StaleError and RefusedError."""
        if not self.yes:
            if not self.session.screen.ask(f"Take back these {count}, newest first?"):
                raise RefusedError("nothing was taken back: the answer was not a yes")
            return
        if digest is None:
            raise UsageError(
                "--since with --yes takes the digest of what is to be taken back",
                hint=f"You have seen the list: add --digest {together}",
            )
        if digest.strip() != together:
            raise StaleError(
                f"nothing was taken back: the list has the digest {together}, and "
                f"{digest.strip() or 'an empty one'} was given",
                hint="Look at it with --dry-run once more.",
            )

    def _one(
        self, each: Reversal, done: list[ExecutionRecord], asked: list[ProposalView]
    ) -> ExitCode:
        service, actor = self.session.service, self.session.actor
        view = service.undo(each.execution.id, actor)
        if each.plan is None or view.proposal.digest != each.plan.digest():
            service.deny(view.proposal.id, "it is not the undo that was listed", actor)
            raise StaleError(f"{view.proposal.id} is not the undo of {each.execution.id} as listed")
        if self.propose:
            asked.append(view)
            return ExitCode.FINE
        final = isinstance(each.plan, Plan) and each.plan.risk is Risk.IRREVERSIBLE
        if final and not self.yes:
            _confirm_or_deny(self.session, view)
        decided = service.approve(view.proposal.id, view.proposal.digest, actor)
        if decided.proposal.state is not ProposalState.APPROVED:
            asked.append(decided)
            return ExitCode.REFUSED
        done.append(carry_out(self.session, view.proposal.id))
        return code_of(done[-1])

    def _tell(self, done: list[ExecutionRecord], asked: list[ProposalView]) -> None:
        """How each ended; what waits for a decision is told beside the result of the others."""
        now, screen = self.session.app.now(), self.session.screen
        waiting = [line for view in asked for line in proposal_lines(view, now)]
        if self.propose:
            screen.show(waiting, proposals_document(asked))
            return
        if screen.json:
            screen.present(waiting)
        lines = [*waiting, *(line for each in done for line in execution_lines(each, now))]
        screen.show(lines, executions_document(done))
