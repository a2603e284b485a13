"""Somebody must be able to work with AWS Support; who, people say."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan
from remediations.least_privilege import support_role_missing as control
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.people import found

POLICY = "AWSSupportAccess"
WHO = "arn:aws:iam::123456789012:role/app"
SETTINGS = {"trusted": [WHO]}


def seed(account: AccountBuilder) -> None:
    """The healthy account without the role that it has for this."""
    for role in list(account.iam.roles.values()):
        if account.aws_policy(POLICY) in role.managed_policies:
            account.iam.detach_role_policy(account.aws_policy(POLICY), role.name)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def planned(account: AccountBuilder, **settings: Any) -> Plan | Manual:
    snapshot = snapshot_of(account)
    (finding,) = found(control, snapshot, **settings)
    return control.plan(finding, snapshot, control.CONTROL.settings(**settings))


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        pytest.param(lambda a: None, True, id="nobody"),
        pytest.param(lambda a: a.role("r", attached=[POLICY]), False, id="a role"),
        pytest.param(
            lambda a: a.identity_center_role("Support", attached=[POLICY]),
            False,
            id="an Identity Center role",
        ),
        pytest.param(lambda a: a.group("g", attached=[POLICY]), True, id="an empty group"),
        pytest.param(
            lambda a: (a.user("u"), a.group("g", members=["u"], attached=[POLICY])),
            False,
            id="a group with someone in it",
        ),
        pytest.param(
            lambda a: a.role("r", attached=["AdministratorAccess"]), True, id="an administrator"
        ),
        pytest.param(
            lambda a: a.service_linked_role("support.amazonaws.com", "Support"),
            True,
            id="the role of the service itself",
        ),
    ],
)
def test_who_counts(
    account: AccountBuilder, build: Callable[[AccountBuilder], Any], expected: bool
) -> None:
    build(account)
    assert bool(found(control, snapshot_of(account))) is expected


@pytest.mark.parametrize("mfa", [True, False])
def test_the_role_is_made_for_those_whom_people_chose(account: AccountBuilder, mfa: bool) -> None:
    account.role("app")
    account.user("u+1,2@x.org")
    user = "arn:aws:iam::123456789012:user/u+1,2@x.org"
    fix = planned(account, trusted=[user, WHO], mfa=mfa)
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert not found(control, snapshot_of(account))
        role = next(each for each in snapshot_of(account).roles if each.name == "aws-support")
        assert role.path == "/locksmith/"
        (statement,) = json.loads(role.trust)["Statement"]
        assert sorted(statement["Principal"]["AWS"]) == sorted([user, WHO])
        assert ("Condition" in statement) is mfa


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        pytest.param({}, "people must say", id="nobody chosen"),
        pytest.param(
            {"trusted": ["arn:aws:iam::123456789012:user/gone"]}, "is no user", id="unknown"
        ),
        pytest.param({"trusted": [WHO], "role": "APP"}, "already", id="the name is taken"),
    ],
)
def test_what_people_must_settle(
    account: AccountBuilder, settings: dict[str, Any], why: str
) -> None:
    account.role("app")
    fix = planned(account, **settings)
    assert isinstance(fix, Manual)
    assert why in fix.reason


@pytest.mark.parametrize(
    "trusted", ["*", "123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::1:user/x"]
)
def test_only_single_identities_can_be_chosen(trusted: str) -> None:
    with pytest.raises(ValueError, match="trusted"):
        control.CONTROL.settings(trusted=[trusted])


def test_it_takes_two_people() -> None:
    assert control.CONTROL.adds_rights


def test_a_role_made_meanwhile_stops_it(account: AccountBuilder) -> None:
    account.role("app")
    fix = planned(account, **SETTINGS)
    assert isinstance(fix, Plan)
    said = stopped_by(account, fix, "create-role", lambda: account.role("aws-support"))
    assert said == ["a role aws-support exists by now"]
