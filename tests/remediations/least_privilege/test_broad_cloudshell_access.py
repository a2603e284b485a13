"""AWS's policy for all of CloudShell is found wherever it is attached, and comes off."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan, Protection
from remediations.least_privilege import broad_cloudshell_access as control
from tests.remediations.acting import apply_and_undo, snapshot_of, stopped_by
from tests.remediations.people import found

POLICY = "AWSCloudShellFullAccess"
ODD = "o'neil+a,b@example.org"


def seed(account: AccountBuilder) -> None:
    """A role for people with all of CloudShell."""
    account.role("analysts", attached=[POLICY])


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


def planned(account: AccountBuilder, protection: Protection | None = None, **settings: Any) -> Any:
    snapshot = snapshot_of(account, protection)
    (finding,) = found(control, snapshot, **settings)
    return control.plan(finding, snapshot, control.CONTROL.settings(**settings))


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_it_comes_off_and_back(account: AccountBuilder, kind: str) -> None:
    getattr(account, kind)(ODD)
    account.attach(POLICY, **{kind: ODD})
    fix = planned(account)
    assert isinstance(fix, Plan)
    assert [step.do.operation for step in fix.steps] == [f"Detach{kind.capitalize()}Policy"]
    for _ in apply_and_undo(account, fix):
        assert not found(control, snapshot_of(account))


@pytest.mark.parametrize("policy", ["AdministratorAccess", "ReadOnlyAccess"])
def test_other_policies_are_none_of_its_business(account: AccountBuilder, policy: str) -> None:
    account.role("r", attached=[policy])
    assert not found(control, snapshot_of(account))


def test_a_policy_of_ones_own_by_that_name_is_another(account: AccountBuilder) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "cloudshell:*", "Resource": "*"}],
    }
    account.role("r")
    account.attach(account.policy(POLICY, document), role="r")
    assert not found(control, snapshot_of(account))


def test_who_is_left_out(account: AccountBuilder) -> None:
    seed(account)
    account.identity_center_role("Shell", attached=[POLICY])
    snapshot = snapshot_of(account)
    assert [each.resource.name for each in found(control, snapshot)] == ["analysts"]
    assert not found(control, snapshot, allowed=["*:role/analysts"])
    glass = Protection(break_glass=("*:role/analysts",))
    assert not found(control, snapshot_of(account, glass))
    assert found(control, snapshot_of(account, Protection(protected=("*:role/analysts",))))


def test_a_group_that_serves_someone_who_must_keep_it_is_for_people(
    account: AccountBuilder,
) -> None:
    for name in ("alice", "glass"):
        account.user(name)
    account.group("g", members=["alice", "glass"], attached=[POLICY])
    fix = planned(account, Protection(break_glass=("*:user/glass",)))
    assert isinstance(fix, Manual)
    assert "break-glass" in fix.reason


def test_nothing_is_detached_from_a_namesake(account: AccountBuilder) -> None:
    account.role("analysts", attached=[POLICY])
    fix = planned(account)

    def meddle() -> None:
        account.iam.detach_role_policy(account.aws_policy(POLICY), "analysts")
        account.iam.delete_role("analysts")
        account.role("analysts", attached=[POLICY])

    assert stopped_by(account, fix, "detach", meddle) == ["analysts is another role now"]
