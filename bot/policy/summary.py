"""What a document allows, summed up by service and access level, as AWS's console does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary.html
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.policy.administration import grants_full_administration
from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Document, Statement
from bot.policy.expansion import expand, statement_actions
from bot.policy.levels import AccessLevel, access_levels

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`levels` says for each service and level whether it is full: every such action is allowed.

    Only what is allowed counts; what takes some of it back stands in `notes`, as sentences.
    `unknown` are patterns that nobody can level. With `everything` no service is listed.
    """

    levels: Mapping[str, Mapping[AccessLevel, bool]]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    everything: bool = False


def summary_of(document: Document) -> Summary:
    """The summary of one document by itself."""
    allowing = [each for each in document.statements if each.effect == "Allow"]
    everything = any(_takes_in_all(each) for each in allowing)
    expanded = [] if everything else [statement_actions(each) for each in allowing]
    actions = frozenset[str]().union(*(each.actions for each in expanded))
    unknown = {one.subject for each in expanded for one in each.cannot_tell}
    return Summary(
        levels={service: _levels(service, names) for service, names in _by_service(actions)},
        unknown=tuple(sorted(unknown)),
        notes=tuple(_notes(document, allowing)),
        everything=everything,
    )


def _takes_in_all(statement: Statement) -> bool:
    return any(not each.replace("*", "").replace(":", "") for each in statement.actions)


def _by_service(actions: Iterable[str]) -> list[tuple[str, frozenset[str]]]:
    found: dict[str, set[str]] = defaultdict(set)
    for action in actions:
        found[action.partition(":")[0]].add(action)
    return [(service, frozenset(found[service])) for service in sorted(found)]


def _levels(service: str, allowed: frozenset[str]) -> Mapping[AccessLevel, bool]:
    """The levels of what is allowed, in AWS's order, each with whether it is full."""
    known = expand(f"{service}:*")
    every = allowed if isinstance(known, CannotTell) else known | allowed
    present = _of_level(allowed)
    there = _of_level(every)
    return {level: present[level] == there[level] for level in AccessLevel if present.get(level)}


def _of_level(actions: Iterable[str]) -> dict[AccessLevel, set[str]]:
    found: dict[AccessLevel, set[str]] = defaultdict(set)
    for action in actions:
        levels = access_levels(action)
        for level in () if isinstance(levels, CannotTell) else levels:
            found[level].add(action.lower())
    return found


def _notes(document: Document, allowing: list[Statement]) -> Iterable[str]:
    full = grants_full_administration(document)
    if full is not None:
        condition = " where its conditions hold" if full.conditional else ""
        yield f"It makes an administrator of whoever has it{condition}"
    denying = [each for each in document.statements if each.effect == "Deny"]
    for what, statements in (
        (
            "Everything but what it names, in new services too",
            [s for s in allowing if s.not_actions],
        ),
        ("Under conditions only", [s for s in allowing if s.conditions]),
        ("On some resources only", [s for s in allowing if "*" not in s.resources]),
        ("Denied again, which is not taken off here", denying),
    ):
        if statements:
            yield f"{what}: {_named(statements)}"


def _named(statements: list[Statement]) -> str:
    names = ", ".join(each.label for each in statements[:_LISTED])
    more = len(statements) - _LISTED
    return f"{names} and {more} more" if more > 0 else names
