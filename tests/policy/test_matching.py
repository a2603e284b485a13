"""Wildcard patterns against a naive recursion and against enumeration."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.matching import (
    Match,
    action_covers,
    covers,
    is_pattern,
    just,
    match_resource,
    matches_action,
    overlaps,
)
from tests.policy import oracle
from tests.policy.strategies import ACTIONS, RESOURCES, action_patterns, resource_patterns

SMALL = st.text("ab*?", max_size=4)
# Every text of up to six letters, "c" standing for those that no small pattern names.
TEXTS = ["".join(letters) for size in range(7) for letters in product("abc", repeat=size)]


@given(action_patterns(), st.sampled_from(ACTIONS))
def test_actions_match_as_the_oracle_says_in_any_case(pattern: str, action: str) -> None:
    expected = oracle.glob(pattern.lower(), action.lower())

    assert matches_action(pattern, action) == expected
    assert matches_action(pattern.swapcase(), action.upper()) == expected


@given(resource_patterns(), st.sampled_from(RESOURCES))
def test_resources_match_as_the_oracle_says(pattern: str, resource: str) -> None:
    expected = Match.YES if oracle.glob(pattern, resource) else Match.NO

    assert match_resource(pattern, resource) is expected


@given(st.text("ab*?.[]\\^$\n", max_size=8), st.text("ab.[]\\^$\n", max_size=8))
def test_nothing_but_star_and_question_mark_is_special(pattern: str, text: str) -> None:
    assert covers(pattern, text) == oracle.glob(pattern, text)


@given(SMALL, SMALL)
def test_covering_is_exactly_inclusion(outer: str, inner: str) -> None:
    included = all(oracle.glob(outer, text) for text in TEXTS if oracle.glob(inner, text))

    assert covers(outer, inner) == included


@given(SMALL, SMALL)
def test_overlapping_is_exactly_a_common_text(left: str, right: str) -> None:
    # Two patterns of four marks that share a text share one of at most eight letters; those of
    # up to six suffice, since letters between the marks can be left out.
    common = any(oracle.glob(left, text) and oracle.glob(right, text) for text in TEXTS)

    assert overlaps(left, right) == overlaps(right, left) == common


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        pytest.param("u/${aws:username}", "u/alice", Match.MAYBE, id="variable may be this one"),
        pytest.param("u/${aws:username}", "g/alice", Match.NO, id="variable elsewhere"),
        pytest.param("u/${aws:PrincipalTag/t, 'x'}", "u/x", Match.MAYBE, id="variable, default"),
        pytest.param("u/${aws:username}", "u/${aws:username}", Match.MAYBE, id="two variables"),
        pytest.param("*", "u/${aws:username}", Match.YES, id="everything covers a variable"),
        pytest.param("u/${*}", "u/*x", Match.NO, id="escaped star is a star"),
        pytest.param("u/${*}", "u/x", Match.NO, id="escaped star is no wildcard"),
        pytest.param("u/${$}x", "u/$x", Match.YES, id="escaped dollar"),
        pytest.param("u/${?}", "u/x", Match.NO, id="escaped question mark"),
        pytest.param("u/$x", "u/$x", Match.YES, id="a bare dollar"),
        pytest.param("u/a*", "u/*", Match.MAYBE, id="some of the asked"),
        pytest.param("u/*", "u/a*", Match.YES, id="all of the asked"),
        pytest.param("U/a", "u/a", Match.NO, id="case matters"),
    ],
)
def test_variables_and_patterns_are_told_apart(
    pattern: str, resource: str, expected: Match
) -> None:
    assert match_resource(pattern, resource) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*", "?*:?*", True),
        ("**", "?*:?*", True),
        ("*:*", "?*:?*", True),
        ("*?:?*", "?*:?*", True),
        ("?*", "*:x", True),
        ("IAM:*", "iam:get*", True),
        ("iam:get*", "iam:*", False),
        ("*:*:*", "?*:?*", False),
        ("i*:*", "?*:?*", False),
    ],
)
def test_action_patterns_cover_in_any_case(outer: str, inner: str, expected: bool) -> None:
    assert action_covers(outer, inner) is expected


def test_is_pattern_knows_wildcards_variables_and_their_escapes() -> None:
    assert [is_pattern(text) for text in ("a*", "a?", "${aws:username}", "${*}", "a")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@given(text=st.text("ab*?$/{}:", max_size=12), other=st.text("ab*?$/{}:", max_size=12))
def test_a_pattern_that_is_just_a_text_matches_it_and_nothing_else(text: str, other: str) -> None:
    assert match_resource(just(text), just(text)) is Match.YES
    assert (match_resource(just(text), just(other)) is Match.YES) == (text == other)
    assert match_resource("*", just(text)) is Match.YES


def test_a_hostile_pattern_costs_no_time() -> None:
    started = time.process_time()

    assert not matches_action("a*" * 200 + "b", "a" * 2000)
    covers("*a*b?" * 40, "a*?b" * 40)

    assert time.process_time() - started < 2
