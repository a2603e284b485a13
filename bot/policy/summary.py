"""What a document allows, summed up by service and access level, as AWS's console does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary.html
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.policy.administration import grants_full_administration
from bot.policy.cannot_tell import CannotTell
from bot.policy.constraints import Constraint, constraint, is_on_all, limits_in_words
from bot.policy.document import Document, Statement
from bot.policy.expansion import expand, statement_actions
from bot.policy.levels import AccessLevel, access_levels

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`levels` says for each service and level whether it is full: every such action is allowed.

    `constraints` says of each of them on which resources, and whether under conditions. Only what
    is allowed counts; what takes some of it back stands in `notes`, as sentences. `unknown` are
    patterns that nobody can level. With `everything` no service is listed, and the constraints are
    those of the service `*`.
    """

    levels: Mapping[str, Mapping[AccessLevel, bool]]
    constraints: Mapping[str, Mapping[AccessLevel, Constraint]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    everything: bool = False

    def limits(self, service: str) -> str:
        """What limits a service, in words: `resources: some`; empty where nothing does."""
        return limits_in_words({k.value: v for k, v in self.constraints[service].items()})


def summary_of(document: Document) -> Summary:
    """The summary of one document by itself."""
    allowing = [each for each in document.statements if each.effect == "Allow"]
    notes = tuple(_notes(document, allowing))
    of_everything = [each for each in allowing if _takes_in_all(each)]
    if of_everything:
        limit = constraint(("*",), {"*": of_everything})
        return Summary({}, {"*": dict.fromkeys(AccessLevel, limit)}, (), notes, everything=True)
    giving: dict[str, list[Statement]] = defaultdict(list)
    unknown: set[str] = set()
    for statement in allowing:
        expanded = statement_actions(statement)
        unknown |= {one.subject for one in expanded.cannot_tell}
        for action in expanded.actions:
            giving[action].append(statement)
    services = _by_service(giving)
    return Summary(
        levels={service: _levels(service, names) for service, names in services},
        constraints={service: _constraints(names, giving) for service, names in services},
        unknown=tuple(sorted(unknown)),
        notes=notes,
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


def _constraints(
    allowed: frozenset[str], giving: Mapping[str, list[Statement]]
) -> Mapping[AccessLevel, Constraint]:
    """What limits each level, in AWS's order."""
    present = _of_level(allowed)
    return {
        level: constraint(present[level], giving) for level in AccessLevel if present.get(level)
    }


def _of_level(actions: Iterable[str]) -> dict[AccessLevel, set[str]]:
    found: dict[AccessLevel, set[str]] = defaultdict(set)
    for action in actions:
        levels = access_levels(action)
        for level in () if isinstance(levels, CannotTell) else levels:
            found[level].add(action)
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
        ("On some resources only", [s for s in allowing if _is_limited(s)]),
        ("Denied again, which is not taken off here", denying),
    ):
        if statements:
            yield f"{what}: {_named(statements)}"


def _is_limited(statement: Statement) -> bool:
    """Whether it leaves out some of what any of its services has."""
    if "*" in statement.resources:
        return False
    actions = statement_actions(statement).actions
    services = {each.partition(":")[0] for each in actions} or {"*"}
    return not all(is_on_all(statement, each) for each in services)


def _named(statements: list[Statement]) -> str:
    names = ", ".join(each.label for each in statements[:_LISTED])
    more = len(statements) - _LISTED
    return f"{names} and {more} more" if more > 0 else names
