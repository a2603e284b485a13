"""`serve`, and what sets Slack up for it."""

import os
import sys
from typing import NoReturn

import click

from bot.cli.commands import command, group
from bot.cli.context import Session, pass_session
from bot.cli.faults import complain
from bot.cli.logbook import start_logging
from bot.cli.root import root
from bot.cli.screen import Screen, write_out
from bot.errors import ExitCode, LocksmithError, UnfinishedError
from bot.reports.documents.installation import slack_document
from bot.reports.terminal import styled


@command(
    root,
    "serve",
    examples=(
        "locksmith serve",
        "locksmith serve --config /etc/locksmith.yaml",
    ),
    codes=(ExitCode.TROUBLE,),
    short_help="Ask owners in Slack, and carry out what they approve.",
)
@pass_session
def serve(session: Session) -> None:
    """Ask owners in Slack, carry out what they approve, and scan every so often.

    Runs until SIGTERM or Ctrl-C: then it takes no more work, finishes what runs within
    slack.stop_seconds, and exits with 0. A second Ctrl-C ends it at once; what was under way is
    settled by the next start, which looks in AWS how far it came. A missing or refused secret, or
    a scope that the app lacks, ends it at its start with what to mend.

    What happens is logged on stderr, one line each, without secrets.
    """
    start_logging(session.options.verbose)
    try:
        session.app.serve(session.screen.say)
    except UnfinishedError as error:
        _leave(session.screen, error)


@group(root, "slack")
def slack() -> None:
    """Set up the Slack app: its manifest, and whether everything is right."""


@command(
    slack,
    "manifest",
    examples=(
        "locksmith slack manifest",
        "locksmith slack manifest --url https://locksmith.example.com",
    ),
    codes=(),
)
@click.option(
    "--url",
    metavar="URL",
    help="Public https address of mode http; without it the manifest is for Socket Mode.",
)
@pass_session
def manifest(session: Session, url: str | None) -> None:
    """Print the manifest to paste where Slack makes an app, with the reason for each scope."""
    write_out(session.app.slack_manifest(url).rstrip("\n"))


@command(slack, "check", examples=("locksmith slack check",), codes=(ExitCode.TROUBLE,))
@pass_session
def check(session: Session) -> None:
    """Ask Slack whether everything is there that `locksmith serve` needs; sends nobody anything."""
    found = session.app.slack_check()
    line = f"Slack lets us in: workspace {found.team} ({found.team_id}), user {found.bot_user_id}."
    session.screen.show([styled(line)], slack_document(found))


def _leave(screen: Screen, error: LocksmithError) -> NoReturn:
    """Say it and be gone: threads that hang would keep the interpreter from its end."""
    complain(screen, error)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(error.exit_code)
