"""`findings` and `exempt`: what is remembered of violations, and accepting one for a while."""

from datetime import datetime, timedelta

import click

from bot.cli.arguments import FINDING, moment, reason_option, until_option
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.model import FindingStatus, Severity
from bot.reports.documents.finding import finding_document, findings_document
from bot.reports.finding_text import finding_lines, findings_table


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
    empty = "No findings here. `locksmith scan` looks at the account."
    lines = findings_table(views, session.app.now(), width=session.screen.width, empty=empty)
    session.screen.show(lines, findings_document(views))


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
    session.screen.show(finding_lines(view, session.app.now()), finding_document(view))


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

    Who accepted it, why and until when is in the audit log.
    """
    when = moment(until, session.app.now())
    view = session.service.exempt(finding_id, reason, when, session.actor)
    session.screen.show(finding_lines(view, session.app.now()), finding_document(view))
