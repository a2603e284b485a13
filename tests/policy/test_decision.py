"""Decisions against the naive evaluator, over the whole grammar."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.decision import Decision, Verdict, decide
from bot.policy.document import parse_document
from tests.policy.oracle import Request, allows, as_list
from tests.policy.strategies import (
    ACTIONS,
    CONDITIONS,
    RESOURCES,
    documents,
    holding,
    statements,
)

RANK = {
    Verdict.DENIED: 0,
    Verdict.NOT_GRANTED: 0,
    Verdict.CONDITIONAL: 1,
    Verdict.ALLOWED: 2,
}
SETS = st.lists(documents(), max_size=3)
BOUNDARIES = st.one_of(st.none(), documents())


def verdict(action: str, resource: str, contents: list[Any], boundary: Any = None) -> Decision:
    return decide(
        action,
        resource,
        [parse_document(one, where="d") for one in contents],
        None if boundary is None else parse_document(boundary, where="b"),
    )


@given(SETS, BOUNDARIES, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), holding())
def test_a_verdict_never_contradicts_the_oracle(
    contents: list[Any], boundary: Any, action: str, resource: str, held: frozenset[Any]
) -> None:
    found = verdict(action, resource, contents, boundary).verdict
    allowed = allows(contents, Request(action, resource, held), boundary)

    if found is not Verdict.CONDITIONAL:
        assert allowed == (found is Verdict.ALLOWED)


@given(
    st.lists(documents(conditions=False), max_size=3),
    st.one_of(st.none(), documents(conditions=False)),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
)
def test_without_conditions_the_verdict_is_the_oracles(
    contents: list[Any], boundary: Any, action: str, resource: str
) -> None:
    found = verdict(action, resource, contents, boundary).verdict

    assert found is not Verdict.CONDITIONAL
    assert (found is Verdict.ALLOWED) == allows(contents, Request(action, resource), boundary)


@given(SETS, BOUNDARIES, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), statements())
def test_a_deny_never_widens_and_an_allow_never_narrows(
    contents: list[Any], boundary: Any, action: str, resource: str, extra: dict[str, Any]
) -> None:
    before = verdict(action, resource, contents, boundary)
    after = verdict(action, resource, [*contents, {"Statement": [extra]}], boundary)

    if extra["Effect"] == "Deny":
        assert RANK[after.verdict] <= RANK[before.verdict]
    else:
        assert RANK[after.verdict] >= RANK[before.verdict]


@given(SETS, documents(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_a_boundary_never_widens(
    contents: list[Any], boundary: Any, action: str, resource: str
) -> None:
    free = verdict(action, resource, contents)
    bounded = verdict(action, resource, contents, boundary)

    assert RANK[bounded.verdict] <= RANK[free.verdict]


@given(SETS, st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_the_case_of_actions_is_no_matter(contents: list[Any], action: str, resource: str) -> None:
    shouted = [
        content
        | {
            "Statement": [
                {
                    key: [text.swapcase() for text in as_list(value)] if "Action" in key else value
                    for key, value in statement.items()
                }
                for statement in as_list(content["Statement"])
            ]
        }
        for content in contents
    ]

    assert (
        verdict(action.upper(), resource, shouted).verdict
        is verdict(action, resource, contents).verdict
    )


@given(
    st.lists(documents(conditions=False), max_size=2),
    st.sampled_from(ACTIONS),
    st.sampled_from(["*", "arn:aws:iam::*", "arn:aws:iam::111122223333:user/*"]),
)
def test_a_verdict_on_a_pattern_holds_for_all_that_match_it(
    contents: list[Any], action: str, asked: str
) -> None:
    found = verdict(action, asked, contents).verdict
    inside = [one for one in RESOURCES if one.startswith(asked.removesuffix("*"))]

    if found is not Verdict.CONDITIONAL:
        for resource in inside:
            assert allows(contents, Request(action, resource)) == (found is Verdict.ALLOWED)


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("statement_list", "boundary", "expected", "reason"),
    [
        pytest.param([], None, Verdict.NOT_GRANTED, "no statement", id="nothing"),
        pytest.param([ALL], None, Verdict.ALLOWED, "statement 1 allows", id="all"),
        pytest.param([ALL], [], Verdict.NOT_GRANTED, "boundary doesn't", id="empty boundary"),
        pytest.param([ALL], [ALL], Verdict.ALLOWED, "statement 1", id="wide boundary"),
        pytest.param(
            [ALL, ALL | {"Effect": "Deny", "Sid": "No"}],
            None,
            Verdict.DENIED,
            "statement 'No' denies",
            id="deny",
        ),
        pytest.param(
            [ALL],
            [ALL, ALL | {"Effect": "Deny"}],
            Verdict.DENIED,
            "statement 2",
            id="deny in the boundary",
        ),
        pytest.param(
            [ALL | {"Condition": MFA}],
            None,
            Verdict.CONDITIONAL,
            "condition on aws:MultiFactorAuthPresent",
            id="conditional allow",
        ),
        pytest.param(
            [ALL, ALL | {"Effect": "Deny", "Condition": MFA}],
            None,
            Verdict.CONDITIONAL,
            "statement 2 (Deny) depends",
            id="conditional deny",
        ),
        pytest.param(
            [ALL],
            [ALL | {"Condition": MFA}],
            Verdict.CONDITIONAL,
            "statement 1 (Allow) depends",
            id="conditional boundary",
        ),
        pytest.param(
            [ALL | {"Resource": "arn:aws:iam::*:user/${aws:username}"}],
            None,
            Verdict.CONDITIONAL,
            "some of these resources",
            id="policy variable",
        ),
    ],
)
def test_a_decision_says_why(
    statement_list: list[Any], boundary: list[Any] | None, expected: Verdict, reason: str
) -> None:
    bound = None if boundary is None else {"Statement": boundary}
    found = verdict("iam:GetUser", RESOURCES[0], [{"Statement": statement_list}], bound)

    assert found.verdict is expected
    assert reason in found.reason
    assert bool(found.depends_on) == (expected is Verdict.CONDITIONAL)


def test_conditions_of_the_strategies_are_those_of_the_oracle() -> None:
    """Guards the differential test itself: a condition that holds lets its statement through."""
    operator, key = CONDITIONS[0]
    content = {"Statement": [ALL | {"Condition": {operator: {key: "true"}}}]}

    assert allows([content], Request("s3:GetObject", "x", frozenset({(operator, key)})))
    assert not allows([content], Request("s3:GetObject", "x"))
