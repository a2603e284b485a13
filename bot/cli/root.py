"""The `locksmith` command: its families of commands, and one handler for every error."""

import io
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from bot.cli.commands import TeachingGroup
from bot.cli.context import Doors, Session
from bot.cli.faults import tell
from bot.cli.screen import Screen
from bot.errors import ExitCode
from bot.version import __version__

#: Commands in the order people meet them.
_ORDER = (
    "scan", "status", "findings", "show", "plan", "approve", "apply", "undo", "deny", "snooze",
    "exempt", "attest", "settle", "executions", "serve", "slack", "contain", "rules", "simulate",
    "pause", "resume", "codes", "people", "audit", "controls", "policy", "go-live", "config", "db",
    "demo",
)  # fmt: skip


class Root(TeachingGroup):
    """Ends every command with its exit code, whatever happened."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All commands; one that has no place in the order is a mistake, and raises ValueError."""
        return sorted(self.commands, key=_ORDER.index)

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "locksmith",
        *,
        obj: Doors,
        **extra: Any,
    ) -> NoReturn:
        """Carry out the command and exit; `obj` is what the composition root gives."""
        session = Session(obj)
        _never_fail_to_print()
        try:
            code = self._carried_out(session, args, prog_name, extra)
        finally:
            session.close()
        sys.exit(code)

    def _carried_out(
        self,
        session: Session,
        args: Sequence[str] | None,
        prog_name: str | None,
        extra: dict[str, Any],
    ) -> int:
        extra["standalone_mode"] = False
        try:
            result = super().main(args, prog_name, obj=session, **extra)
            sys.stdout.flush()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one handler of all
            return tell(_screen(session), error)
        return int(result) if isinstance(result, int) else ExitCode.FINE

    def invoke(self, ctx: click.Context) -> Any:
        """Let go of closed pipes before click turns them into exit code 1, which means findings."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            return tell(_screen(ctx.ensure_object(Session)), error)


def _never_fail_to_print() -> None:
    """Where the terminal's encoding lacks a character, an escape stands for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _screen(session: Session) -> Screen:
    """The screen of the command, or a plain one where its options were wrong."""
    try:
        return session.screen
    except TypeError:
        return Screen()


@click.group(cls=Root, name="locksmith")
@click.version_option(__version__, prog_name="locksmith", message="%(prog)s %(version)s")
def root() -> None:
    """Find violations of AWS's IAM best practices, fix them with consent, prove it, undo it.

    The loop: `scan` looks and proposes, `plan` shows the exact calls of a fix, `approve` says yes
    to exactly that plan, `apply` carries it out and proves it, `undo` takes it back. Nothing is
    ever changed without a yes.
    """
