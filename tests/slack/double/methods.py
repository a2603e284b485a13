"""What a Web API method is: its name, what it demands, and how its arguments are read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.slack.double.refusals import Refused
from tests.slack.double.tokens import Token
from tests.slack.double.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of a call, from a form or from JSON."""

    given: dict[str, Any]

    def text(self, name: str, otherwise: str = "invalid_arguments") -> str:
        """A text that must be there; `otherwise` is the refusal when it isn't."""
        value = self.given.get(name)
        if value is None or value == "":
            raise Refused(otherwise)
        return str(value)

    def maybe(self, name: str) -> str | None:
        """A text that may be missing."""
        value = self.given.get(name)
        return None if value is None or value == "" else str(value)

    def flag(self, name: str) -> bool:
        """A yes or no: no when missing."""
        return self.given.get(name) in {True, "1", "true", "True"}

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        try:
            value = int(self.given.get(name) or default)
        except ValueError:
            raise Refused("invalid_limit") from None
        if not 1 <= value <= most:
            raise Refused("invalid_limit")
        return value

    def json(self, name: str, otherwise: str) -> Any:
        """A JSON value, as itself or as text; None when missing."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(otherwise) from None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as a method sees it."""

    workspace: Workspace
    args: Args
    token: Token


Run = Callable[[Asked], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: any one of `scopes` lets it run; `tier` is how often a minute it may be called."""

    name: str
    run: Run
    scopes: tuple[str, ...]
    kind: str
    tier: int | None


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tier: int | None, kind: str = "bot") -> Callable[[Run], Run]:
    """Say that a function is the Web API method `name`; `kind` is whose token it takes."""

    def keep(run: Run) -> Run:
        METHODS[name] = Method(name, run, scopes, kind, tier)
        return run

    return keep


def page(
    asked: Asked, items: list[Any], key: str, *, default: int = 100, most: int = 1000
) -> dict[str, Any]:
    """One page of `items` under `key`, with the cursor of the next."""
    limit = asked.args.number("limit", default, most)
    cursor = asked.args.maybe("cursor") or "0"
    if not cursor.isdecimal() or int(cursor) > len(items):
        raise Refused("invalid_cursor")
    start = int(cursor)
    more = start + limit < len(items)
    return {
        key: items[start : start + limit],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }
