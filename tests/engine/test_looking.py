"""Expectations compare what was read exactly, and a look asks AWS for one thing once."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.filling import outputs_named, resolve, resolve_expects
from bot.engine.looking import Look, holds, same
from bot.errors import PlanError
from bot.model import Call, Expect, Json, Operator

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
READ = Call("iam", "GetThing", {"Name": "x"})

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def expect(operator: Operator, value: Json = None, path: str = "Value") -> Expect:
    return Expect(READ, path, operator, value)


@pytest.mark.parametrize(
    ("operator", "value", "answer", "expected"),
    [
        pytest.param(Operator.EQUALS, "a", {"Value": "a"}, True, id="equal text"),
        pytest.param(Operator.EQUALS, "a", {"Value": "A"}, False, id="case matters"),
        pytest.param(Operator.EQUALS, 1, {"Value": True}, False, id="true is not 1"),
        pytest.param(Operator.EQUALS, 0, {"Value": False}, False, id="false is not 0"),
        pytest.param(
            Operator.EQUALS,
            {"a": 1, "b": [1, 2]},
            {"Value": {"b": [1, 2], "a": 1}},
            True,
            id="key order is free",
        ),
        pytest.param(Operator.EQUALS, [1, 2], {"Value": [2, 1]}, False, id="list order is not"),
        pytest.param(Operator.EQUALS, "a", {}, False, id="missing is not equal"),
        pytest.param(Operator.EQUALS, "a", None, False, id="what doesn't exist is not equal"),
        pytest.param(Operator.ABSENT, None, None, True, id="absent: doesn't exist"),
        pytest.param(Operator.ABSENT, None, {}, True, id="absent: nothing at the path"),
        pytest.param(Operator.ABSENT, None, {"Value": []}, True, id="absent: empty list"),
        pytest.param(Operator.ABSENT, None, {"Value": ["x"]}, False, id="absent: something there"),
        pytest.param(Operator.ABSENT, None, {"Value": False}, False, id="false is something"),
        pytest.param(Operator.ABSENT, None, {"Value": 0}, False, id="zero is something"),
        pytest.param(Operator.PRESENT, None, {"Value": ["x"]}, True, id="present"),
        pytest.param(Operator.PRESENT, None, {"Value": []}, False, id="an empty list is nothing"),
        pytest.param(Operator.PRESENT, None, {"Value": ""}, False, id="an empty text is nothing"),
        pytest.param(Operator.PRESENT, None, None, False, id="present: doesn't exist"),
        pytest.param(Operator.CONTAINS, "a", {"Value": ["a", "b"]}, True, id="list has it"),
        pytest.param(Operator.CONTAINS, 1, {"Value": [True]}, False, id="list has true, not 1"),
        pytest.param(Operator.CONTAINS, "bc", {"Value": "abcd"}, True, id="text has it"),
        pytest.param(Operator.CONTAINS, "", {"Value": "abcd"}, False, id="empty text is nothing"),
        pytest.param(Operator.CONTAINS, "a", {}, False, id="contains: nothing there"),
        pytest.param(
            Operator.OLDER_THAN, 45, {"Value": "2026-10-10T11:59:59+00:00"}, True, id="older"
        ),
        pytest.param(
            Operator.OLDER_THAN, 45, {"Value": "2026-10-10T12:00:00Z"}, False, id="exactly as old"
        ),
        pytest.param(Operator.OLDER_THAN, 45, {"Value": "2026-11-24T11:48:00Z"}, False, id="used"),
        pytest.param(Operator.OLDER_THAN, 45, {"Value": "never"}, True, id="never used"),
        pytest.param(Operator.OLDER_THAN, 45, {}, False, id="nothing there is not old"),
        pytest.param(Operator.OLDER_THAN, 45, None, False, id="what doesn't exist is not old"),
        pytest.param(Operator.OLDER_THAN, 45, {"Value": "N/A"}, False, id="no time is not old"),
        pytest.param(
            Operator.OLDER_THAN, 45, {"Value": "2020-01-01T00:00:00"}, False, id="no zone: not old"
        ),
        pytest.param(Operator.NEWER_THAN, 5, {"Value": "2026-11-19T12:00:01Z"}, True, id="newer"),
        pytest.param(
            Operator.NEWER_THAN, 5, {"Value": "2026-11-19T12:00:00+00:00"}, True, id="just so new"
        ),
        pytest.param(
            Operator.NEWER_THAN, 5, {"Value": "2026-11-19T11:59:59Z"}, False, id="not so new"
        ),
        pytest.param(Operator.NEWER_THAN, 5, {"Value": "never"}, False, id="never is not new"),
        pytest.param(Operator.NEWER_THAN, 5, {}, False, id="nothing there is not new"),
        pytest.param(Operator.NEWER_THAN, 5, None, False, id="what doesn't exist is not new"),
        pytest.param(
            Operator.NEWER_THAN, 5, {"Value": "2026-11-24T12:00:00"}, False, id="no zone: not new"
        ),
    ],
)
def test_an_operator_compares_exactly(
    operator: Operator, value: Json, answer: Json, expected: bool
) -> None:
    assert holds(expect(operator, value), answer, NOW) is expected


@given(_json, _json)
def test_equality_is_that_of_json_texts(one: Json, other: Json) -> None:
    """Reflexive, symmetric, and never looser than Python's, which takes True for 1."""
    assert same(one, one)
    assert same(one, other) == same(other, one)
    if same(one, other):
        assert one == other


@pytest.mark.parametrize("operator", [Operator.OLDER_THAN, Operator.NEWER_THAN])
@pytest.mark.parametrize("days", [None, "45", True, -1], ids=repr)
def test_ages_refuse_what_is_no_number_of_days(operator: Operator, days: Json) -> None:
    with pytest.raises(PlanError, match=f"{operator} needs a number of days"):
        holds(expect(operator, days), {"Value": "never"}, NOW)


def test_a_path_that_is_none_is_the_plans_fault() -> None:
    with pytest.raises(PlanError, match="not a JMESPath"):
        holds(expect(Operator.PRESENT, path="Value["), {"Value": 1}, NOW)


def test_a_path_that_cant_be_applied_is_the_plans_fault() -> None:
    with pytest.raises(PlanError, match="can't be applied"):
        holds(expect(Operator.PRESENT, path="length(Value)"), {"Value": 1}, NOW)


def test_one_look_makes_each_call_once() -> None:
    """Expectations about one answer judge one moment, and cost one call."""
    calls: list[Call] = []

    def read(call: Call) -> Json:
        calls.append(call)
        return {"Value": "a", "Other": 2}

    seen = Look(read).at(
        (
            expect(Operator.EQUALS, "a"),
            expect(Operator.EQUALS, 3, path="Other"),
            Expect(Call("iam", "GetThing", {"Name": "y"}), "Value", Operator.PRESENT),
        ),
        NOW,
    )
    assert [one.holds for one in seen] == [True, False, True]
    assert [one.value for one in seen] == ["a", 2, "a"]
    assert len(calls) == 2


def test_what_does_not_hold_says_why_and_what_was_seen() -> None:
    wanted = Expect(READ, "Value", Operator.EQUALS, "a", "the key was used since")
    (seen,) = Look(lambda _: {"Value": "b"}).at((wanted,), NOW)
    assert seen.said == "the key was used since (seen: b)"
    assert seen.label == "iam:GetThing(Name=x) Value"


def test_outputs_are_filled_in_at_any_depth() -> None:
    call = Call(
        "iam",
        "Do",
        {
            "A": {"$output": "make.arn"},
            "B": [{"C": {"$output": "make.id"}}, "plain"],
            "D": {"$output": 1},
        },
    )
    resolved = resolve(call, {"make.arn": "arn:x", "make.id": 7})
    assert resolved.params == {"A": "arn:x", "B": [{"C": 7}, "plain"], "D": {"$output": 1}}
    assert outputs_named(call.data()) == {"make.arn", "make.id"}
    assert outputs_named(resolved.data()) == frozenset()


def test_an_unknown_output_is_never_sent() -> None:
    with pytest.raises(PlanError, match=r"make\.arn is not known"):
        resolve(Call("iam", "Do", {"A": {"$output": "make.arn"}}), {})


def test_outputs_are_filled_into_what_is_read_and_expected() -> None:
    wanted = Expect(
        Call("iam", "Get", {"Arn": {"$output": "make.arn"}}),
        "Id",
        Operator.EQUALS,
        {"$output": "make.id"},
    )
    (resolved,) = resolve_expects((wanted,), {"make.arn": "arn:x", "make.id": "v2"})
    assert resolved.read.params == {"Arn": "arn:x"}
    assert resolved.value == "v2"
