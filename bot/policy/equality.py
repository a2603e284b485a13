"""Whether two sets of documents give exactly the same rights, however they are written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.policy.document import Condition, Document, Principal, Statement

_Texts = frozenset[str]
_Principals = frozenset[Principal]
_Conditions = frozenset[tuple[str, str, _Texts]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`same`, or the first difference in words; true in a condition if the rights are the same."""

    same: bool
    reason: str

    def __bool__(self) -> bool:
        return self.same


@dataclass(frozen=True, slots=True)
class _Right:
    """A statement without what changes no right: Sid, place, order, case of actions, lists."""

    effect: str
    actions: _Texts
    not_actions: _Texts
    resources: _Texts
    not_resources: _Texts
    principals: _Principals
    not_principals: _Principals
    conditions: _Conditions
    # Only 2012-10-17 knows policy variables; before, `${…}` is plain text.
    variables: bool


def same_rights(ours: Iterable[Document], theirs: Iterable[Document]) -> Comparison:
    """Whether both sets of documents hold the same statements.

    Which document a statement stands in, repetition, Sid, order, scalar or list and the case of
    actions and condition keys don't matter. "Same" is always true; statements that mean the same
    in different words (`s3:*` beside `s3:Get*`) count as different, which is the safe side.
    """
    left, right = dict(_rights(ours)), dict(_rights(theirs))
    for key, label in left.items():
        if key not in right:
            return Comparison(same=False, reason=f"{label} is only on the first side")
    for key, label in right.items():
        if key not in left:
            return Comparison(same=False, reason=f"{label} is only on the second side")
    return Comparison(same=True, reason=f"all {len(left)} statements are on both sides")


def _rights(documents: Iterable[Document]) -> Iterator[tuple[_Right, str]]:
    for document in documents:
        for statement in document.statements:
            yield _right(statement, document.version), _described(statement)


def _right(statement: Statement, version: str) -> _Right:
    texts = (*statement.resources, *statement.not_resources)
    values = (value for condition in statement.conditions for value in condition.values)
    has_variable = any("${" in text for text in (*texts, *values))
    return _Right(
        effect=statement.effect,
        actions=frozenset(one.lower() for one in statement.actions),
        not_actions=frozenset(one.lower() for one in statement.not_actions),
        resources=frozenset(statement.resources),
        not_resources=frozenset(statement.not_resources),
        principals=frozenset(statement.principals),
        not_principals=frozenset(statement.not_principals),
        conditions=frozenset(_condition(one) for one in statement.conditions),
        variables=has_variable and version == "2012-10-17",
    )


def _condition(condition: Condition) -> tuple[str, str, _Texts]:
    # What follows the slash is a tag's key, whose case may matter (aws:ResourceTag/Team).
    key, slash, tag = condition.key.partition("/")
    return condition.operator, key.lower() + slash + tag, frozenset(condition.values)


def _described(statement: Statement) -> str:
    named = ", ".join(statement.actions) or f"not {', '.join(statement.not_actions)}"
    shown = named if len(named) <= 60 else f"{named[:57]}…"
    return f"{statement.label} ({statement.effect} {shown})"
