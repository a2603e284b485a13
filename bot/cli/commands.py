"""How commands are declared: each teaches with examples and exit codes, and takes all options."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from bot.cli.context import Session
from bot.config.model import has_password
from bot.errors import ExitCode

_MEANINGS = {
    ExitCode.FINE: "fine",
    ExitCode.FINDINGS: "open findings at or above --fail-on",
    ExitCode.USAGE: "the command or the configuration is wrong; nothing was done",
    ExitCode.TROUBLE: "trouble with AWS or the database, or a change whose end is not good",
    ExitCode.UNREAD: "something could not be read; it says what, and which permission is missing",
    ExitCode.REFUSED: "refused: denied, stale, protected, too late, or not done",
    ExitCode.REWRITTEN: "an anchor has another hash of a row: the log was rewritten",
    ExitCode.TRUNCATED: "an anchor is ahead of the log: its end is gone, or an older copy is back",
    ExitCode.ANCHOR_GONE: "an anchor was removed, altered or forged where it was placed",
    ExitCode.INTERRUPTED: "interrupted",
}

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Teaching(click.Command):
    """A command whose help has examples and exit codes; global options may follow it."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        codes: Sequence[ExitCode] = (),
        **kwargs: Any,
    ) -> None:
        kwargs["context_settings"] = CONTEXT_SETTINGS | (kwargs.get("context_settings") or {})
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.codes = codes
        self.params.extend(global_options())

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its own options first, then those that every command takes."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx)
            if line is not None and line[1]:  # arguments without help stand in the usage line
                (shared if isinstance(parameter, GlobalOption) else own).append(line)
        _write(formatter, "Options", own)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        _write(formatter, "Global options", shared)

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples as they are typed, and what the exit codes mean."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        if self.codes:
            with formatter.section("Exit codes"):
                lines = [(str(int(code)), _MEANINGS[code]) for code in sorted(self.codes)]
                formatter.write_dl(lines)


class TeachingGroup(Teaching, click.Group):
    """A family of commands; `default` is the one meant when none is named."""

    def __init__(self, *args: Any, default: str | None = None, **kwargs: Any) -> None:
        if default is not None:
            kwargs["no_args_is_help"] = False
        super().__init__(*args, **kwargs)
        self.default = default

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order they are declared."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the name of the default command where none is named."""
        help_names = set(ctx.help_option_names)
        named = any(arg in self.commands for arg in args) or help_names & set(args)
        if self.default is not None and not named:
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def _write(formatter: click.HelpFormatter, title: str, lines: Sequence[tuple[str, str]]) -> None:
    if lines:
        with formatter.section(title):
            formatter.write_dl(lines)


class GlobalOption(click.Option):
    """An option that every command takes; the one given last counts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, expose_value=False, callback=_remember, **kwargs)


def global_options() -> list[click.Parameter]:
    """The options that stand before or after a command's name."""
    return [
        GlobalOption(
            ["--config"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Configuration file.",
        ),
        GlobalOption(["--db"], metavar="URL", help="Database to use, instead of the configured."),
        GlobalOption(["--profile"], metavar="NAME", help="Profile of the AWS CLI to use."),
        GlobalOption(["--region"], metavar="NAME", help="AWS region for regional services."),
        GlobalOption(
            ["--output"],
            type=click.Choice(["table", "json"]),
            help="What stdout gets: text for people, or one JSON document.",
        ),
        GlobalOption(["--no-color"], is_flag=True, help="No colours, as with NO_COLOR set."),
        GlobalOption(
            ["-v", "--verbose"], count=True, help="Say what is being done; tracebacks of bugs."
        ),
    ]


def _remember(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session)
    name = parameter.name or ""
    if session is None or ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
        return
    if name == "db" and has_password(value):
        raise click.UsageError(
            "a password on the command line is seen by everyone on this machine; "
            "set LOCKSMITH_DATABASE__URL instead",
            ctx,
        )
    if name == "verbose":
        value += session.given.get(name, 0)
    session.given[name] = value


def command(
    group: click.Group,
    name: str,
    *,
    examples: Sequence[str],
    codes: Sequence[ExitCode],
    short_help: str | None = None,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare the command `name` of a group. FINE, USAGE and INTERRUPTED go without saying."""
    every = {ExitCode.FINE, ExitCode.USAGE, ExitCode.INTERRUPTED, *codes}
    return group.command(
        name, cls=Teaching, examples=examples, codes=tuple(every), short_help=short_help
    )


def group(
    parent: click.Group, name: str, *, default: str | None = None
) -> Callable[[Callable[..., Any]], TeachingGroup]:
    """Declare a family of commands."""

    def declare(function: Callable[..., Any]) -> TeachingGroup:
        made = parent.group(name, cls=TeachingGroup, default=default)(function)
        assert isinstance(made, TeachingGroup)  # noqa: S101 - what `cls` asks for
        return made

    return declare
