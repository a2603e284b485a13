"""What one set of documents allows beyond another, judged against a naive evaluator."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import parse_document
from bot.policy.comparing import Relation, Right, compare
from bot.policy.document import Document
from tests.policy import strategies
from tests.policy.oracle import Request, allows

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def doc(*statements: dict[str, Any]) -> Document:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="p")


def relation(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Relation:
    return compare([doc(*first)], [doc(*second)]).relation


WIDER = Relation.WIDER
ALL_S3 = {**READ, "Action": "s3:*"}
GET_S3 = {**READ, "Action": "s3:Get*"}
DENY_ACL = {"Effect": "Deny", "Action": "s3:*Acl", "Resource": "*"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([READ], [READ], Relation.SAME),
        ([READ], [{**READ, "Action": ["S3:getobject"], "Sid": "x"}], Relation.SAME),
        ([ALL_S3], [ALL_S3, GET_S3], Relation.SAME),  # said twice is said once
        ([ALL_S3], [GET_S3], Relation.NARROWER),
        ([GET_S3], [ALL_S3], WIDER),
        ([{**READ, "Resource": "*"}], [READ], Relation.NARROWER),
        ([READ], [{**READ, "Resource": "arn:aws:s3:::b/*"}], Relation.DIFFERENT),
        ([READ], [{**READ, **MFA}], Relation.NO_WIDER),  # the condition may always hold
        ([{**READ, **MFA}], [READ], Relation.NO_NARROWER),
        ([ALL_S3], [ALL_S3, DENY_ACL], Relation.NARROWER),
        ([ALL_S3, DENY_ACL], [ALL_S3, DENY_ACL], Relation.SAME),
        (
            [ALL_S3, DENY_ACL],
            [ALL_S3, {**DENY_ACL, "Resource": "arn:aws:s3:::a/x"}],
            WIDER,
        ),
        ([READ], [READ, DENY_ACL], Relation.SAME),  # a Deny of what nobody had
        (
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}],
            Relation.NARROWER,
        ),
        (
            [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            Relation.NARROWER,
        ),
        (
            [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            WIDER,
        ),
        (
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a*"}],
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::ab*"}],
            WIDER,
        ),
        (
            [{**READ, "Resource": "arn:aws:s3:::home/${aws:username}/*"}],
            [{**READ, "Resource": "arn:aws:s3:::home/${aws:username}/*"}],
            Relation.SAME,
        ),
        ([{**READ, "Action": "unheard-of:Do"}], [READ], Relation.DIFFERENT),
        ([], [READ], WIDER),
        ([], [{**READ, "Action": "**cket"}], WIDER),  # a pattern across the colon
    ],
)
def test_relations(
    first: list[dict[str, Any]], second: list[dict[str, Any]], expected: Relation
) -> None:
    assert relation(first, second) is expected


def test_what_is_lost_is_named() -> None:
    (lost,) = compare([doc(ALL_S3)], [doc(ALL_S3, DENY_ACL)]).lost[:1]
    assert "s3:PutObjectAcl" in lost.actions
    assert "s3:GetObject" not in lost.actions
    assert (lost.resource, lost.certain) == ("arn:aws:s3:::a/*", True)
    assert "denies it" in lost.why


def test_a_pattern_of_nothing_but_letters_to_fill_means_some_actions() -> None:
    only_marks = {**READ, "Action": "??:?????????"}
    (lost,) = [each for each in compare([doc(only_marks)], [doc(DENY_ACL)]).lost if not each.later]
    assert "s3:GetObject" in lost.actions
    assert not any(len(each) != len("s3:GetObject") for each in lost.actions)


def test_listing_every_action_still_loses_what_comes_later() -> None:
    every = sorted(each for each in _actions_of("s3"))
    found = compare([doc(ALL_S3)], [doc({**READ, "Action": every})])
    assert found.gained == ()
    assert found.lost == (
        Right(("s3:*",), "arn:aws:s3:::a/*", "it takes in what AWS adds later", later=True),
    )


def _actions_of(service: str) -> frozenset[str]:
    from bot.policy import expand

    found = expand(f"{service}:*")
    assert isinstance(found, frozenset)
    return found


requests = st.builds(
    Request,
    st.sampled_from(strategies.ACTIONS),
    st.sampled_from(strategies.RESOURCES),
    strategies.holding(),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents, most of them alike but for a statement, an element, or a Deny."""
    first = draw(strategies.documents())
    if draw(st.integers(0, 3)) == 0:
        return first, draw(strategies.documents())
    listed = first["Statement"]
    kept = list(listed) if isinstance(listed, list) else [listed]
    place = draw(st.integers(0, len(kept) - 1))
    match draw(st.sampled_from(["drop", "add", "resource", "action", "condition", "same"])):
        case "drop":
            kept = kept[:place] + kept[place + 1 :] or [draw(strategies.statements())]
        case "add":
            kept.append(draw(strategies.statements()))
        case "resource":
            plain = {k: v for k, v in kept[place].items() if "Resource" not in k}
            kept[place] = {**plain, "Resource": draw(strategies.resource_patterns())}
        case "action":
            plain = {k: v for k, v in kept[place].items() if "Action" not in k}
            kept[place] = {**plain, "Action": draw(strategies.action_patterns())}
        case "condition":
            plain = {k: v for k, v in kept[place].items() if k != "Condition"}
            block = draw(strategies.condition_blocks())
            kept[place] = {**plain, "Condition": block} if block else plain
    return first, {**first, "Statement": kept}


@settings(deadline=None, max_examples=150)
@given(pairs(), st.lists(requests, min_size=30, max_size=40))
def test_what_is_not_named_is_not_there(
    pair: tuple[dict[str, Any], dict[str, Any]], tried: list[Request]
) -> None:
    """Every request that only one of them lets through is of an action that is named."""
    first, second = pair
    found = compare([parse_document(first, where="a")], [parse_document(second, where="b")])
    for request in tried:
        before, after = allows([first], request), allows([second], request)
        if before and not after:
            assert _is_named(request, found.lost), request
        if after and not before:
            assert _is_named(request, found.gained), request


def _is_named(request: Request, rights: tuple[Right, ...]) -> bool:
    """An action that AWS doesn't list is named as it was written, in whatever case."""
    asked = request.action.lower()
    known = any(asked == named.lower() for each in rights for named in each.actions)
    unheard_of = request.action.startswith("unheard-of")
    return known or (unheard_of and any(each.later for each in rights))


@settings(deadline=None)
@given(strategies.documents())
def test_a_document_has_nothing_over_itself_for_sure(first: dict[str, Any]) -> None:
    parsed = parse_document(first, where="a")
    found = compare([parsed], [parsed])
    assert not any(each.certain for each in (*found.lost, *found.gained))


@settings(deadline=None, max_examples=50)
@given(strategies.documents(conditions=False), strategies.documents(conditions=False))
def test_the_same_is_the_same_for_every_request(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    found = compare([parse_document(first, where="a")], [parse_document(second, where="b")])
    if found.relation is Relation.SAME:
        for action in strategies.ACTIONS:
            for resource in strategies.RESOURCES:
                asked = Request(action, resource)
                assert allows([first], asked) == allows([second], asked)
