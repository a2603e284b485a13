"""`attest`: say that an account's root user is in good hands, or that a policy was reviewed."""

import click

from bot.cli.arguments import FINDING
from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.root import root
from bot.errors import ExitCode, RefusedError, UsageError
from bot.model import FindingStatus
from bot.reports.documents.finding import finding_document
from bot.reports.documents.installation import attested_document
from bot.reports.finding_text import finding_lines
from bot.reports.terminal import styled

_QUESTION = (
    "Are root's password, its mailbox and its MFA strong, and known to nobody but who keeps them, "
    "in account {account}? Your name is recorded."
)
_REVIEWED = (
    "Did you look at all that the policy of {finding} allows, and do its holders need it? Your "
    "name is recorded."
)


@group(root, "attest")
def attest() -> None:
    """Confirm what AWS can't tell."""


@command(
    attest,
    "root",
    examples=("locksmith attest root --account 123456789012",),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.option("--account", required=True, metavar="ID", help="The account whose root it is.")
@click.option("--yes", is_flag=True, help="Confirm without being asked.")
@pass_session
def attest_root(session: Session, account: str, yes: bool) -> None:
    """Confirm that an account's root user is in good hands: nobody shares it, all of it is strong.

    It takes two different people, and counts a year. The next scan knows of it.
    """
    if not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise UsageError(f"{account!r} is no account: an AWS account's id has twelve digits")
    if not yes and not session.screen.ask(_QUESTION.format(account=account)):
        raise RefusedError("nothing was recorded: the answer was not a yes")
    attested = session.service.attest_root(account, session.actor)
    said = (
        f"Recorded. It counts until {attested.until:%Y-%m-%d}."
        if attested.until
        else "Recorded. Another person must confirm it too."
    )
    session.screen.show([styled(said)], attested_document(attested))


@command(
    attest,
    "policy",
    examples=("locksmith attest policy f-7k2m9q4d",),
    codes=(ExitCode.TROUBLE, ExitCode.REFUSED),
)
@click.argument("finding_id", metavar="ID", type=FINDING)
@click.option("--yes", is_flag=True, help="Confirm without being asked.")
@pass_session
def attest_policy(session: Session, finding_id: str, yes: bool) -> None:
    """Confirm that whoever has a policy needs what it allows, for its finding of an overdue review.

    It counts for just this document, and until the next review is due.
    """
    if not yes and not session.screen.ask(_REVIEWED.format(finding=finding_id)):
        raise RefusedError("nothing was recorded: the answer was not a yes")
    view = session.service.review_policy(finding_id, session.actor)
    if view.record.status is FindingStatus.OPEN:
        session.screen.say("Asked for. A second person must confirm it in Slack.")
    session.screen.show(finding_lines(view, session.app.now()), finding_document(view))
