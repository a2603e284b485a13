"""`plan`: the exact calls of a fix, before anyone decides. Also what approving shows first."""

from dataclasses import dataclass

import click
from rich.console import RenderableType
from rich.text import Text

from bot.cli.arguments import ANY
from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.engine.views import FindingView, ProposalView
from bot.errors import ExitCode
from bot.model import FindingStatus, Origin, ProposalState
from bot.reports.documents.document import Document
from bot.reports.documents.proposal import plan_of_finding, plan_of_proposal
from bot.reports.finding_text import evidence_lines, resource_name
from bot.reports.plan_text import plan_lines
from bot.reports.terminal import styled
from bot.reports.words import SEVERITY_STYLE

#: Someone may still say yes to these.
UNDECIDED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})


@dataclass(frozen=True, slots=True)
class Shown:
    """What people see of a plan: lines, the document, and the proposal it belongs to, if any."""

    lines: list[RenderableType]
    document: Document
    proposal: ProposalView | None
    finding: FindingView | None


@command(
    root,
    "plan",
    examples=("locksmith plan f-7k2m9q4d", "locksmith --output json plan p-3x8w5c1z"),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("any_id", metavar="ID", type=ANY)
@pass_session
def plan(session: Session, any_id: str) -> None:
    """Show the exact calls of a fix, its risk, its undo and what could break.

    Given a finding, it looks at AWS again first: an access key is named, its last use is read
    live. Nothing is written to AWS. The digest is what an approval binds to.
    """
    shown = look_at_plan(session, any_id)
    session.screen.show(shown.lines, shown.document)


def look_at_plan(session: Session, any_id: str) -> Shown:
    """The plan that an id means; what is still to be decided is looked at live first."""
    service = session.service
    if any_id.startswith("f-"):
        return _of_finding(session, _refreshed(session, any_id))
    if any_id.startswith("x-"):
        any_id = service.execution(any_id).proposal_id
    view = service.proposal(any_id)
    asked = view.proposal
    if asked.finding_id and asked.origin is Origin.FINDING and asked.state in UNDECIDED:
        finding = _refreshed(session, asked.finding_id)
        view = service.proposal(any_id)
        return _of_proposal(session, view, finding)
    return _of_proposal(session, view, view.finding)


def _refreshed(session: Session, finding_id: str) -> FindingView:
    with session.screen.progress() as progress:
        return session.service.refresh(finding_id, session.actor, progress)


def _of_finding(session: Session, view: FindingView) -> Shown:
    lines = _head(session, view)
    document = plan_of_finding(view)
    if view.record.status is FindingStatus.RESOLVED:
        lines.append(Text("AWS no longer shows this: there is nothing to fix.", "green"))
        return Shown(lines, document, None, view)
    if view.asks_elsewhere:
        lines.append(styled(f"{view.asks_elsewhere} asks about the same thing: decide there."))
    if view.remediation is not None:
        fix = view.remediation
        lines += plan_lines(fix.plan, digest=fix.digest, needs=fix.needs)
    asked = view.proposal
    if asked is None:
        return Shown(lines, document, None, view)
    lines.append(_stands(ProposalView(asked, view, (), None)))
    return Shown(lines, document, session.service.proposal(asked.id), view)


def _of_proposal(session: Session, view: ProposalView, finding: FindingView | None) -> Shown:
    lines = _head(session, finding) if finding else []
    if view.proposal.undoes:
        lines.append(styled(f"Takes back {view.proposal.undoes}.", "bold"))
    lines += plan_lines(view.proposal.plan, digest=view.proposal.digest)
    lines.append(_stands(view))
    return Shown(lines, plan_of_proposal(view), view, finding)


def _head(session: Session, view: FindingView) -> list[RenderableType]:
    finding = view.record.finding
    return [
        Text.assemble(
            (view.record.id, "bold"),
            "  ",
            (finding.severity.value, SEVERITY_STYLE[finding.severity]),
            f"  {finding.control}  ",
            styled(resource_name(finding.resource)),
        ),
        styled(f"{finding.summary}."),
        *evidence_lines(finding.evidence, session.app.now()),
        Text(""),
    ]


def _stands(view: ProposalView) -> Text:
    asked = view.proposal
    why = f" ({asked.why})" if asked.why else ""
    return styled(f"{asked.id} is {asked.state}{why}", "dim")
