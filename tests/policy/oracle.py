"""A second, naive evaluator: it shares no code with bot.policy and works on plain JSON.

It answers for one concrete request, with every condition already known to be true or false.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

Json = Mapping[str, Any]


@lru_cache(maxsize=65536)
def glob(pattern: str, text: str) -> bool:
    """The textbook recursion, column by column."""
    row = [True] + [False] * len(text)
    for mark in pattern:
        if mark == "*":
            row = [any(row[: end + 1]) for end in range(len(row))]
        else:
            row = [False] + [row[i] and mark in ("?", text[i]) for i in range(len(text))]
    return row[-1]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    # The (operator, key) pairs that hold.
    holding: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def applies(statement: Json, request: Request) -> bool:
    conditions = all(
        (operator, key) in request.holding
        for operator, keys in statement.get("Condition", {}).items()
        for key in keys
    )
    return conditions and _acts(statement, request.action) and _reaches(statement, request.resource)


def _reaches(statement: Json, resource: str) -> bool:
    if "Resource" in statement:
        return any(glob(one, resource) for one in as_list(statement["Resource"]))
    if "NotResource" in statement:
        return not any(glob(one, resource) for one in as_list(statement["NotResource"]))
    return True


def allows(documents: Iterable[Json], request: Request, boundary: Json | None = None) -> bool:
    """Explicit deny, then an allow, then an allow of the boundary too."""
    identity = [one for document in documents for one in as_list(document["Statement"])]
    bound = [] if boundary is None else as_list(boundary["Statement"])
    if any(one["Effect"] == "Deny" and applies(one, request) for one in identity + bound):
        return False
    granted = any(one["Effect"] == "Allow" and applies(one, request) for one in identity)
    within = boundary is None or any(
        one["Effect"] == "Allow" and applies(one, request) for one in bound
    )
    return granted and within


def permits(
    documents: Iterable[Json],
    action: str,
    resource: str,
    context: Mapping[str, tuple[str, ...]],
) -> bool:
    """Whether identity policies let a request through; `context` has its keys in lower case."""
    return bool(permitted(documents, (action,), (resource,), Caller(context=context)))


def permitted(
    documents: Iterable[Json], actions: Iterable[str], resources: Iterable[str], caller: "Caller"
) -> set[tuple[str, str]]:
    """All of the requests, each action on each resource, that policies let the caller through with.

    Of an identity's policies, which name nobody, or a resource's, which say whom they mean.
    """
    every = list(resources)
    effects: dict[str, set[tuple[str, str]]] = {"Allow": set(), "Deny": set()}
    for document in documents:
        for one in as_list(document["Statement"]):
            if _holds(one, caller) and _means(one, caller):
                meant = [resource for resource in every if _reaches(one, resource)]
                effects[one["Effect"]].update(
                    (action, resource)
                    for action in actions
                    if _acts(one, action)
                    for resource in meant
                )
    return effects["Allow"] - effects["Deny"]


def _means(statement: Json, caller: "Caller") -> bool:
    named = "Principal" in statement or "NotPrincipal" in statement
    return not named or _named(statement, caller)


@dataclass(frozen=True)
class Caller:
    """Who calls: an ARN of an account, a service, or whom a provider vouches for.

    `context` is what is known of the request, by lower-case key.
    """

    arn: str = ""
    account: str = ""
    service: str = ""
    federated: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def assumes(document: Json, caller: Caller, action: str = "sts:AssumeRole") -> bool:
    """Whether a trust policy lets the caller assume the role."""
    matching = [
        one["Effect"]
        for one in as_list(document["Statement"])
        if _acts(one, action) and _named(one, caller) and _holds(one, caller)
    ]
    return "Allow" in matching and "Deny" not in matching


def _acts(statement: Json, action: str) -> bool:
    if "Action" in statement:
        return any(glob(one.lower(), action.lower()) for one in as_list(statement["Action"]))
    return not any(glob(one.lower(), action.lower()) for one in as_list(statement["NotAction"]))


def _named(statement: Json, caller: Caller) -> bool:
    if "Principal" in statement:
        return _is_one_of(statement["Principal"], caller)
    return not _is_one_of(statement["NotPrincipal"], caller)


def _is_one_of(principals: Any, caller: Caller) -> bool:
    if principals == "*":
        return True
    return any(
        _is(kind, value, caller) for kind, values in principals.items() for value in as_list(values)
    )


def _is(kind: str, value: str, caller: Caller) -> bool:
    if kind == "Service":
        return value == caller.service
    if kind == "Federated":
        return value == caller.federated
    if kind != "AWS":
        return False
    if value == "*":
        return True
    return bool(caller.account) and value in (
        caller.arn,
        caller.account,
        f"arn:aws:iam::{caller.account}:root",
    )


def _holds(statement: Json, caller: Caller) -> bool:
    return all(
        _condition(operator, caller.context.get(key.lower(), ()), as_list(values))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _condition(operator: str, present: tuple[str, ...], values: list[str]) -> bool:
    name = operator.lower()
    if name == "null":
        return (values[0] == "true") == (not present)
    if name.startswith("forallvalues:"):
        return all(_one(name.removeprefix("forallvalues:"), text, values) for text in present)
    if name.startswith("foranyvalue:"):
        return any(_one(name.removeprefix("foranyvalue:"), text, values) for text in present)
    if not present:
        return name.endswith("ifexists") or "not" in name
    return _one(name, present[0], values)


def _one(name: str, text: str, values: list[str]) -> bool:
    name = name.removesuffix("ifexists")
    if name.startswith("date"):
        return any(_before(name, text, value) for value in values)
    if "ipaddress" in name:
        found = any(ip_address(text) in ip_network(value) for value in values)
    elif "like" in name or name.startswith("arn"):
        found = any(glob(value, text) for value in values)
    elif "ignorecase" in name:
        found = any(value.lower() == text.lower() for value in values)
    else:
        found = any(value == text for value in values)
    return found != ("not" in name)


def _before(name: str, text: str, value: str) -> bool:
    moment, limit = datetime.fromisoformat(text), datetime.fromisoformat(value)
    return moment < limit if name == "datelessthan" else moment > limit
