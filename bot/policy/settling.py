"""A document with what is settled about its conditions carried out."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from bot.policy.document import Condition, Document, Statement, parse_document

#: Whether a condition holds for the requests in question; None where that depends on more.
Holds = Callable[[Condition], bool | None]

_PASSED_TO = "iam:passedtoservice"


def settle(document: Document, holds: Holds) -> Document:
    """Statements whose conditions can't hold are gone, and conditions that surely hold too.

    All other conditions stay as they are.
    """
    content = document.as_json()
    listed = content["Statement"]
    items: list[Any] = listed if isinstance(listed, list) else [listed]
    kept = [
        _without_settled(items[statement.index], statement, holds)
        for statement in document.statements
        if all(holds(condition) is not False for condition in statement.conditions)
    ]
    if kept == items:
        return document
    return parse_document({**content, "Statement": kept}, where="a policy")


@lru_cache(maxsize=8192)
def as_passed_to(document: Document, service: str) -> Document:
    """The document as it counts for handing a role to `service`, such as `lambda.amazonaws.com`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
    """
    return settle(document, lambda condition: _is_passed(condition, service))


def _is_passed(condition: Condition, service: str) -> bool | None:
    if condition.key.lower() != _PASSED_TO:
        return None
    operator = condition.operator.lower().removesuffix("ifexists")
    match operator:
        case "stringequals" | "stringequalsignorecase":
            return service in condition.values
        case "stringnotequals" | "stringnotequalsignorecase":
            return service not in condition.values
        case "stringlike":
            return any(fnmatchcase(service, value) for value in condition.values)
        case "stringnotlike":
            return not any(fnmatchcase(service, value) for value in condition.values)
    return None


def _without_settled(item: dict[str, Any], statement: Statement, holds: Holds) -> dict[str, Any]:
    settled = {(c.operator, c.key) for c in statement.conditions if holds(c)}
    if not settled:
        return item
    left = {
        operator: {key: value for key, value in keys.items() if (operator, key) not in settled}
        for operator, keys in item["Condition"].items()
    }
    left = {operator: keys for operator, keys in left.items() if keys}
    bare = {name: value for name, value in item.items() if name != "Condition"}
    return {**bare, "Condition": left} if left else bare
