"""What documents say to requests without proof of MFA, against an evaluator of its own."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import Proof, as_said_to, parse_document
from tests.policy.oracle import permits

#: What such a request has of the keys that settle it.
CONTEXTS: Mapping[Proof, Mapping[str, tuple[str, ...]]] = {
    Proof.KEY: {},
    Proof.PASSWORD: {
        "aws:multifactorauthpresent": ("false",),
        "aws:tokenissuetime": ("2026-11-24T12:00:00Z",),
    },
    Proof.MFA: {
        "aws:multifactorauthpresent": ("true",),
        "aws:multifactorauthage": ("0",),
        "aws:tokenissuetime": ("2026-11-24T12:00:00Z",),
    },
}
PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def _allow(condition: Mapping[str, Any], effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}


@pytest.mark.parametrize(
    ("condition", "key", "password"),
    [
        pytest.param({"Bool": {PRESENT: "true"}}, False, False, id="Bool true"),
        pytest.param({"Bool": {PRESENT: True}}, False, False, id="Bool true, no text"),
        pytest.param({"BoolIfExists": {PRESENT: "true"}}, True, False, id="BoolIfExists true"),
        pytest.param({"Bool": {PRESENT: "false"}}, False, True, id="Bool false"),
        pytest.param({"BoolIfExists": {PRESENT: "false"}}, True, True, id="BoolIfExists false"),
        pytest.param({"Null": {PRESENT: "true"}}, True, False, id="Null true"),
        pytest.param({"Null": {PRESENT: "false"}}, False, True, id="Null false"),
        pytest.param({"bool": {PRESENT.upper(): "TRUE"}}, False, False, id="other case"),
        pytest.param({"StringEquals": {PRESENT: "false"}}, False, True, id="as a text"),
        pytest.param(
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, False, False, id="age"
        ),
        pytest.param(
            {"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "60"}}, True, True, id="age, if"
        ),
        pytest.param({"Null": {"aws:MultiFactorAuthAge": "true"}}, True, True, id="no age"),
        pytest.param({"Null": {"aws:TokenIssueTime": "false"}}, False, True, id="has a token"),
        pytest.param(
            {"ForAnyValue:Bool": {PRESENT: "false"}}, False, None, id="ForAnyValue, left open"
        ),
        pytest.param({"ForAllValues:Bool": {PRESENT: "true"}}, True, None, id="ForAllValues"),
    ],
)
def test_what_is_settled(condition: Mapping[str, Any], key: bool, password: bool | None) -> None:
    """The statement stays without the condition, or goes; None is where it is left as it was."""
    document = parse_document({"Version": "2012-10-17", "Statement": _allow(condition)}, where="x")
    for proof, holds in ((Proof.KEY, key), (Proof.PASSWORD, password)):
        said = as_said_to(document, proof)
        if holds is None:
            assert said is document
        else:
            assert [bool(one.conditions) for one in said.statements] == ([False] if holds else [])


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param({"Bool": {PRESENT: "true"}}, True, id="Bool"),
        pytest.param({"BoolIfExists": {PRESENT: "false"}}, False, id="BoolIfExists"),
        pytest.param({"NumericLessThan": {AGE: "3600"}}, True, id="within the hour"),
        pytest.param({"NumericLessThanEqualsIfExists": {AGE: 0}}, True, id="at once"),
        pytest.param({"NumericGreaterThan": {AGE: "3600"}}, False, id="older"),
        pytest.param({"Null": {AGE: "false"}}, True, id="has an age"),
    ],
)
def test_a_session_that_begins_with_mfa(condition: Mapping[str, Any], holds: bool) -> None:
    """Rights that take MFA, and those that take it lately, are there."""
    document = parse_document({"Version": "2012-10-17", "Statement": _allow(condition)}, where="x")
    said = as_said_to(document, Proof.MFA)
    assert [bool(one.conditions) for one in said.statements] == ([False] if holds else [])


def test_other_conditions_stay() -> None:
    """Each in its place, beside what is settled and goes."""
    where = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    condition = {**where, "BoolIfExists": {PRESENT: "false", "aws:SecureTransport": "true"}}
    document = parse_document(
        {"Version": "2012-10-17", "Statement": [_allow(condition, "Deny")]}, where="x"
    )
    (said,) = as_said_to(document, Proof.KEY).statements
    assert {(one.operator, one.key) for one in said.conditions} == {
        ("IpAddress", "aws:SourceIp"),
        ("BoolIfExists", "aws:SecureTransport"),
    }


def test_what_says_nothing_of_mfa_is_the_same_document() -> None:
    """So that whoever remembers answers by document need not compute them twice."""
    document = parse_document(
        {"Version": "2012-10-17", "Statement": _allow({"Bool": {"aws:SecureTransport": "true"}})},
        where="x",
    )
    assert all(as_said_to(document, proof) is document for proof in Proof)


_OPERATORS = ("Bool", "BoolIfExists", "StringEquals", "StringEqualsIfExists", "Null")
_KEYS = (PRESENT, "aws:MultiFactorAuthAge", "aws:TokenIssueTime", "aws:SecureTransport")
_CONDITIONS = st.dictionaries(
    st.sampled_from(_OPERATORS),
    st.dictionaries(
        st.sampled_from(_KEYS), st.sampled_from(["true", "false"]), min_size=1, max_size=2
    ),
    max_size=2,
)
_STATEMENTS = st.builds(_allow, _CONDITIONS, st.sampled_from(["Allow", "Deny"])).map(
    lambda one: {k: v for k, v in one.items() if k != "Condition" or v}
)


@given(
    st.lists(_STATEMENTS, min_size=1, max_size=4),
    st.sampled_from(Proof),
    st.sampled_from(["true", "false"]),
)
def test_it_says_what_the_document_says(
    statements: list[dict[str, Any]], proof: Proof, secure: str
) -> None:
    """For every such request, whatever else is in it."""
    document = {"Version": "2012-10-17", "Statement": statements}
    said = as_said_to(parse_document(document, where="x"), proof).as_json()
    context = {**CONTEXTS[proof], "aws:securetransport": (secure,)}
    request = ("s3:GetObject", "arn:aws:s3:::b/x", context)
    assert permits([said], *request) == permits([document], *request)
