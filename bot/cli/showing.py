"""`show`: one thing's whole story."""

import click

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.reports.documents.story import story_document
from bot.reports.story_text import story_lines


@command(
    root,
    "show",
    examples=("locksmith show AKIAIOSFODNN7EXAMPLE", "locksmith show p-7k2m9q4d"),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("any_id", metavar="ID")
@pass_session
def show(session: Session, any_id: str) -> None:
    """Tell all that happened about one thing: a finding, a proposal, or an access key by its id.

    The stages of a rotation are one story: the old key and the new one, where the secret of the
    new one is, what last used the old one, and what comes next. It reads the database, not AWS.
    """
    story = session.service.story(any_id)
    session.screen.show(story_lines(story, session.app.now()), story_document(story))
