"""`status`: how everything stands."""

from bot.cli.commands import command
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode
from bot.reports.documents.state import state_document
from bot.reports.state_text import state_lines


@command(
    root,
    "status",
    examples=("locksmith status", "locksmith --output json status"),
    codes=(ExitCode.TROUBLE, ExitCode.UNREAD),
)
@pass_session
def status(session: Session) -> int:
    """Show how everything stands: topics, accounts, the next scans, and what is held up.

    It reads the database, and neither AWS nor Slack. An account that was not looked at in time,
    could not be looked at, or of which far less was seen than before comes first, and makes the
    exit code 4: nothing being found there means nothing.
    """
    state = session.app.state()
    lines = state_lines(state, session.app.now(), width=session.screen.width)
    session.screen.show(lines, state_document(state))
    return ExitCode.UNREAD if state.cases else ExitCode.FINE
