"""Statements whose last day is long past go, and nobody loses anything."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from remediations.policy_conditions import lapsed_date_condition as control
from tests.remediations.acting import apply_and_undo, stopped_by
from tests.remediations.policy_conditions.documents import (
    HOSTILE,
    allow,
    by_hand,
    fixed,
    found_by,
    in_force,
    inline_of_role,
    planned_by,
    policy,
)

READ = allow("s3:GetObject", "arn:aws:s3:::harbour/*", Sid="Read")

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def until(account: AccountBuilder, days: float, **more: Any) -> dict[str, Any]:
    """An Allow whose last day was so many days ago."""
    end = f"{account.ago(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return allow(
        "s3:PutObject", **{"Condition": {"DateLessThan": {"aws:CurrentTime": end}}, **more}
    )


def seed(account: AccountBuilder) -> None:
    """A policy that allowed writing until two months ago."""
    account.role("loader", last_used=account.ago(days=1))
    account.attach(account.policy("loader", policy(READ, until(account, 60))), role="loader")


def just_within(account: AccountBuilder) -> None:
    account.role("loader", last_used=account.ago(days=1))
    account.attach(account.policy("loader", policy(READ, until(account, 30))), role="loader")


def just_beyond(account: AccountBuilder) -> None:
    account.role("loader", last_used=account.ago(days=1))
    account.attach(account.policy("loader", policy(READ, until(account, 30.01))), role="loader")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account) == [READ]
        assert not found(account)


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
        ({"DateLessThanEquals": {"aws:currenttime": "2020-01-01"}}, True),
        ({"dateLessThanIfExists": {"aws:CurrentTime": "2020-01-01"}}, True),
        ({"DateLessThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"NumericLessThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": ["2020-01-01", "2019-01-01"]}}, True),
        ({"DateLessThan": {"aws:CurrentTime": ["2020-01-01", "2099-01-01"]}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2099-01-01"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01"}}, False),
        ({"DateNotEquals": {"aws:CurrentTime": "2020-01-01"}}, False),
        ({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}}, False),
        (
            {
                "DateGreaterThan": {"aws:CurrentTime": "2019-01-01"},
                "DateLessThan": {"aws:CurrentTime": "2020-01-01"},
            },
            True,
        ),
    ],
)
def test_what_lapsed(account: AccountBuilder, condition: dict[str, Any], fires: bool) -> None:
    account.policy("p", policy(READ, allow("s3:PutObject", Condition=condition)))

    assert bool(found(account)) is fires


def test_a_deny_that_ended_is_none_of_it(account: AccountBuilder) -> None:
    account.policy("p", policy(READ, until(account, 60, Effect="Deny")))

    assert not found(account)


def test_an_inline_policy_is_overwritten(account: AccountBuilder) -> None:
    account.role("r")
    account.inline(HOSTILE, policy(until(account, 60), READ), role="r")

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert inline_of_role(account) == [READ]


def test_where_nothing_is_left_the_policy_goes(account: AccountBuilder) -> None:
    """A managed one from everybody who holds it, an inline one altogether; undone, all is back."""
    arn = account.policy("p", policy(until(account, 60), until(account, 90)))
    assert not found(account)  # nobody holds it
    account.group("g", attached=[arn])
    account.role("r", attached=[arn])
    fix = fixed(planned(account))
    assert [step.do.operation for step in fix.steps] == ["DetachGroupPolicy", "DetachRolePolicy"]

    for _ in apply_and_undo(account, fix):
        assert not found(account)


def test_an_inline_policy_with_nothing_left_is_deleted(account: AccountBuilder) -> None:
    account.role("r")
    account.inline("p", policy(until(account, 60)), role="r")
    fix = fixed(planned(account))
    assert [step.do.operation for step in fix.steps] == ["DeleteRolePolicy"]

    for _ in apply_and_undo(account, fix):
        assert not found(account)


def test_without_room_for_a_version_people_make_it(account: AccountBuilder) -> None:
    older = [policy(READ)] * 4
    account.policy("p", policy(READ, until(account, 60)), older_versions=older)

    assert "5 versions" in by_hand(planned(account)).reason


def test_a_new_holder_stops_it(account: AccountBuilder) -> None:
    seed(account)
    account.role("late")

    def attached() -> None:
        account.attach("arn:aws:iam::123456789012:policy/loader", role="late")

    assert stopped_by(account, fixed(planned(account)), "create-version", attached) == [
        "other roles hold loader by now"
    ]
