"""Writes the parts of docs/slack.md that are true by the code: scopes and commands."""

import re
from collections.abc import Mapping, Sequence

from bot.slack.commands.catalogue import COMMANDS, Command
from bot.slack.manifest import APP_SCOPES, SCOPES

_PART = re.compile(
    r"(<!-- generated: (?P<name>[a-z]+) -->\n).*?(<!-- /generated -->)", flags=re.DOTALL
)


def slack_page(written: str, commands: Mapping[str, Command] = COMMANDS) -> str:
    """The page with its generated parts anew; what people wrote stays.

    Raises ValueError where the marks of a part are missing, doubled or unknown.
    """
    parts = {"scopes": _scopes(), "commands": _commands(commands)}
    names = [match["name"] for match in _PART.finditer(written)]
    if sorted(names) != sorted(parts):
        raise ValueError(f"docs/slack.md must have the parts {sorted(parts)} once, not {names}")

    def anew(match: re.Match[str]) -> str:
        return "\n".join([match[1].rstrip("\n"), *parts[match["name"]], match[3]])

    return _PART.sub(anew, written)


def _scopes() -> Sequence[str]:
    lines = ["| scope | what for |", "|---|---|"]
    lines += [f"| `{scope}` | {reason} |" for scope, reason in SCOPES.items()]
    app = [f"`{scope}`, to {reason}" for scope, reason in APP_SCOPES.items()]
    return [*lines, "", f"The app-level token of Socket Mode has {', '.join(app)}."]


def _commands(commands: Mapping[str, Command]) -> Sequence[str]:
    lines = ["| command | what it does | for |", "|---|---|---|"]
    for each in commands.values():
        whom = "security" if each.security else "everyone"
        lines.append(f"| `{each.usage}` | {each.sentence} | {whom} |")
    return lines
