"""Which conditions of a trust policy narrow it to callers that someone named.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re

from bot.policy.document import Condition, Statement

_TEXT_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
_ARN_OPERATORS = frozenset({"arnequals", "arnlike"})
_POSITIVE = _TEXT_OPERATORS | _ARN_OPERATORS
_NEGATED = frozenset(
    {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"}
)
_ACCOUNT_IN_ARN = re.compile(r"arn:[^:]*:[^:*?]+:[^:]*:\d{12}:.+", re.DOTALL)
_WILDCARD = re.compile(r"[*?]|\$\{")


def narrows_allow(statement: Statement) -> bool:
    """Whether some condition limits an Allow to callers that its values name.

    A positive text or ARN operator on a key that says who or what calls. ForAllValues and IfExists
    hold when the key is absent, Null only tests for presence, and negated operators let in
    everyone else: none of these narrow.
    """
    return any(narrows(condition) for condition in statement.conditions)


def narrows(condition: Condition) -> bool:
    """Whether this one condition limits an Allow to callers that its values name."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    return operator in _POSITIVE and bool(condition.values) and _names_callers(condition)


def asks_for_external_id(statement: Statement) -> bool:
    """Whether an Allow holds only for whoever sends an external id."""
    return any(one.key.lower() == "sts:externalid" and narrows(one) for one in statement.conditions)


def named_organizations(statement: Statement) -> tuple[str, ...]:
    """The ids of the organizations that an Allow is limited to; none where it isn't."""
    return tuple(
        value.partition("/")[0]
        for one in statement.conditions
        if one.key.lower() in ("aws:principalorgid", "aws:principalorgpaths") and narrows(one)
        for value in one.values
    )


def named_accounts(statement: Statement) -> tuple[str, ...]:
    """The accounts whose callers alone an Allow holds for; none where no condition says so."""
    found = (
        _account_in(one.key.lower(), value)
        for one in statement.conditions
        if narrows(one)
        for value in one.values
    )
    return tuple(dict.fromkeys(account for account in found if account))


def _account_in(key: str, value: str) -> str:
    if key == "aws:principalaccount":
        return value
    parts = value.split(":", 5)
    return parts[4] if key == "aws:principalarn" and len(parts) > 5 else ""


def narrows_by_deny(statement: Statement) -> bool:
    """Whether a Deny turns away all callers but those that its conditions name.

    Every condition must be a negated one on a naming key, since a Deny needs all of them to hold;
    "unless an AWS service calls" may stand beside them.
    """
    naming = [one for one in statement.conditions if not _spares_services(one)]
    return bool(naming) and all(_excludes_others(one) for one in naming)


def _excludes_others(condition: Condition) -> bool:
    # A negated operator holds on an absent key with or without IfExists, so the Deny applies.
    # ForAllValues holds on an absent key too; ForAnyValue doesn't, and would let the absent in.
    operator = condition.operator.lower().removeprefix("forallvalues:").removesuffix("ifexists")
    return operator in _NEGATED and bool(condition.values) and _names_callers(condition)


def _spares_services(condition: Condition) -> bool:
    operator = condition.operator.lower().removesuffix("ifexists")
    return (
        operator == "bool"
        and condition.key.lower() == "aws:principalisawsservice"
        and condition.values == ("false",)
    )


def _names_callers(condition: Condition) -> bool:
    names = _NAMING.get(condition.key.lower())
    return names is not None and all(names(value) for value in condition.values)


def _whole(value: str) -> bool:
    """A value without wildcards: `o-*` or `1*` would let other organisations and accounts in."""
    return bool(value) and not _WILDCARD.search(value)


def _some_text(value: str) -> bool:
    """A shared secret or label: any text that isn't wildcards all through."""
    return bool(value.strip("*?")) and "${" not in value


def _arn(value: str) -> bool:
    """An ARN of one account, or one without any wildcard."""
    return _whole(value) or bool(_ACCOUNT_IN_ARN.fullmatch(value))


def _org_path(value: str) -> bool:
    """A path that starts with one organisation's id: `o-a1b2c3d4e5/r-ab12/ou-…/*`."""
    organisation, slash, _ = value.partition("/")
    return bool(slash) and _whole(organisation)


def _user_id(value: str) -> bool:
    """A unique id, with any session name behind the colon: `AROA…:*`."""
    return _whole(value.partition(":")[0])


# Keys that AWS fills in and the caller can't choose, except ExternalId, which is agreed upon.
_NAMING = {
    "sts:externalid": _some_text,
    "aws:principalorgid": _whole,
    "aws:sourceorgid": _whole,
    "aws:principalorgpaths": _org_path,
    "aws:sourceorgpaths": _org_path,
    "aws:principalaccount": _whole,
    "aws:sourceaccount": _whole,
    "aws:principalarn": _arn,
    "aws:sourcearn": _arn,
    "aws:userid": _user_id,
}
