"""Writes docs/commands.md from what --help says, so that the two never differ."""

from collections.abc import Iterator

import click

from bot.cli.command_line import root

_HEAD = """\
# Commands

What `--help` says of each command, in one place. Global options stand before or after a command's
name. With `--output json` stdout gets one JSON document and nothing else; its schemas are in
[bot/reports/schemas](../bot/reports/schemas).
"""
_WIDTH = 100


def reference() -> str:
    """The text of docs/commands.md."""
    return "\n".join([_HEAD, *_sections(root, "locksmith", None)])


def _sections(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=path.rpartition(" ")[2],
        parent=parent,
        terminal_width=_WIDTH,
        **command.context_settings,
    )
    with context:
        help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"## `{path}`\n\n```text\n{help_text}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _sections(found, f"{path} {name}", context)
