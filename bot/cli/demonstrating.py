"""`demo`: the whole loop on a simulated account."""

import click

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode


@command(
    root,
    "demo",
    examples=("locksmith demo", "locksmith demo --users 200", "locksmith demo --serve"),
    codes=(ExitCode.TROUBLE,),
    short_help="Watch the whole loop on a simulated AWS account.",
)
@click.option(
    "--users",
    type=click.IntRange(min=1, max=5000),
    default=30,
    show_default=True,
    help="How many people the simulated company has.",
)
@click.option("--serve", is_flag=True, help="Keep the account running, for the AWS CLI and others.")
@pass_session
def demo(session: Session, users: int, serve: bool) -> int | None:
    """Watch the whole loop on a simulated AWS account; no credentials, nothing real is touched.

    Scans, shows findings and plans, asks at a terminal (elsewhere it approves what is reversible
    and says so), applies, proves by scanning again, undoes one and proves that too.
    """
    return session.doors.demo(users=users, serve=serve, screen=session.screen)
