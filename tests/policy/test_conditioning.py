"""A further condition hits only what it is meant for; the rest stays word for word."""

from typing import Any

import pytest

from bot.policy.cannot_tell import CannotTell
from bot.policy.conditioning import Tightening, tightened
from bot.policy.document import Condition, parse_document

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
