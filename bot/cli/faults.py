"""Errors for people: what happened, what to do, the exit code; tracebacks only on request."""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping

import click

from bot.cli.screen import Screen
from bot.errors import ExitCode, LocksmithError

#: What a shell reports for a program that wrote to a closed pipe (128 + SIGPIPE).
BROKEN_PIPE = 141
_SECRET_VARIABLES = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LOCKSMITH_AUDIT__SIGNING__PRIVATE_KEY",
    "LOCKSMITH_DATABASE__URL",
    "LOCKSMITH_SLACK__BOT_TOKEN",
    "LOCKSMITH_SLACK__APP_TOKEN",
    "LOCKSMITH_SLACK__SIGNING_SECRET",
)
_URL_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]+@")


def tell(screen: Screen, error: BaseException) -> int:
    """Say what went wrong on stderr; returns the exit code for it."""
    match error:
        case LocksmithError():
            complain(screen, error)
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            error.show(file=sys.stderr)
            return ExitCode.USAGE
        case click.ClickException():
            _say(screen, error.format_message(), _help_of(error))
            return ExitCode.USAGE
        case KeyboardInterrupt() | click.Abort():
            _tell_notes(screen, error)
            screen.say("interrupted")
            return ExitCode.INTERRUPTED
        case BrokenPipeError():
            _silence_stdout()
            return BROKEN_PIPE
        case OSError():
            where = f" {error.filename}" if error.filename else ""
            screen.say(f"error{where}: {error.strerror or error}", "bold red")
            return ExitCode.TROUBLE
        case _:
            return _unexpected(screen, error)


def complain(screen: Screen, error: LocksmithError) -> None:
    """The error's message and what to do next."""
    _tell_notes(screen, error)
    _say(screen, str(error), error.hint)


def _tell_notes(screen: Screen, error: BaseException) -> None:
    """What was noted on the way out, such as what an execution left open.

    click puts an Abort in the place of an interrupt, which is then its cause.
    """
    for each in (error, error.__cause__):
        for note in getattr(each, "__notes__", ()):
            screen.say(redacted(note))


def _say(screen: Screen, message: str, hint: str) -> None:
    first, *more = redacted(message).splitlines() or [""]
    screen.say(f"error: {first}", "bold red")
    for line in more:
        screen.say(f"       {line.strip()}", "bold red")
    if hint:
        screen.say(f"hint: {redacted(hint)}")


def _help_of(error: click.ClickException) -> str:
    """Where to read how the command is written, where click knows which one it was."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows how it is used." if context else ""


def worst(codes: Iterable[int]) -> int:
    """The code to exit with where several things happened: 3 before 5, 2, 4 and 1."""
    order = (
        ExitCode.TROUBLE,
        ExitCode.REFUSED,
        ExitCode.USAGE,
        ExitCode.UNREAD,
        ExitCode.FINDINGS,
    )
    happened = set(codes)
    return next((code for code in order if code in happened), ExitCode.FINE)


def _unexpected(screen: Screen, error: BaseException) -> int:
    screen.say(
        f"error: something unexpected went wrong: {type(error).__name__} "
        f"(reference {_reference(error)})",
        "bold red",
    )
    if screen.verbose:
        for line in redacted("".join(traceback.format_exception(error))).splitlines():
            screen.say(line, "dim")
    else:
        screen.say("hint: This is a bug. The same command with -v shows where it is; report that.")
    return ExitCode.TROUBLE


def _reference(error: BaseException) -> str:
    """Eight digits that are the same wherever the same bug shows."""
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    text = "|".join([type(error).__name__, *places])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def redacted(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text without the secrets that the environment holds, and passwords in addresses."""
    for name in _SECRET_VARIABLES:
        secret = environ.get(name, "")
        if len(secret) >= 8:  # a shorter one would blot out ordinary words
            text = text.replace(secret, f"<{name}>")
    return "\n".join(_URL_PASSWORD.sub(r"\1***@", line) for line in text.split("\n"))


def _silence_stdout() -> None:
    """Nobody reads any more: what Python still wants to flush at the end goes nowhere."""
    try:
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
    except (OSError, ValueError):
        return  # no real file behind stdout, so nothing is left to flush into
