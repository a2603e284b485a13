"""Until when a statement can hold, as its conditions on the time of the request say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.policy.document import Condition, Statement

_NOW = ("aws:currenttime", "aws:epochtime")
_ENDS = frozenset(
    f"{kind}{operator}"
    for kind in ("date", "numeric")
    for operator in ("lessthan", "lessthanequals", "equals")
)


def ends_at(statement: Statement) -> datetime | None:
    """The moment after which the statement can't hold any more; None where it may for ever.

    Every request has a time, so `IfExists` changes nothing. A value that is no date is none.
    """
    return min(_ends(statement), default=None)


def _ends(statement: Statement) -> Iterator[datetime]:
    for condition in statement.conditions:
        operator = condition.operator.lower().removesuffix("ifexists")
        if condition.key.lower() in _NOW and operator in _ENDS:
            moments = [_moment(value) for value in condition.values]
            known = [one for one in moments if one is not None]
            if known and len(known) == len(moments):
                yield max(known)  # values are alternatives


def until(moment: datetime) -> Condition:
    """The condition that lets a statement hold before a moment, to the second."""
    text = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Condition("DateLessThan", "aws:CurrentTime", (text,))


def _moment(text: str) -> datetime | None:
    """A date in ISO 8601, or in seconds since 1970; without a zone it is UTC."""
    try:
        if text.isascii() and text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
