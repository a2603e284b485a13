"""Adds conditions to what a document allows: never wider, and nothing but that is another way.

As everywhere, a condition that a request has no value for doesn't hold (unless its operator ends in
IfExists), so whatever lacks the key is refused from then on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.policy.cannot_tell import CannotTell
from bot.policy.document import Condition, Document, Statement
from bot.policy.matching import covers
from bot.policy.rewriting import Json, Rewrite, as_list, items_of, rewritten, without_keys

_NAMING = frozenset(
    {
        *("stringequals", "stringequalsignorecase", "stringlike"),
        *("arnequals", "arnlike"),
    }
)
_NOT_NAMING = frozenset(
    {
        *("stringnotequals", "stringnotequalsignorecase", "stringnotlike"),
        *("arnnotequals", "arnnotlike"),
    }
)

_SOURCES = frozenset(
    {"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce"},
)


@dataclass(frozen=True, slots=True)
class Tightening:
    """A condition for an Allow: for all of it, or for some of its actions or principals alone.

    `actions` and `principals` are texts as the statement lists them. Where it lists others too, it
    is split in two, and the others stay as they were.
    """

    condition: Condition
    actions: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()


def tightened(document: Document, changes: Mapping[int, Tightening]) -> Json | CannotTell:
    """The document with some statements, by their index, under a further condition.

    Where a statement has a condition of the same operator on the same key, the new values take the
    place of the old ones, each of which must be within one of those. CannotTell where it isn't,
    and for a Deny, which would deny less.
    """
    rewrites: dict[int, Rewrite] = {}
    for index, change in changes.items():
        statement = document.statements[index]
        reason = _objection(statement, change.condition)
        if reason:
            return CannotTell(statement.label, reason)
        rewrites[index] = _rewrite(change)
    return rewritten(document, rewrites)


def must_name(statement: Statement, key: str) -> bool:
    """Whether an Allow holds only where the key is in the request and is one of some values.

    Not with IfExists or ForAllValues, which hold without it, not with what is negated, and not
    with a pattern for everything.
    """
    return any(
        one.key.lower() == key.lower()
        and one.operator.lower().removeprefix("foranyvalue:") in _NAMING
        and bool(one.values)
        and not any(is_any_text(value) for value in one.values)
        for one in statement.conditions
    )


def denies_others(statement: Statement, keys: Collection[str]) -> bool:
    """Whether a Deny holds unless one of the keys is in the request and is one of some values.

    As said to a service, of whom `aws:PrincipalIsAWSService` is true. A negated operator holds
    where the key is absent, with IfExists or without, and so does ForAllValues; ForAnyValue
    doesn't. Any other condition could keep the Deny from holding; without any it always does.
    """
    wanted = {key.lower() for key in keys}
    return all(_denies_others(one, wanted) or _means_services(one) for one in statement.conditions)


def _denies_others(condition: Condition, keys: Collection[str]) -> bool:
    operator = condition.operator.lower().removeprefix("forallvalues:").removesuffix("ifexists")
    return (
        condition.key.lower() in keys
        and operator in _NOT_NAMING
        and bool(condition.values)
        and not any(is_any_text(value) for value in condition.values)
    )


def _means_services(condition: Condition) -> bool:
    operator = condition.operator.lower().removesuffix("ifexists")
    key, values = condition.key.lower(), [value.lower() for value in condition.values]
    return (operator, key, values) == ("bool", "aws:principalisawsservice", ["true"])


def is_any_text(value: str) -> bool:
    """Whether a value of a condition is only wildcards."""
    return not value.strip("*?")


def named_sources(statement: Statement) -> bool:
    """Whether a statement is about requests from some addresses or networks, or from all others."""
    return any(
        one.key.lower() in _SOURCES
        and not one.operator.lower().startswith(("null", "forallvalues"))
        for one in statement.conditions
    )


def denied_without_mfa(document: Document, actions: Collection[str]) -> Json:
    """The document with a Deny of these actions where the request proves no MFA, at its end.

    For long-term access keys too, which have no such key in their requests.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    condition: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    return _with_deny(document, "OnlyWithMfa", {"Action": [*actions]}, condition)


def denied_from_elsewhere(document: Document, networks: Collection[str]) -> Json:
    """The document with a Deny of all that it allows to requests from other addresses.

    Not to those that an AWS service makes for the caller, which come from the service's address.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
    """
    allows = [one for one in document.statements if one.effect == "Allow"]
    actions = list(dict.fromkeys(action for one in allows for action in one.actions))
    listed = not any(one.not_actions for one in allows)
    condition: Json = {
        "NotIpAddress": {"aws:SourceIp": [*networks]},
        "Bool": {"aws:ViaAWSService": "false"},
    }
    return _with_deny(
        document, "OnlyFromOwnNetworks", {"Action": actions if listed else "*"}, condition
    )


def _with_deny(document: Document, sid: str, actions: Json, condition: Json) -> Json:
    content = document.as_json()
    taken = {statement.sid for statement in document.statements}
    sids = (sid, *(f"{sid}{number}" for number in range(2, len(taken) + 3)))
    free = next(each for each in sids if each not in taken)
    deny = {"Sid": free, "Effect": "Deny", **actions, "Resource": "*", "Condition": condition}
    return content | {"Statement": [*items_of(content), deny]}


def _objection(statement: Statement, condition: Condition) -> str:
    if statement.effect == "Deny":
        return "with a condition more it would deny less"
    taken = [one for one in statement.conditions if _is_same_place(one, condition)]
    if len(taken) > 1 or any(not _is_within(condition, one) for one in taken):
        return f"it already has another {condition.operator} condition on {condition.key}"
    return ""


def _is_same_place(one: Condition, other: Condition) -> bool:
    return (one.operator.lower(), one.key.lower()) == (other.operator.lower(), other.key.lower())


def _is_within(new: Condition, old: Condition) -> bool:
    if "not" in old.operator.lower():
        return False
    like = "like" in old.operator.lower()
    return all(
        any(covers(each, value) if like else each == value for each in old.values)
        for value in new.values
    )


def _rewrite(change: Tightening) -> Rewrite:
    def rewrite(item: Json) -> list[Json]:
        others, meant = _split_actions(item, change.actions)
        spared, meant = _split_principals(meant, change.principals)
        block = _with(item.get("Condition", {}), change.condition)
        return [*others, *spared, meant | {"Condition": block}]

    return rewrite


def _split_actions(item: Json, meant: frozenset[str]) -> tuple[list[Json], Json]:
    listed = as_list(item.get("Action", []))
    others = [one for one in listed if one not in meant]
    if not meant or not others:
        return [], item
    chosen = [one for one in listed if one in meant]
    # A Sid is unique within its document, so the second statement goes without.
    return [item | {"Action": others}], without_keys(item, "Sid") | {"Action": chosen}


def _split_principals(item: Json, meant: frozenset[str]) -> tuple[list[Json], Json]:
    named = item.get("Principal")
    if not meant or not isinstance(named, dict):
        return [], item
    others, chosen = _named(named, meant, wanted=False), _named(named, meant, wanted=True)
    if not others:
        return [], item
    return [item | {"Principal": others}], without_keys(item, "Sid") | {"Principal": chosen}


def _named(principals: Mapping[str, Any], meant: frozenset[str], *, wanted: bool) -> Json:
    found = {
        kind: [one for one in as_list(values) if (one in meant) is wanted]
        for kind, values in principals.items()
    }
    return {kind: values for kind, values in found.items() if values}


def _with(block: Mapping[str, Any], condition: Condition) -> Json:
    """The conditions with one more, in the spelling that is there already."""
    operator = next((one for one in block if one.lower() == condition.operator.lower()), "")
    keys: Mapping[str, Any] = block.get(operator, {})
    key = next((one for one in keys if one.lower() == condition.key.lower()), condition.key)
    changed = {**keys, key: list(condition.values)}
    return {**block, operator or condition.operator: changed}
