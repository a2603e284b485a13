"""A further condition never widens, and hits only what it is meant for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.cannot_tell import CannotTell
from bot.policy.conditioning import Tightening, tightened
from bot.policy.document import Condition, parse_document
from tests.policy.oracle import Caller, as_list, assumes, permits
from tests.policy.strategies import ACTIONS, RESOURCES, documents
from tests.policy.trust_strategies import callers, trust_documents

SERVICES = Condition("StringEquals", "iam:PassedToService", ("ec2.amazonaws.com",))
BLOCK = {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com"]}}
PASS = {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}


def parsed(*statements: dict[str, Any]) -> Any:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)}, where="d")


def test_the_statement_stays_and_all_others_word_for_word() -> None:
    found = tightened(parsed(DENY, PASS), {1: Tightening(SERVICES)})

    assert not isinstance(found, CannotTell)
    assert found["Statement"] == [DENY, PASS | {"Condition": BLOCK}]


def test_other_actions_are_split_off_and_keep_the_sid() -> None:
    mixed = PASS | {"Action": ["ec2:RunInstances", "iam:PassRole"]}
    found = tightened(parsed(mixed), {0: Tightening(SERVICES, actions=frozenset({"iam:PassRole"}))})

    assert not isinstance(found, CannotTell)
    assert found["Statement"] == [
        PASS | {"Action": ["ec2:RunInstances"]},
        {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "*", "Condition": BLOCK},
    ]


def test_other_principals_are_split_off() -> None:
    both = {"AWS": ["111122223333"], "Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}
    trust = {"Effect": "Allow", "Principal": both, "Action": "sts:AssumeRole"}
    only = frozenset({"ecs.amazonaws.com"})
    found = tightened(parsed(trust), {0: Tightening(SERVICES, principals=only)})

    assert not isinstance(found, CannotTell)
    assert [one["Principal"] for one in found["Statement"]] == [
        {"AWS": ["111122223333"], "Service": ["ec2.amazonaws.com"]},
        {"Service": ["ecs.amazonaws.com"]},
    ]
    assert [one.get("Condition") for one in found["Statement"]] == [None, BLOCK]


def test_conditions_that_are_there_stay_in_their_spelling() -> None:
    block = {"stringEquals": {"aws:x": "y"}, "Bool": {"aws:SecureTransport": "true"}}
    found = tightened(parsed(PASS | {"Condition": block}), {0: Tightening(SERVICES)})

    assert not isinstance(found, CannotTell)
    assert found["Statement"][0]["Condition"] == {
        "stringEquals": {"aws:x": "y", "iam:PassedToService": ["ec2.amazonaws.com"]},
        "Bool": {"aws:SecureTransport": "true"},
    }


@pytest.mark.parametrize(
    ("operator", "old", "new", "works"),
    [
        ("StringLike", ["repo:*"], ["repo:ours/*"], True),
        ("StringLike", ["repo:ours/web", "repo:*"], ["repo:ours/*"], True),
        ("StringLike", ["repo:theirs/*"], ["repo:ours/*"], False),
        ("StringLike", ["${aws:username}"], ["x"], False),
        ("StringEquals", ["a", "b"], ["a"], True),
        ("StringEquals", ["*"], ["a"], False),
        ("StringNotLike", ["*"], ["a"], False),
    ],
)
def test_values_give_way_to_narrower_ones_only(
    operator: str, old: list[str], new: list[str], works: bool
) -> None:
    document = parsed(PASS | {"Condition": {operator: {"X:Key": old}}})
    found = tightened(document, {0: Tightening(Condition(operator, "x:key", tuple(new)))})

    assert isinstance(found, CannotTell) is not works
    if not isinstance(found, CannotTell):
        assert found["Statement"][0]["Condition"] == {operator: {"X:Key": new}}


def test_a_deny_is_left_alone() -> None:
    assert isinstance(tightened(parsed(DENY), {0: Tightening(SERVICES)}), CannotTell)


CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "iam:passedtoservice": st.sampled_from([("ec2.amazonaws.com",), ("ecs.amazonaws.com",)]),
        "aws:multifactorauthpresent": st.sampled_from([("true",), ("false",)]),
    },
)


@given(documents(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), CONTEXTS, st.data())
def test_never_wider(
    content: dict[str, Any], action: str, resource: str, context: Any, data: st.DataObject
) -> None:
    """Whatever is let through then was let through before, and all that meets the condition."""
    document = parse_document(content, where="d")
    chosen = [one for one in document.statements if one.effect == "Allow"]
    changes = {
        one.index: Tightening(
            SERVICES,
            actions=frozenset(data.draw(st.sets(st.sampled_from(one.actions))))
            if one.actions
            else frozenset(),
        )
        for one in chosen
    }
    after = tightened(document, changes)

    if isinstance(after, CannotTell):
        return
    meets = context.get("iam:passedtoservice") == ("ec2.amazonaws.com",)
    now = permits([after], action, resource, context)
    before = permits([content], action, resource, context)
    assert before or not now
    assert now == before or not meets


@given(trust_documents(), st.lists(callers(), min_size=1, max_size=4), st.data())
def test_trust_is_never_wider(
    content: dict[str, Any], tried: list[Caller], data: st.DataObject
) -> None:
    document = parse_document(content, where="r")
    changes = {}
    for one in document.statements:
        if one.effect == "Allow" and one.principals:
            names = st.sets(st.sampled_from([each.value for each in one.principals]))
            agreed = Condition("StringEquals", "sts:ExternalId", ("agreed",))
            changes[one.index] = Tightening(agreed, principals=frozenset(data.draw(names)))
    after = tightened(document, changes)

    if isinstance(after, CannotTell):
        return
    assert len(as_list(after["Statement"])) >= len(document.statements)
    for caller in tried:
        if assumes(after, caller):
            assert assumes(content, caller)
