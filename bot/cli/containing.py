"""`contain`: in an incident, shut every door of a user at once."""

import click

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.engine.doors import Contained, DoorState
from bot.errors import ExitCode
from bot.reports.containment_text import containment_lines
from bot.reports.documents.containment import containment_document


@command(
    root,
    "contain",
    examples=(
        "locksmith contain carol",
        "locksmith contain arn:aws:iam::123456789012:user/ops/carol",
    ),
    codes=(ExitCode.TROUBLE, ExitCode.UNREAD, ExitCode.REFUSED),
)
@click.argument("user", metavar="USER")
@pass_session
def contain(session: Session, user: str) -> int:
    """In an incident: shut every door of an IAM user at once, and say which are shut.

    It denies the user everything by an inline policy, sessions issued before included, and
    switches off access keys, service credentials, SSH keys and signing certificates. Nothing is
    deleted. Sessions of roles that the user assumed before go on until they expire, and it says
    so. It asks nothing more: giving the command is the approval, and it is logged as one.

    `locksmith undo` takes it back, once two people approved that; `people:` in the configuration
    says who is who. Given again, it closes what was opened since.
    """
    with session.screen.progress() as progress:
        contained = session.service.contain(user, session.actor, progress)
    lines = containment_lines(contained, session.app.now())
    session.screen.show(lines, containment_document(contained))
    return _code_of(contained)


def _code_of(contained: Contained) -> ExitCode:
    """Fine where whatever is still open closes by itself."""
    staying = {door.state for door in contained.doors if door.until is None}
    if contained.problem or DoorState.OPEN in staying:
        return ExitCode.TROUBLE
    return ExitCode.UNREAD if DoorState.UNKNOWN in staying else ExitCode.FINE
