"""What one set of documents allows and another doesn't: surely, or as far as can be told.

Everything that is not proven to be covered is named, so that "nothing more" is always true. What
is named is `certain` where a request was found that the one lets through and the other doesn't.
Boundaries, organisation and session policies are not known here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.policy.decision import Verdict, decide
from bot.policy.document import Condition, Document, Principal, Statement
from bot.policy.expansion import all_actions
from bot.policy.matching import action_covers, covers, is_pattern, overlaps
from bot.policy.meaning import applies, listed, lowered, surely_covers, wild

_ALL = "*"
_ANYONE = frozenset({Principal(_ALL, _ALL), Principal("AWS", _ALL)})


class Relation(StrEnum):
    """How the second set stands to the first."""

    SAME = "the same rights"
    NARROWER = "narrower"
    NO_WIDER = "no wider; whether narrower can't be told"
    WIDER = "wider"
    NO_NARROWER = "no narrower; whether wider can't be told"
    DIFFERENT = "different: some rights more, some fewer"
    CANNOT_TELL = "can't be told"


@dataclass(frozen=True, slots=True)
class Right:
    """Actions on a resource that one side allows, and the other not for all that is known.

    `actions` are names, or patterns where `later` says that only what AWS adds later is meant.
    `why` is a sentence about what decides it.
    """

    actions: tuple[str, ...]
    resource: str
    why: str
    certain: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What the first set allows and the second doesn't, and the other way round."""

    lost: tuple[Right, ...]
    gained: tuple[Right, ...]

    @property
    def never_wider(self) -> bool:
        """Whether the second set surely allows nothing that the first doesn't."""
        return not self.gained

    @property
    def relation(self) -> Relation:
        """The difference in a word; `later` rights count as rights."""
        sure_loss = any(each.certain or each.later for each in self.lost)
        sure_gain = any(each.certain or each.later for each in self.gained)
        match (bool(self.lost), bool(self.gained)):
            case (False, False):
                return Relation.SAME
            case (True, False):
                return Relation.NARROWER if sure_loss else Relation.NO_WIDER
            case (False, True):
                return Relation.WIDER if sure_gain else Relation.NO_NARROWER
        return Relation.DIFFERENT if sure_loss and sure_gain else Relation.CANNOT_TELL


def compare(first: Sequence[Document], second: Sequence[Document]) -> Difference:
    """What changes for a principal when `second` takes the place of `first`."""
    one, other = _Side(tuple(first)), _Side(tuple(second))
    return Difference(tuple(_beyond(one, other)), tuple(_beyond(other, one)))


@dataclass(frozen=True, slots=True)
class _Grant:
    """One Allow on one resource pattern, or on all but some."""

    statement: Statement
    version: str
    resource: str
    excluded: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"all but {', '.join(self.excluded)}" if self.excluded else self.resource


@dataclass(frozen=True)
class _Side:
    documents: tuple[Document, ...]

    @cached_property
    def grants(self) -> tuple[_Grant, ...]:
        return tuple(
            each
            for document in self.documents
            for one in document.statements
            if one.effect == "Allow"
            for each in _split(one, document.version)
        )

    @cached_property
    def denies(self) -> tuple[Statement, ...]:
        return tuple(one for one in self.statements if one.effect == "Deny")

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(one for document in self.documents for one in document.statements)


def _split(statement: Statement, version: str) -> Iterator[_Grant]:
    if statement.not_resources:
        yield _Grant(statement, version, _ALL, statement.not_resources)
        return
    for resource in statement.resources or (_ALL,):
        yield _Grant(statement, version, resource)


def _beyond(inner: _Side, outer: _Side) -> Iterator[Right]:
    """What `inner` allows beyond `outer`."""
    yield from _known(inner, outer)
    yield from _later(inner, outer)


def _known(inner: _Side, outer: _Side) -> Iterator[Right]:
    """Of the actions that are known: those that every statement treats alike are judged once."""
    found: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for actions in _classes(inner, outer):
        action = actions[0]
        for grant in inner.grants:
            if not applies(grant.statement, action) or _is_denied(inner, grant, action):
                continue
            why = _uncovered(grant, action, inner, outer)
            if why:
                certain = _is_witness(grant, action, inner, outer)
                found[grant.shown, why, certain].extend(actions)
    for (resource, why, certain), names in found.items():
        yield Right(tuple(sorted(set(names))), resource, why, certain=certain)


def _classes(inner: _Side, outer: _Side) -> Iterator[tuple[str, ...]]:
    """The actions that `inner` may allow, together where every statement treats them alike.

    A name that AWS doesn't list is alone: which patterns match it isn't looked up.
    """
    listed_in: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(dict.fromkeys((*inner.statements, *outer.statements))):
        for action in listed(one.actions or one.not_actions):
            listed_in[action].append(number)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for action, numbers in listed_in.items():
        alike["" if action in all_actions() else action, tuple(numbers)].append(action)
    yield from map(tuple, alike.values())
    if any(one.not_actions for one in inner.statements):
        rest = tuple(all_actions() - listed_in.keys())
        if rest:
            yield rest


def _later(inner: _Side, outer: _Side) -> Iterator[Right]:
    """Of what AWS adds later: each pattern of `inner` must be within one of `outer`."""
    for grant in inner.grants:
        covering = [each.statement for each in outer.grants if _covers(each, grant)]
        denies = [each for each in outer.denies if _may_hit(each, grant)]
        denies = [each for each in denies if not _is_excused(each, grant, inner)]
        own = grant.statement
        left = [
            each
            for each in (own.actions or (_ALL,))
            if (own.not_actions or is_pattern(each)) and not _takes_in(each, own, covering, denies)
        ]
        if left and own.not_actions:
            left = ["everything but " + ", ".join(own.not_actions)]
        if left:
            why = "it takes in what AWS adds later"
            yield Right(tuple(left), grant.shown, why, later=True)


def _takes_in(
    pattern: str, own: Statement, covering: Sequence[Statement], denies: Sequence[Statement]
) -> bool:
    """Whether all that the pattern may come to mean is surely allowed by one of `covering`."""
    if not any(_covers_pattern(each, pattern, own) for each in covering):
        return False
    return not any(_may_meet(deny, pattern, own) for deny in denies)


def _covers_pattern(statement: Statement, pattern: str, inner: Statement) -> bool:
    if statement.not_actions:
        allowed = inner.not_actions or None
        if allowed is not None:
            return all(
                any(action_covers(mine, theirs) for mine in allowed)
                for theirs in statement.not_actions
            )
        return not any(
            overlaps(theirs.lower(), pattern.lower()) for theirs in statement.not_actions
        )
    if pattern.lower() in lowered(statement.actions):
        return True
    return any(surely_covers(each, pattern) for each in wild(statement.actions))


def _may_meet(deny: Statement, pattern: str, inner: Statement) -> bool:
    """Whether a Deny may be about some action that the pattern, or all but some, means."""
    if deny.not_actions:
        return not any(action_covers(each, pattern) for each in deny.not_actions)
    met = [each for each in deny.actions if overlaps(each.lower(), pattern.lower())]
    if inner.not_actions:
        return not all(any(action_covers(own, each) for own in inner.not_actions) for each in met)
    return bool(met)


def _uncovered(grant: _Grant, action: str, inner: _Side, outer: _Side) -> str:
    """Why an action of a grant is not surely allowed by `outer`, or empty."""
    candidates = [each for each in outer.grants if applies(each.statement, action)]
    if not candidates:
        return "nothing allows it"
    if not any(_covers(each, grant) for each in candidates):
        return "it is allowed on other resources, or under other conditions"
    for deny in outer.denies:
        meets = applies(deny, action) and _may_hit(deny, grant)
        if meets and not _is_excused(deny, grant, inner, action):
            return f"{deny.label} denies it, or some of it"
    return ""


def _covers(outer: _Grant, inner: _Grant) -> bool:
    """Whether a grant is about all that another is, as to resources, conditions and principals."""
    return (
        _covers_resources(outer, inner)
        and _conditions(outer.statement) <= _conditions(inner.statement)
        and _covers_principals(outer.statement, inner.statement)
    )


def _covers_resources(outer: _Grant, inner: _Grant) -> bool:
    if outer.excluded:
        if inner.excluded:
            return all(
                any(_is_within(theirs, mine, outer, inner) for mine in inner.excluded)
                for theirs in outer.excluded
            )
        return not any(overlaps(each, inner.resource) for each in outer.excluded)
    return _is_within(inner.resource, outer.resource, outer, inner)


def _is_within(text: str, pattern: str, outer: _Grant, inner: _Grant) -> bool:
    same = text == pattern and outer.version == inner.version
    return same or covers(pattern, text)


def _covers_principals(outer: Statement, inner: Statement) -> bool:
    ours, theirs = frozenset(outer.principals), frozenset(inner.principals)
    if outer.not_principals or inner.not_principals:
        return outer.not_principals == inner.not_principals and ours == theirs
    return theirs <= ours or bool(ours & _ANYONE)


def _conditions(statement: Statement) -> frozenset[tuple[str, str, frozenset[str]]]:
    return frozenset(map(_plain, statement.conditions))


def _plain(condition: Condition) -> tuple[str, str, frozenset[str]]:
    key, slash, tag = condition.key.partition("/")
    return condition.operator, key.lower() + slash + tag, frozenset(condition.values)


def _may_hit(deny: Statement, grant: _Grant) -> bool:
    if deny.not_resources:
        return not any(covers(each, grant.resource) for each in deny.not_resources)
    return any(overlaps(each, grant.resource) for each in deny.resources or (_ALL,))


def _is_excused(deny: Statement, grant: _Grant, inner: _Side, action: str = "") -> bool:
    """Whether `inner` denies just as much, so that the Deny takes nothing that was there."""
    return any(
        _denies_as_much(own, deny, action)
        and _conditions(own) <= _conditions(deny)
        and _covers_principals(own, deny)
        and _reaches_as_far(own, deny, grant)
        for own in inner.denies
    )


def _denies_as_much(own: Statement, deny: Statement, action: str) -> bool:
    if action:
        return applies(own, action)
    if own.not_actions or deny.not_actions:
        return own.not_actions == deny.not_actions and own.actions == deny.actions
    return all(any(action_covers(mine, each) for mine in own.actions) for each in deny.actions)


def _reaches_as_far(own: Statement, deny: Statement, grant: _Grant) -> bool:
    if own.not_resources or deny.not_resources:
        return own.not_resources == deny.not_resources and own.resources == deny.resources
    mine = own.resources or (_ALL,)
    if not grant.excluded and any(covers(each, grant.resource) for each in mine):
        return True
    return all(any(covers(one, each) for one in mine) for each in deny.resources or (_ALL,))


def _is_denied(side: _Side, grant: _Grant, action: str) -> bool:
    """Whether the side itself surely denies all of this, so that it grants nothing."""
    return any(
        applies(deny, action)
        and not deny.conditions
        and not deny.principals
        and not deny.not_principals
        and not deny.not_resources
        and any(covers(each, grant.resource) for each in deny.resources or (_ALL,))
        for deny in side.denies
    )


def _is_witness(grant: _Grant, action: str, inner: _Side, outer: _Side) -> bool:
    """Whether one request is surely let through by the one side and surely not by the other."""
    if grant.statement.principals or grant.statement.not_principals:
        return False
    refused = (Verdict.DENIED, Verdict.NOT_GRANTED)
    return any(
        decide(action, resource, inner.documents).verdict is Verdict.ALLOWED
        and decide(action, resource, outer.documents).verdict in refused
        for resource in _samples(grant, outer)
    )


def _samples(grant: _Grant, outer: _Side) -> Iterable[str]:
    """Resources to try: one that fits the grant and no other pattern, and what is denied there."""
    own = grant.resource.replace("*", "locksmith-sample").replace("?", "x")
    named = (each for deny in outer.denies for each in deny.resources)
    return (own, *(each.replace("*", "locksmith-sample").replace("?", "x") for each in named))
