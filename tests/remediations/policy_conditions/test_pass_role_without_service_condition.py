"""Roles are handed to the services that they are made for."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from remediations.policy_conditions import pass_role_without_service_condition as control
from tests.remediations.acting import apply_and_undo, rights
from tests.remediations.policy_conditions.documents import (
    HOSTILE,
    allow,
    by_hand,
    fixed,
    found_by,
    in_force,
    planned_by,
    policy,
)

APPS = "arn:aws:iam::123456789012:role/app-*"
PASS = allow("iam:PassRole", APPS, Sid="Pass")
TO_EC2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
TO_OTHERS = {"StringNotEquals": TO_EC2["StringEquals"]}
REFUSING = {**PASS, "Effect": "Deny", "Resource": "*", "Condition": TO_OTHERS}
OTHERS = "arn:aws:iam::123456789012:role/other-*"

found = partial(found_by, control.CONTROL)
planned = partial(planned_by, control.CONTROL)


def trusting(*services: str) -> dict[str, Any]:
    """A trust policy for services."""
    one = {"Effect": "Allow", "Principal": {"Service": [*services]}, "Action": "sts:AssumeRole"}
    return policy(one)


def seed(account: AccountBuilder) -> None:
    """Deployers who may hand the role of an application to any service."""
    account.role(
        "app-orders", trust=trusting("lambda.amazonaws.com"), last_used=account.ago(days=1)
    )
    account.role("deployer", last_used=account.ago(days=1))
    account.attach(account.policy("deploy", policy(PASS)), role="deployer")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def limited(*services: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"iam:PassedToService": [*services]}}}


def test_seed_is_fixed_and_undone_exactly(account: AccountBuilder) -> None:
    seed(account)

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account) == [PASS | limited("lambda.amazonaws.com")]
        assert not found(account)


@pytest.mark.parametrize(
    ("statements", "fires"),
    [
        pytest.param([PASS], True, id="by name"),
        pytest.param([allow("IAM:passrole")], True, id="in another case"),
        pytest.param([allow("iam:Pass*")], True, id="by a pattern"),
        pytest.param([allow("iam:*")], False, id="all of IAM is another control's"),
        pytest.param([allow("*")], False, id="everything is another control's"),
        pytest.param([{**PASS, "Condition": TO_EC2}], False, id="a service"),
        pytest.param(
            [{**PASS, "Condition": {"StringLike": {"IAM:passedtoservice": "ecs*.amazonaws.com"}}}],
            False,
            id="a pattern of services",
        ),
        pytest.param(
            [{**PASS, "Condition": {"StringLike": {"iam:PassedToService": "*"}}}], True, id="any"
        ),
        pytest.param(
            [{**PASS, "Condition": {"StringEqualsIfExists": TO_EC2["StringEquals"]}}],
            True,
            id="if any",
        ),
        pytest.param([PASS, REFUSING], False, id="a Deny for all others"),
        pytest.param(
            [PASS, {**REFUSING, "Action": "iam:GetRole"}], True, id="a Deny of another action"
        ),
        pytest.param([PASS, {**REFUSING, "Resource": OTHERS}], True, id="a Deny about other roles"),
        pytest.param(
            [
                PASS,
                {**REFUSING, "Condition": TO_OTHERS | {"StringNotLike": {"aws:userid": "x:*"}}},
            ],
            True,
            id="a Deny that needs more to hold",
        ),
        pytest.param(
            [PASS, {**REFUSING, "Condition": {"StringNotEquals": {"aws:userid": "x"}}}],
            True,
            id="a Deny on something else",
        ),
        pytest.param([PASS, {**REFUSING, "Condition": TO_EC2}], True, id="a Deny for one service"),
        pytest.param([{**PASS, "Effect": "Deny"}], False, id="a Deny"),
        pytest.param([allow("iam:GetRole")], False, id="another action"),
    ],
)
def test_what_is_unlimited(
    account: AccountBuilder, statements: list[dict[str, Any]], fires: bool
) -> None:
    account.policy("p", policy(*statements))

    assert bool(found(account)) is fires


def test_other_actions_stay_as_they_were(account: AccountBuilder) -> None:
    """They have no such key in their requests, so the condition would refuse them."""
    account.role("app-orders", trust=trusting("lambda.amazonaws.com"))
    account.role("r", trust=trusting("ec2.amazonaws.com"))
    mixed = allow(["ec2:RunInstances", "iam:PassRole"], "*", Sid="Launch")
    account.policy("launch", policy(mixed))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account) == [
            {**mixed, "Action": ["ec2:RunInstances"]},
            {
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": "*",
                **limited("ec2.amazonaws.com", "lambda.amazonaws.com"),
            },
        ]
        assert not found(account)


@pytest.mark.parametrize("number", [0, 11])
def test_no_services_or_too_many_are_left_to_people(account: AccountBuilder, number: int) -> None:
    services = [f"s{index}.amazonaws.com" for index in range(number)]
    if services:
        account.role("app-x", trust=trusting(*services))
    account.policy("p", policy(PASS))

    assert f"{number} services may assume" in by_hand(planned(account)).reason


def test_ten_services_are_named(account: AccountBuilder) -> None:
    account.role("app-x", trust=trusting(*(f"s{index}.amazonaws.com" for index in range(10))))
    account.policy("p", policy(PASS))

    assert len(fixed(planned(account)).steps) == 2


def test_all_roles_but_some(account: AccountBuilder) -> None:
    """NotResource: roles that are surely left out don't count."""
    account.role("app-orders", trust=trusting("lambda.amazonaws.com"))
    account.role("admin", trust=trusting("ec2.amazonaws.com"))
    account.policy("p", policy({"Effect": "Allow", "Action": "iam:PassRole", "NotResource": APPS}))

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert in_force(account)[0]["Condition"] == limited("ec2.amazonaws.com")["Condition"]


def test_an_inline_policy_is_overwritten(account: AccountBuilder) -> None:
    account.role("app-orders", trust=trusting("lambda.amazonaws.com"))
    account.user(HOSTILE)
    account.inline(HOSTILE, policy(PASS), user=HOSTILE)
    before = rights(account)

    for _ in apply_and_undo(account, fixed(planned(account))):
        assert not found(account)

    assert rights(account) == before
