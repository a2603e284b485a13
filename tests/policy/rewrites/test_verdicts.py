"""What plans say of two sets of documents: the same, narrower, and what is lost."""

import json
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.model import InlinePolicy
from bot.policy import Relation, Right, compare, parse_document, same_rights
from remediations.groups._grants import same_document
from remediations.managed_policies._likeness import are_equal
from tests.policy.oracle import Request, allows, as_list, glob
from tests.policy.rewrites.examples import tried
from tests.policy.strategies import (
    ACTION_ELEMENTS,
    ACTIONS,
    RESOURCE_ELEMENTS,
    RESOURCES,
    condition_blocks,
    documents,
    holding,
    statements,
)

Json = dict[str, Any]
REQUESTS = tuple(product(ACTIONS, RESOURCES))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    """Two documents, most of them alike but for a statement, an element, a Deny, or the wording."""
    first = draw(_DOCUMENTS)
    if draw(st.integers(0, 5)) == 0:
        return first, draw(_DOCUMENTS)
    kept = [dict(one) for one in as_list(first["Statement"])]
    place = draw(st.integers(0, len(kept) - 1))
    plain = {k: v for k, v in kept[place].items() if "Action" not in k}
    match draw(st.sampled_from(["drop", "add", "resource", "action", "condition", "words"])):
        case "drop":
            kept = kept[:place] + kept[place + 1 :] or [draw(_STATEMENTS)]
        case "add":
            kept.append(draw(_STATEMENTS))
        case "resource":
            plain = {k: v for k, v in kept[place].items() if "Resource" not in k}
            element = draw(st.sampled_from(["Resource", "NotResource"]))
            kept[place] = {**plain, element: draw(st.sampled_from(RESOURCE_ELEMENTS))}
        case "action":
            kept[place] = {**plain, "Action": draw(st.sampled_from(ACTION_ELEMENTS))}
        case "condition":
            plain = {k: v for k, v in kept[place].items() if k != "Condition"}
            block = draw(condition_blocks())
            kept[place] = {**plain, "Condition": block} if block else plain
        case "words":
            kept = [_reworded(one) for one in reversed(kept)]
    return first, {**first, "Statement": kept}


_DOCUMENTS, _STATEMENTS = documents(), statements()
PAIRS = pairs()


def _reworded(statement: Json) -> Json:
    """The keys, lists and letters in another order, list or case, with the same meaning."""
    found = dict(reversed([item for item in statement.items() if item[0] != "Sid"]))
    for key in found.keys() & {"Action", "NotAction", "Resource", "NotResource"}:
        values = as_list(found[key])[::-1]
        found[key] = [one.swapcase() for one in values] if "Action" in key else values
    return found


@tried(0.04, 100)
@given(pair=PAIRS, held=st.lists(holding(), min_size=1, max_size=2))
def test_what_is_lost_and_gained_is_named(
    part: int, pair: tuple[Json, Json], held: list[frozenset[tuple[str, str]]]
) -> None:
    """Every request that only one lets through is named: its action, on its resource."""
    first, second = pair
    found = compare([parse_document(first, where="a")], [parse_document(second, where="b")])
    lost, gained = _by_name(found.lost), _by_name(found.gained)
    alike = True
    for (action, resource), holds in product(REQUESTS, held):
        request = Request(action, resource, holds)
        before, after = allows([first], request), allows([second], request)
        alike = alike and before == after
        if before and not after:
            assert _is_named(request, lost), request
        if after and not before:
            assert _is_named(request, gained), request
    if found.relation is Relation.SAME:
        assert alike
    if found.relation in (Relation.NARROWER, Relation.NO_WIDER):
        assert found.never_wider


def _by_name(rights: tuple[Right, ...]) -> list[tuple[frozenset[str], Right]]:
    asked = {action.lower() for action in ACTIONS}
    return [(frozenset(asked & {one.lower() for one in each.actions}), each) for each in rights]


def _is_named(request: Request, rights: list[tuple[frozenset[str], Right]]) -> bool:
    """An action that AWS doesn't list is named as it was written, or by what comes later."""
    unheard_of = request.action.startswith("unheard-of")
    return any(
        (request.action.lower() in names or (unheard_of and each.later))
        and (each.resource.startswith("all but ") or glob(each.resource, request.resource))
        for names, each in rights
    )


@tried(0.04, 100)
@given(pair=PAIRS)
def test_what_is_called_certain_is_so(part: int, pair: tuple[Json, Json]) -> None:
    """Some request is let through by the one side and not by the other, whatever holds."""
    first, second = pair
    found = compare([parse_document(first, where="a")], [parse_document(second, where="b")])
    for rights, more, less in ((found.lost, first, second), (found.gained, second, first)):
        for right in rights:
            if right.certain:
                assert _is_witnessed(right.actions[0], right, more, less), right


def _is_witnessed(action: str, right: Right, more: Json, less: Json) -> bool:
    named = [each for one in _denies(less) for each in as_list(one.get("Resource", []))]
    tried_on = [_sample(each) for each in (right.resource, *named)]
    return any(
        _always(more, action, each) and _never(less, action, each)
        for each in (*tried_on, *RESOURCES, "locksmith-sample")
    )


def _denies(content: Json) -> list[Json]:
    return [one for one in as_list(content["Statement"]) if one["Effect"] == "Deny"]


def _sample(pattern: str) -> str:
    return pattern.replace("*", "locksmith-sample").replace("?", "x")


def _always(content: Json, action: str, resource: str) -> bool:
    """By an Allow without conditions, and by no Deny under whatever conditions."""
    every = as_list(content["Statement"])
    bare = [one for one in every if one["Effect"] == "Deny" or "Condition" not in one]
    return allows([{"Statement": [_unconditional(one) for one in bare]}], Request(action, resource))


def _never(content: Json, action: str, resource: str) -> bool:
    every = as_list(content["Statement"])
    bare = [one for one in every if one["Effect"] == "Allow" or "Condition" not in one]
    held = [{"Statement": [_unconditional(one) for one in bare]}]
    return not allows(held, Request(action, resource))


def _unconditional(statement: Json) -> Json:
    return {key: value for key, value in statement.items() if key != "Condition"}


@tried(0.04, 100)
@given(pair=PAIRS, other=_DOCUMENTS, held=st.lists(holding(), min_size=1, max_size=2))
def test_equal_is_equal_and_only_that(
    part: int, pair: tuple[Json, Json], other: Json, held: list[frozenset[tuple[str, str]]]
) -> None:
    """By each of the four that plans ask; beside whatever other policy somebody has."""
    first, second = pair
    one, two = parse_document(first, where="a"), parse_document(second, where="b")
    texts = [InlinePolicy("p", json.dumps(each, indent=1)) for each in pair]
    same = bool(same_rights([one], [two]))
    assert same == bool(same_rights([two], [one]))
    equal = are_equal(one, two)
    assert equal or not same
    assert same or not same_document(*texts)
    requests = [Request(*each, holds) for each, holds in product(REQUESTS, held)]
    if equal:
        for request in requests:
            assert allows([first, other], request) == allows([second, other], request)
    worded = [_reworded(each) for each in as_list(first["Statement"])]
    assert same_rights([one], [parse_document({**first, "Statement": worded}, where="c")])


@given(first=_DOCUMENTS)
def test_a_document_has_nothing_over_itself_for_sure(first: Json) -> None:
    parsed = parse_document(first, where="a")
    found = compare([parsed], [parsed])
    assert not any(each.certain for each in (*found.lost, *found.gained))
