"""`go-live` and `audit`: let Locksmith act, and read its log."""

import click
from rich.console import RenderableType
from rich.text import Text

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode, UsageError
from bot.reports.audit_text import audit_table, verdict_lines
from bot.reports.documents.audit import (
    audit_document,
    audit_event_document,
    audit_verdict_document,
)
from bot.reports.documents.document import line as json_line
from bot.reports.documents.installation import account_document
from bot.reports.terminal import styled
from bot.reports.times import told


@command(
    root,
    "go-live",
    examples=("locksmith go-live 123456789012",),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("account_id", metavar="ACCOUNT")
@pass_session
def go_live(session: Session, account_id: str) -> None:
    """Confirm that Locksmith may change an account, once you trust what its scans show.

    Until then it only looks and proposes there. Every single change still needs its own yes.
    """
    if not (len(account_id) == 12 and account_id.isascii() and account_id.isdigit()):
        raise UsageError(f"{account_id!r} is no account: an AWS account's id has twelve digits")
    record = session.service.go_live(account_id, session.actor)
    since = f", since {told(record.live_since, session.app.now())}" if record.live_since else ""
    by = f", by {record.live_by}" if record.live_by else ""
    lines = [styled(f"Account {record.account.id} is {record.mode}{since}{by}.")]
    session.screen.show(lines, account_document(record))


@group(root, "audit", default="show")
def audit() -> None:
    """The tamper-evident log of all that was seen, decided, called and refused; alone it shows."""


@command(
    audit,
    "show",
    examples=("locksmith audit", "locksmith audit show p-3x8w5c1z --limit 200"),
    codes=(ExitCode.TROUBLE,),
)
@click.argument("subject", required=False, metavar="[ID]")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="At most so many of the newest.",
)
@pass_session
def show_audit(session: Session, subject: str | None, limit: int) -> None:
    """Show the newest events, about one finding, proposal, execution or account if given."""
    events = session.service.audit_events(subject=subject, limit=limit)
    lines: list[RenderableType] = list(
        audit_table(events, session.app.now(), width=session.screen.width)
    )
    if len(events) == limit:
        lines.append(Text(f"The newest {limit}; --limit shows more.", "dim"))
    session.screen.show(lines, audit_document(events))


@command(
    audit,
    "verify",
    examples=("locksmith audit verify",),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def verify_audit(session: Session) -> int:
    """Check that no event was changed, removed, inserted or moved; names the first that was.

    Note the head down elsewhere: only that shows a log that was rewritten as a whole.
    """
    verdict = session.service.audit_verify()
    session.screen.show(verdict_lines(verdict), audit_verdict_document(verdict))
    return ExitCode.FINE if verdict.ok else ExitCode.TROUBLE


@command(
    audit,
    "export",
    examples=("locksmith audit export > audit.jsonl",),
    codes=(ExitCode.TROUBLE,),
)
@pass_session
def export_audit(session: Session) -> None:
    """Write every event to stdout as JSON Lines, oldest first, whatever --output says."""
    for event in session.service.audit_export():
        click.echo(json_line(audit_event_document(event)))
