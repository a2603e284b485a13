"""`go-live`: let Locksmith act."""

import click

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode, UsageError
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
