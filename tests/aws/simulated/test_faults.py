"""Faults strike the calls they name, as often as told."""

import pytest

from bot.aws.simulated.faults import Fault, FaultPlan, error_status, parse_fault


@pytest.mark.parametrize(
    ("nth", "times", "struck"),
    [
        (1, 1, [True, False, False, False]),
        (2, 1, [False, True, False, False]),
        (2, 2, [False, True, True, False]),
        (3, None, [False, False, True, True]),
    ],
)
def test_which_calls_are_struck(nth: int, times: int | None, struck: list[bool]) -> None:
    """From the nth on, that many times; None means all."""
    plan = FaultPlan()
    plan.order(Fault("iam:UpdateAccessKey", "throttle", nth=nth, times=times))
    found = [plan.next_for("iam", "UpdateAccessKey") is not None for _ in range(4)]
    assert found == struck


@pytest.mark.parametrize(
    ("named", "strikes"),
    [("iam:GetUser", True), ("GetUser", True), ("*", True), ("sts:GetUser", False), ("Get", False)],
)
def test_which_operations_are_struck(named: str, strikes: bool) -> None:
    """With or without its service, or all; no part of a name."""
    plan = FaultPlan()
    plan.order(Fault(named, "throttle"))
    assert (plan.next_for("iam", "GetUser") is not None) is strikes


def test_other_calls_are_not_counted_and_clear_ends_all() -> None:
    """The nth is the nth of that operation."""
    plan = FaultPlan()
    plan.order(Fault("iam:GetUser", "throttle", nth=2))
    assert plan.next_for("iam", "GetUser") is None
    assert plan.next_for("iam", "GetRole") is None
    assert plan.next_for("iam", "GetUser") is not None
    plan.order(Fault("*", "throttle", times=None))
    plan.clear()
    assert plan.next_for("iam", "GetUser") is None


@pytest.mark.parametrize(
    ("what", "kind", "code", "seconds"),
    [
        ("drop_before", "drop_before", "", 0.0),
        ("drop_after", "drop_after", "", 0.0),
        ("throttle", "throttle", "", 0.0),
        ("error:AccessDenied", "error", "AccessDenied", 0.0),
        ("delay:2.5", "delay", "", 2.5),
    ],
)
def test_short_forms(what: str, kind: str, code: str, seconds: float) -> None:
    """As a test or another process writes them."""
    fault = parse_fault("iam:GetUser", what)
    assert (fault.kind, fault.code, fault.seconds) == (kind, code, seconds)


@pytest.mark.parametrize(
    ("what", "nth", "times", "complaint"),
    [
        ("explode", 1, 1, "is no fault"),
        ("error", 1, 1, "needs the code"),
        ("delay", 1, 1, "could not convert|needs its seconds"),
        ("delay:0", 1, 1, "needs its seconds"),
        ("throttle", 0, 1, "count from 1"),
        ("throttle", 1, 0, "count from 1"),
    ],
)
def test_wrong_orders_are_refused(what: str, nth: int, times: int, complaint: str) -> None:
    """With what is wrong."""
    with pytest.raises(ValueError, match=complaint):
        parse_fault("iam:GetUser", what, nth=nth, times=times)


def test_a_kind_that_is_none_is_refused_in_either_form() -> None:
    """A fault that strikes and does nothing would prove nothing."""
    with pytest.raises(ValueError, match="'explode' is no fault"):
        Fault("iam:GetUser", "explode")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "status"),
    [("NoSuchEntity", 404), ("AccessDenied", 403), ("ServiceFailure", 500), ("InvalidInput", 400)],
)
def test_statuses_are_awss(code: str, status: int) -> None:
    """botocore decides on the status whether to retry."""
    assert error_status(code) == status
