"""On which resources, and under which conditions, a document allows what it allows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.policy.document import Statement
from bot.policy.matching import covers


class Resources(StrEnum):
    """All that a service has, some that are named or left out, or either by action or statement."""

    ALL = "all"
    SOME = "some"
    EITHER = "all or some"


class Conditions(StrEnum):
    """Whether what is allowed is allowed under conditions only, or in part."""

    NO = "no"
    YES = "yes"
    PARTLY = "in part"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What limits the actions of one access level of a service."""

    resources: Resources
    conditions: Conditions


def constraint(actions: Iterable[str], statements: Mapping[str, Iterable[Statement]]) -> Constraint:
    """What limits these actions together, by the Allow statements that give each of them."""
    ways: set[tuple[bool, bool]] = set()
    for action in actions:
        service = action.partition(":")[0]
        found = {(is_on_all(each, service), bool(each.conditions)) for each in statements[action]}
        # One that limits nothing makes the others say nothing more.
        ways |= {(True, False)} if (True, False) in found else found
    everywhere, conditional = {each for each, _ in ways}, {each for _, each in ways}
    resources = Resources.ALL if True in everywhere else Resources.SOME
    conditions = Conditions.YES if True in conditional else Conditions.NO
    return Constraint(
        Resources.EITHER if len(everywhere) == 2 else resources,
        Conditions.PARTLY if len(conditional) == 2 else conditions,
    )


def limits_in_words(by_level: Mapping[str, Constraint]) -> str:
    """The constraints of a service as people say them; empty where nothing is limited."""
    resources = {level: each.resources.value for level, each in by_level.items()}
    conditions = {level: each.conditions.value for level, each in by_level.items()}
    said = []
    if set(resources.values()) != {Resources.ALL.value}:
        said.append(f"resources: {_by_value(resources)}")
    if set(conditions.values()) != {Conditions.NO.value}:
        said.append(f"under conditions: {_by_value(conditions)}")
    return "; ".join(said)


def _by_value(of_levels: Mapping[str, str]) -> str:
    """One value, where all levels have it; otherwise each with its levels: `some (Write)`."""
    levels: dict[str, list[str]] = defaultdict(list)
    for level, value in of_levels.items():
        levels[value].append(level)
    if len(levels) == 1:
        return next(iter(levels))
    return ", ".join(f"{value} ({', '.join(names)})" for value, names in levels.items())


def is_on_all(statement: Statement, service: str) -> bool:
    """Whether a statement is about all that a service has; one that names no resources is."""
    if not statement.resources and not statement.not_resources:
        return True
    return any(
        takes_in_all(pattern, service, partition)
        for pattern in statement.resources
        for partition in _partitions(pattern)
    )


def _partitions(pattern: str) -> Iterator[str]:
    """The partition that an ARN names; where it names none by a plain word, the usual one."""
    partition = [*pattern.split(":"), ""][1]
    yield partition if partition.startswith("aws") and "*" not in partition else "aws"


@lru_cache(maxsize=65536)
def takes_in_all(pattern: str, service: str, partition: str) -> bool:
    """Whether a pattern means all of a service's resources; S3's ARNs have no account in them."""
    if pattern == "*":
        return True
    return any(
        covers(pattern, f"arn:{partition}:{service}:{rest}")
        for rest in ("*", "*:*:*", "::*" if service == "s3" else "*:*:*")
    )
