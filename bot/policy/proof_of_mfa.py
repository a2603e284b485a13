"""What documents say to a request, by what the credential that signs it proves of MFA.

AWS sets `aws:MultiFactorAuthPresent` for temporary credentials only: `false` in a console session
without MFA, absent in a request that a long-term access key signs. A condition on it therefore
means different things to the two, and `Bool` and `BoolIfExists` differ in just that.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from operator import eq, ge, gt, le, lt

from bot.policy.document import Condition, Document
from bot.policy.settling import settle

_PRESENT, _AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"
_ISSUED = "aws:tokenissuetime"
# A value that the request has, but that isn't known here.
_SOME = object()


class Proof(Enum):
    """Credentials, and what a request has of the keys that depend on MFA.

    A session with MFA is looked at as it is when it begins, when its MFA is 0 seconds old.
    """

    PASSWORD = "a console session without MFA"  # noqa: S105 - what it is, not a password
    KEY = "a long-term access key"
    MFA = "a console session with MFA"

    def value_of(self, key: str) -> object:
        """The value of a condition key in lower case: text, None where absent, or unknown."""
        match self:
            case Proof.KEY:
                return None
            case Proof.PASSWORD:
                return {_PRESENT: "false", _AGE: None}.get(key, _SOME)
            case Proof.MFA:
                return {_PRESENT: "true", _AGE: "0"}.get(key, _SOME)


@lru_cache(maxsize=8192)
def as_said_to(document: Document, proof: Proof) -> Document:
    """The document as it counts for such a request: what is settled about MFA is carried out.

    Statements whose conditions can't hold are gone, and conditions that surely hold too. All
    other conditions stay as they are.
    """
    return settle(document, lambda condition: _holds(condition, proof))


def _holds(condition: Condition, proof: Proof) -> bool | None:
    """Whether the condition holds for such a request; None where that depends on more."""
    key = condition.key.lower()
    if key not in (_PRESENT, _AGE, _ISSUED):
        return None
    value = proof.value_of(key)
    operator = condition.operator.lower()
    values = {one.lower() for one in condition.values}
    if operator == "null":
        return ("true" if value is None else "false") in values
    if value is None:
        return _holds_on_absent(operator)
    if operator.removesuffix("ifexists") in _NUMERIC and value == "0":
        compare = _NUMERIC[operator.removesuffix("ifexists")]
        return any(compare(0, float(one)) for one in values if one.isdecimal())
    return value in values if operator in _EQUALITY and value is not _SOME else None


_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "numericlessthan": lt,
    "numericlessthanequals": le,
    "numericgreaterthan": gt,
    "numericgreaterthanequals": ge,
    "numericequals": eq,
}
_EQUALITY = frozenset(
    f"{operator}{suffix}" for operator in ("bool", "stringequals") for suffix in ("", "ifexists")
)


def _holds_on_absent(operator: str) -> bool:
    """A positive operator fails on an absent key; IfExists, negated ones and ForAllValues hold."""
    if operator.startswith("foranyvalue:"):
        return False
    wanting = operator.endswith("ifexists") or "not" in operator
    return wanting or operator.startswith("forallvalues:")
