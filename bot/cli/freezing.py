"""`pause` and `resume`: stop every write to AWS at once, and let them happen again."""

import click

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.model import Freeze
from bot.reports.documents.installation import freeze_document
from bot.reports.terminal import styled
from bot.reports.times import told

_CODES = (ExitCode.TROUBLE, ExitCode.REFUSED)


@command(
    root,
    "pause",
    examples=("locksmith pause", 'locksmith pause --reason "incident 4711"'),
    codes=_CODES,
)
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who find it stopped.")
@pass_session
def pause(session: Session, reason: str) -> None:
    """Stop every write to AWS at once, whoever makes it, also half way through a plan.

    It holds for all processes on this database, from the next call on. Scans go on, and what people
    approved stays approved; what a rule approved is asked anew afterwards.
    """
    _show(session, session.service.pause(reason, session.actor))


@command(root, "resume", examples=("locksmith resume",), codes=_CODES)
@pass_session
def resume(session: Session) -> None:
    """Let writes to AWS happen again.

    By default another person does so than the one who paused; `approvals.resume` says who.
    """
    _show(session, session.service.resume(session.actor))


def _show(session: Session, freeze: Freeze) -> None:
    now = session.app.now()
    said = f"Writes are stopped, by {freeze.by}, since {told(freeze.since, now)}"
    if freeze.ended_at is not None:
        said = (
            f"Writes may happen again; they were stopped by {freeze.by} {told(freeze.since, now)}"
        )
    reason = f": {freeze.reason}" if freeze.reason else "."
    session.screen.show([styled(said + reason)], freeze_document(freeze))
