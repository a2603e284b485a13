"""`findings` and `exempt`: what is remembered of violations, and accepting one for a while."""

from datetime import datetime, timedelta

import click

from bot import registry
from bot.cli.arguments import FINDING, moment, reason_option, until_option
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.config.mistakes import unknown_name
from bot.errors import ExitCode, UsageError
from bot.model import FindingStatus, Severity
from bot.reports.documents.finding import finding_document, findings_document
from bot.reports.finding_text import finding_lines, findings_table
from bot.reports.words import counted


@group(root, "findings", default="list")
def findings() -> None:
    """What is remembered of violations, without asking AWS; alone it lists them."""


@command(
    findings,
    "list",
    examples=(
        "locksmith findings",
        "locksmith findings list --severity critical --account 123456789012",
        "locksmith --output json findings list --status all",
    ),
    codes=(ExitCode.TROUBLE,),
)
@click.option(
    "--status",
    type=click.Choice([*(each.value for each in FindingStatus), "all"]),
    default=FindingStatus.OPEN.value,
    show_default=True,
    help="Only findings that stand so.",
)
@click.option("--control", metavar="ID", help="Only findings of this control.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    help="Only findings this bad.",
)
@click.option("--account", metavar="ID", help="Only findings in this account.")
@pass_session
def list_findings(
    session: Session, status: str, control: str | None, severity: str | None, account: str | None
) -> None:
    """List findings, worst first."""
    views = session.service.findings(
        status=None if status == "all" else FindingStatus(status),
        control=control,
        severity=Severity(severity) if severity else None,
        account=account,
    )
    empty = "" if views else _why_none(session, control, account)
    lines = findings_table(views, session.app.now(), width=session.screen.width, empty=empty)
    session.screen.show(lines, findings_document(views))


def _why_none(session: Session, control: str | None, account: str | None) -> str:
    """What an empty list means. Raises UsageError for a control or account that there isn't."""
    controls = registry.discover()
    if control is not None and control not in controls:
        raise UsageError(f"--control {control!r}: {unknown_name(control, controls, 'control')}")
    if account is not None:
        session.service.account(account)
    known = len(session.service.findings())
    if not known:
        return "No findings here. `locksmith scan` looks at the account."
    return (
        f"None of the {counted(known, 'finding')} {'matches' if known == 1 else 'match'}. "
        "`locksmith findings list --status all` lists them all."
    )


@command(
    findings,
    "show",
    examples=("locksmith findings show f-7k2m9q4d",),
    codes=(ExitCode.TROUBLE,),
)
@click.argument("finding_id", metavar="ID", type=FINDING)
@pass_session
def show_finding(session: Session, finding_id: str) -> None:
    """Show everything known of one finding: evidence, history, the question about it."""
    view = session.service.finding(finding_id)
    undone_by = _undone_by(session, finding_id) if view.record.held else None
    lines = finding_lines(view, session.app.now(), undone_by=undone_by)
    session.screen.show(lines, finding_document(view))


def _undone_by(session: Session, finding_id: str) -> str | None:
    """The latest execution that undid a fix of the finding."""
    service = session.service
    return next(
        (
            done.undone_by
            for done in service.executions()
            if done.undone_by
            and service.proposal(done.proposal_id).proposal.finding_id == finding_id
        ),
        None,
    )


@command(
    root,
    "exempt",
    examples=('locksmith exempt f-7k2m9q4d --reason "vendor needs it" --until 90d',),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("finding_id", metavar="ID", type=FINDING)
@reason_option
@until_option
@pass_session
def exempt(session: Session, finding_id: str, reason: str, until: datetime | timedelta) -> None:
    """Accept a violation until a day; it comes back by itself.

    Who accepted it, why and until when is in the audit log. Where people are asked in Slack, a
    bad one takes a second person, who confirms it there.
    """
    when = moment(until, session.app.now())
    view = session.service.exempt(finding_id, reason, when, session.actor)
    if view.record.status is FindingStatus.OPEN:
        session.screen.say("Asked for. A second person must confirm it in Slack.")
    session.screen.show(finding_lines(view, session.app.now()), finding_document(view))
