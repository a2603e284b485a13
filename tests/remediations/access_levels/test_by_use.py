"""What a policy allows on everything goes by itself once AWS saw nobody use it, and not before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Finding, Manual, Part, Plan, Protection, Risk, Snapshot
from remediations.access_levels import credentials_exposure as credentials
from remediations.access_levels import data_exfiltration as data
from remediations.access_levels import permissions_management_granted_broadly as permissions
from remediations.access_levels import write_without_resource_limits as writing
from tests.remediations.access_levels.policies import USED, allow, give_unused
from tests.remediations.acting import apply_and_undo
from tests.remediations.contract import NOW
from tests.remediations.looking import look as look_for

#: What each control finds; AWS tracks all of it.
FOUND = {
    "credentials": (credentials, ("ec2:GetPasswordData",)),
    "data": (data, ("ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute")),
    "permissions": (permissions, ("sqs:AddPermission", "sqs:RemovePermission")),
    "writing": (writing, ("sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:TagQueue")),
}
every = pytest.mark.parametrize(("control", "actions"), FOUND.values(), ids=FOUND)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    """It stands still, so that limits are exact."""
    with mock_account(NOW) as account:
        yield account


def look(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    return look_for(account, protection, more=frozenset({Part.POLICY_USE}))


def found(control: ModuleType, snapshot: Snapshot, days: int | None = 90) -> list[Finding]:
    return list(control.detect(snapshot, control.CONTROL.settings(unused_days=days)))


def planned(control: ModuleType, snapshot: Snapshot, days: int | None = 90) -> Plan | Manual:
    (finding,) = found(control, snapshot, days)
    fix = control.plan(finding, snapshot, control.CONTROL.settings(unused_days=days))
    assert isinstance(fix, Plan | Manual)
    return fix


def by_hand(control: ModuleType, snapshot: Snapshot, days: int | None = 90) -> Manual:
    fix = planned(control, snapshot, days)
    assert isinstance(fix, Manual), fix
    return fix


@every
def test_what_nobody_used_goes(
    account: AccountBuilder, control: ModuleType, actions: tuple[str, ...]
) -> None:
    """And only that; undone, all of it is back."""
    give_unused(account, *actions)
    fix = planned(control, look(account))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.DISRUPTIVE
    for _ in apply_and_undo(account, fix):
        now = look(account)
        (policy,) = now.customer_policies
        assert json.loads(policy.default.text)["Statement"][0]["Action"] == [USED]
        assert not found(control, now)


@every
def test_an_inline_policy_is_overwritten(
    account: AccountBuilder, control: ModuleType, actions: tuple[str, ...]
) -> None:
    account.role("worker", created=account.ago(days=400), last_used=account.ago(days=1))
    account.inline("own", allow(USED, *actions), role="worker")
    account.use_action("worker", USED, at=account.ago(days=2))
    fix = planned(control, look(account))
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert not found(control, look(account))


@every
@pytest.mark.parametrize(
    ("ago", "goes"),
    [(timedelta(days=90), False), (timedelta(days=90, seconds=1), True)],
    ids=["within", "beyond"],
)
def test_what_somebody_used_stays(
    account: AccountBuilder,
    control: ModuleType,
    actions: tuple[str, ...],
    ago: timedelta,
    goes: bool,
) -> None:
    """All of them were tried so long ago."""
    give_unused(account, *actions)
    for action in actions:
        account.use_action("worker", action, at=account.now - ago)
    fix = planned(control, look(account))
    assert isinstance(fix, Plan) is goes
    if isinstance(fix, Manual):
        assert fix.reason.endswith("AWS's reports don't show it")


def test_what_is_unused_of_it_people_leave_out_first(account: AccountBuilder) -> None:
    """One of them is in use, so the finding would stay."""
    give_unused(account, "sqs:AddPermission", "sqs:RemovePermission")
    account.use_action("worker", "sqs:AddPermission", at=account.ago(days=1))
    fix = by_hand(permissions, look(account))
    said = "Leave out what nobody used in 90 days, by AWS's reports: sqs:RemovePermission"
    assert fix.steps[1] == said


def test_what_is_left_may_be_too_little_to_count(account: AccountBuilder) -> None:
    """Three writing actions count, two don't: the one that nobody used is enough."""
    give_unused(account, "sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:TagQueue")
    for action in ("sqs:PurgeQueue", "sqs:DeleteQueue"):
        account.use_action("worker", action, at=account.ago(days=1))
    fix = planned(writing, look(account))
    assert isinstance(fix, Plan)
    for _ in apply_and_undo(account, fix):
        assert not found(writing, look(account))


@pytest.mark.parametrize("action", ["iam:PassRole", "sqs:*"])
def test_what_is_not_tracked_stays(account: AccountBuilder, action: str) -> None:
    """Passing roles nobody sees; of a pattern, what is tracked and unused goes."""
    give_unused(account, action)
    fix = planned(permissions, look(account))
    assert isinstance(fix, Plan) is (action == "sqs:*")


@every
def test_off_unless_it_is_set(
    account: AccountBuilder, control: ModuleType, actions: tuple[str, ...]
) -> None:
    give_unused(account, *actions)
    by_hand(control, look(account), days=None)
    settings: Any = control.CONTROL.settings
    assert settings().needs() == frozenset()
    assert Part.POLICY_USE in settings(unused_days=90).needs()
    assert Part.POLICY_USE not in control.CONTROL.needs


@every
def test_reports_that_could_not_be_read_are_said(
    account: AccountBuilder, control: ModuleType, actions: tuple[str, ...]
) -> None:
    give_unused(account, *actions)
    snapshot = look(account)
    parts = {part: seen for part, seen in snapshot.parts.items() if part is not Part.POLICY_USE}
    fix = by_hand(control, replace(snapshot, parts=parts))
    assert fix.reason.endswith("AWS's reports on use could not be read")


@every
def test_whoever_is_protected_keeps_it_for_all(
    account: AccountBuilder, control: ModuleType, actions: tuple[str, ...]
) -> None:
    give_unused(account, *actions)
    fix = by_hand(control, look(account, Protection(protected=("*:role/worker",))))
    assert "protected list" in fix.reason
