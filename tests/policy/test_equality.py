"""The same rights in other words, and rights that only look the same."""

from typing import Any

import pytest

from bot.policy.document import parse_document
from bot.policy.equality import same_rights

A = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["x", "y"]}
B = {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def compare(ours: list[Any], theirs: list[Any]) -> Any:
    return same_rights(
        [parse_document(one, where="d") for one in ours],
        [parse_document(one, where="d") for one in theirs],
    )


def doc(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([doc(A)], [{"Version": "2012-10-17", "Statement": A}], id="one statement"),
        pytest.param([doc(A, B)], [doc(B, A)], id="order of statements"),
        pytest.param([doc(A, B)], [doc(B), doc(A)], id="other documents"),
        pytest.param([doc(A)], [doc(A), doc(A)], id="repetition"),
        pytest.param([doc(A)], [doc(A | {"Sid": "S"})], id="Sid"),
        pytest.param([doc(A)], [doc(A | {"Action": ["S3:PUTOBJECT", "s3:getobject"]})], id="case"),
        pytest.param([doc(A)], [doc(A | {"Resource": ["y", "x", "x"]})], id="order of resources"),
        pytest.param([doc(B)], [doc(B | {"NotAction": ["iam:*"]})], id="scalar and list"),
        pytest.param([doc(A)], [doc(A, version="2008-10-17")], id="version without variables"),
        pytest.param(
            [doc(A | {"Condition": MFA})],
            [doc(A | {"Condition": {"Bool": {"AWS:MultiFactorAuthPresent": [True]}}})],
            id="conditions",
        ),
    ],
)
def test_the_same_rights_in_other_words(ours: list[Any], theirs: list[Any]) -> None:
    found = compare(ours, theirs)

    assert found
    assert found.same
    assert "both sides" in found.reason


VARIABLE = A | {"Resource": "home/${aws:username}"}


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        pytest.param([doc(A, B)], [doc(A)], "statement 2 (Deny not iam:*)", id="one missing"),
        pytest.param([doc(A)], [doc(A, B)], "only on the second side", id="one more"),
        pytest.param([doc(A)], [doc(A | {"Effect": "Deny"})], "first side", id="effect"),
        pytest.param(
            [doc(A)], [doc(A | {"Resource": ["X", "y"]})], "first side", id="case of ARNs"
        ),
        pytest.param([doc(A)], [doc(A | {"Condition": MFA})], "first side", id="condition"),
        pytest.param(
            [doc(VARIABLE)], [doc(VARIABLE, version="2008-10-17")], "first side", id="variables"
        ),
        pytest.param(
            [doc(A | {"Condition": {"StringEquals": {"aws:ResourceTag/Team": "x"}}})],
            [doc(A | {"Condition": {"StringEquals": {"aws:ResourceTag/team": "x"}}})],
            "first side",
            id="tag keys",
        ),
        pytest.param(
            [doc({"Effect": "Allow", "Action": "a:b", "Resource": "*"})],
            [doc({"Effect": "Allow", "Action": "a:b", "NotResource": "*"})],
            "first side",
            id="NotResource",
        ),
        pytest.param(
            [doc({"Effect": "Allow", "Action": "a:b", "Principal": "*"})],
            [doc({"Effect": "Allow", "Action": "a:b", "NotPrincipal": "*"})],
            "first side",
            id="NotPrincipal",
        ),
    ],
)
def test_a_difference_is_found_and_named(ours: list[Any], theirs: list[Any], reason: str) -> None:
    found = compare(ours, theirs)

    assert not found
    assert reason in found.reason


@pytest.mark.parametrize(
    ("element", "one", "other"),
    [
        ("Action", "a:b", "a:c"),
        ("NotAction", "a:b", "a:c"),
        ("Resource", "x", "y"),
        ("NotResource", "x", "y"),
        ("Principal", {"AWS": "111122223333"}, {"Service": "111122223333"}),
        ("NotPrincipal", {"AWS": "111122223333"}, {"AWS": "*"}),
        ("Condition", {"Bool": {"a": "true"}}, {"Bool": {"a": "false"}}),
        ("Condition", {"StringLike": {"a": "x"}}, {"StringEquals": {"a": "x"}}),
    ],
)
def test_every_element_counts(element: str, one: Any, other: Any) -> None:
    rest = {"Effect": "Allow"} if "Action" in element else {"Effect": "Allow", "Action": "*"}

    assert not compare([doc(rest | {element: one})], [doc(rest | {element: other})])
