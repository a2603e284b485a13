"""`rules` and `simulate`: what Locksmith would do by itself, before it does."""

import click

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.reports.documents.forecast import forecast_document
from bot.reports.documents.installation import account_document
from bot.reports.forecast_text import forecast_lines, played_lines
from bot.reports.terminal import styled


@group(root, "rules")
def rules() -> None:
    """What Locksmith does without being asked: try your rules, and let them go on."""


@command(rules, "test", examples=("locksmith rules test",), codes=(ExitCode.TROUBLE,))
@pass_session
def test(session: Session) -> None:
    """Show for every open finding which rule is about it, and what happens next.

    It reads the configuration and the database, and neither AWS nor Slack: findings are those of
    the last scan. Nothing is written, and nobody is told. A rule that could never match or act is
    a mistake in the configuration, and stands before everything else.
    """
    foreseen = session.service.forecast()
    lines = forecast_lines(foreseen, width=session.screen.width)
    session.screen.show(lines, forecast_document(foreseen))


@command(
    rules,
    "confirm",
    examples=("locksmith rules confirm 123456789012",),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("account", metavar="ACCOUNT")
@pass_session
def confirm(session: Session, account: str) -> None:
    """Say that an account is as it should be, so that its rules go on.

    Rules stop in an account where a scan finds many times more than usual, and for a control whose
    changes failed or were taken back. Look at that before: a bug or an incident is likelier than a
    thousand violations.
    """
    session.service.confirm_account(account, session.actor)
    known = session.service.account(account)
    line = f"Rules go on in account {account}, within their limits."
    session.screen.show([styled(line)], account_document(known))


@command(
    root,
    "simulate",
    examples=("locksmith simulate", "locksmith simulate --days 90"),
    codes=(ExitCode.TROUBLE,),
)
@click.option(
    "--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How far to look."
)
@pass_session
def simulate(session: Session, days: int) -> None:
    """Play the coming month without writing: what rules would do, when, and what holds them up.

    It takes what the last scan found and every limit as it will be then, and assumes that nobody
    answers and that later scans find the same.
    """
    foreseen = session.service.play(days)
    lines = played_lines(foreseen, days, session.app.now(), width=session.screen.width)
    session.screen.show(lines, forecast_document(foreseen, days))
