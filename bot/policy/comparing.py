"""What one set of documents allows and another doesn't: surely, or as far as can be told.

Everything that is not proven to be covered is named, so that "nothing more" is always true. What
is named is `certain` where a request was found that the one lets through and the other doesn't.
Boundaries, organisation and session policies are not known here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from bot.policy.decision import Verdict, applies_to_action, decide
from bot.policy.document import Condition, Document, Effect, Principal, Statement
from bot.policy.expansion import all_actions, expand
from bot.policy.matching import action_covers, covers, is_everything, is_pattern, overlaps

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
            each for version, one in self.statements("Allow") for each in _split(one, version)
        )

    @cached_property
    def denies(self) -> tuple[Statement, ...]:
        return tuple(one for _, one in self.statements("Deny"))

    def statements(self, effect: Effect) -> Iterator[tuple[str, Statement]]:
        for document in self.documents:
            for one in document.statements:
                if one.effect == effect:
                    yield document.version, one

    def patterns(self) -> Iterator[str]:
        for effect in ("Allow", "Deny"):
            for _, one in self.statements(effect):
                yield from (*one.actions, *one.not_actions)


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
    """Of the actions that are known: those that every pattern treats alike are judged once."""
    found: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for actions in _classes(inner, outer):
        action = actions[0]
        for grant in inner.grants:
            if not applies_to_action(grant.statement, action) or _is_denied(inner, grant, action):
                continue
            why = _uncovered(grant, action, inner, outer)
            if why:
                certain = _is_witness(grant, action, inner, outer)
                found[grant.shown, why, certain].extend(actions)
    for (resource, why, certain), names in found.items():
        yield Right(tuple(sorted(set(names))), resource, why, certain=certain)


def _classes(inner: _Side, outer: _Side) -> Iterator[tuple[str, ...]]:
    """The known actions that `inner` may allow, together where every pattern treats them alike.

    Most are named by patterns for everything only, and are one class.
    """
    patterns = dict.fromkeys((*inner.patterns(), *outer.patterns()))
    sets = [_meant(each) for each in patterns if not is_everything(each)]
    named = frozenset[str]().union(*sets)
    alike: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for action in named:
        alike[tuple(action in each for each in sets)].append(action)
    yield from map(tuple, alike.values())
    if any(one.not_actions or _names_all(one) for _, one in inner.statements("Allow")):
        rest = tuple(all_actions() - named)
        if rest:
            yield rest


@lru_cache(maxsize=4096)
def _meant(pattern: str) -> frozenset[str]:
    """The actions that a pattern means: those that are known, and itself where it is a name."""
    found = expand(pattern)
    if isinstance(found, frozenset):
        return found
    if not is_pattern(pattern):
        return frozenset({pattern})
    return frozenset(each for each in all_actions() if action_covers(pattern, each))


def _names_all(statement: Statement) -> bool:
    return any(map(is_everything, statement.actions))


def _later(inner: _Side, outer: _Side) -> Iterator[Right]:
    """Of what AWS adds later: each pattern of `inner` must be within one of `outer`."""
    for grant in inner.grants:
        open_ended = tuple(each for each in grant.statement.actions if is_pattern(each))
        left = [each for each in open_ended if not _takes_in(each, grant, inner, outer)]
        if grant.statement.not_actions and not _takes_in(_ALL, grant, inner, outer):
            left = ["everything but " + ", ".join(grant.statement.not_actions)]
        if left:
            why = "it takes in what AWS adds later"
            yield Right(tuple(left), grant.shown, why, later=True)


def _takes_in(pattern: str, grant: _Grant, inner: _Side, outer: _Side) -> bool:
    """Whether all that the pattern may come to mean is surely allowed by `outer`."""
    covering = (
        each
        for each in outer.grants
        if _covers_pattern(each.statement, pattern, grant.statement) and _covers(each, grant)
    )
    if next(covering, None) is None:
        return False
    return all(
        _is_excused(deny, grant, inner)
        for deny in outer.denies
        if _may_meet(deny, pattern, grant.statement) and _may_hit(deny, grant)
    )


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
    return any(action_covers(each, pattern) for each in statement.actions)


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
    candidates = [each for each in outer.grants if applies_to_action(each.statement, action)]
    if not candidates:
        return "nothing allows it"
    if not any(_covers(each, grant) for each in candidates):
        return "it is allowed on other resources, or under other conditions"
    for deny in outer.denies:
        meets = applies_to_action(deny, action) and _may_hit(deny, grant)
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
        return applies_to_action(own, action)
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
        applies_to_action(deny, action)
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
