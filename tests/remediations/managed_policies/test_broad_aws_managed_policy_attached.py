"""AWS's broad policies are found wherever they are attached, and replaced only by less."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Severity
from remediations.managed_policies import broad_aws_managed_policy_attached as control
from tests.remediations.acting import Acting, apply_and_undo, snapshot_of
from tests.remediations.groups.moving import allow, findings, names, planned

AWS = "arn:aws:iam::aws:policy"
SETTINGS = {"replacements": {"AmazonS3FullAccess": "AmazonS3ReadOnlyAccess"}}


def seed(account: AccountBuilder) -> None:
    """A role that may do anything with every bucket."""
    account.role("reports", attached=["AmazonS3FullAccess"])


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize("kind", ["user", "group", "role"])
@pytest.mark.parametrize("name", ["reports", "a@b", "a,b", "a+b=c"])
def test_the_smaller_one_comes_first(account: AccountBuilder, kind: str, name: str) -> None:
    """And only once it is there does the broad one go; undone, both are as they were."""
    getattr(account, kind)(name)
    account.attach("AmazonS3FullAccess", **{kind: name})
    fix = planned(control, account, **SETTINGS)
    assert names(fix) == ["attach-replacement", "detach"]
    assert isinstance(fix, Plan)
    assert Guard.on(snapshot_of(account))(fix) is None
    assert any(each.startswith("Stops working: ") and "s3:" in each for each in fix.breaks)
    new = f"{AWS}/AmazonS3ReadOnlyAccess"
    assert f"{new} is not attached to {name}" in Acting(account, fix).broken(fix.steps[1].before)

    for _ in apply_and_undo(account, fix):
        snapshot = snapshot_of(account)
        (holder,) = (*snapshot.users, *snapshot.groups, *snapshot.roles)
        assert holder.attached == (new,)
        assert not findings(control, snapshot, **SETTINGS)


@pytest.mark.parametrize(
    ("policy", "severity"),
    [
        ("IAMFullAccess", Severity.HIGH),
        ("PowerUserAccess", Severity.MEDIUM),
        ("AmazonEC2FullAccess", Severity.LOW),
        ("AWSLambda_FullAccess", Severity.LOW),
        ("AdministratorAccess", None),  # another control asks about it
        ("AmazonS3ReadOnlyAccess", None),
        ("job-function/ViewOnlyAccess", None),
    ],
)
def test_what_is_broad(account: AccountBuilder, policy: str, severity: Severity | None) -> None:
    account.role("r")
    account.attach(f"{AWS}/{policy}", role="r")

    found = findings(control, snapshot_of(account))

    assert [each.severity for each in found] == ([severity] if severity else [])


def test_a_policy_of_ones_own_may_be_called_so(account: AccountBuilder) -> None:
    """A name says nothing: only AWS's own are known by it."""
    account.role("r", attached=[account.policy("QueuesFullAccess", allow())])

    assert not findings(control, snapshot_of(account))


@pytest.mark.parametrize(
    ("protection", "settings", "reported"),
    [
        (Protection(), {}, 1),
        (Protection(break_glass=("*:user/alice",)), {}, 0),
        (Protection(own=("arn:aws:iam::123456789012:user/alice",)), {}, 0),
        (Protection(), {"administrators": ["*:user/ali*"]}, 0),
        (Protection(), {"broad": ["*EC2*"]}, 0),
        (Protection(protected=("*:user/alice",)), {}, 1),  # protected is no excuse
    ],
)
def test_who_may_have_it(
    account: AccountBuilder, protection: Protection, settings: dict[str, Any], reported: int
) -> None:
    account.user("alice")
    account.attach("AmazonS3FullAccess", user="alice")

    assert len(findings(control, snapshot_of(account, protection), **settings)) == reported


def test_roles_that_only_aws_changes(account: AccountBuilder) -> None:
    account.identity_center_role("Power", attached=["PowerUserAccess"])
    account.role("AWSControlTowerExecution", attached=["PowerUserAccess"])

    assert not findings(control, snapshot_of(account))


def test_without_a_replacement_people_choose(account: AccountBuilder) -> None:
    seed(account)

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert fix.reason == "only people know what role reports needs of AmazonS3FullAccess"


@pytest.mark.parametrize(
    ("replacement", "why"),
    [
        ("AmazonSQSReadOnlyAccess", "AmazonSQSReadOnlyAccess allows more: sqs:"),
        ("AdministratorAccess", "AdministratorAccess allows more: "),
        ("NoSuchPolicy", "the text of arn:aws:iam::aws:policy/NoSuchPolicy is not known here"),
        ("AWSCompromisedKeyQuarantineV3", "a Deny in AmazonS3FullAccess or AWSCompromised"),
        # another path than AWS's own
        ("job-function/AmazonS3ReadOnlyAccess", "the text of arn:aws:iam::aws:policy/job-"),
    ],
)
def test_a_replacement_that_is_not_surely_less(
    account: AccountBuilder, replacement: str, why: str
) -> None:
    """Then nothing is attached: the other policy would give what was not there."""
    seed(account)

    fix = planned(control, account, replacements={"AmazonS3FullAccess": replacement})

    assert isinstance(fix, Manual)
    assert fix.reason.startswith(why)


@pytest.mark.parametrize(("allowed", "manual"), [(2, False), (1, True)])
def test_room_for_the_replacement(account: AccountBuilder, allowed: int, manual: bool) -> None:
    seed(account)
    account.quota("AttachedPoliciesPerRoleQuota", allowed)

    assert isinstance(planned(control, account, **SETTINGS), Manual) is manual


def test_a_protected_member_of_the_group(account: AccountBuilder) -> None:
    """The group is a finding, but nothing is taken from who must keep it."""
    account.user("keep")
    account.user("other")
    account.group("g", members=["keep", "other"], attached=["AmazonS3FullAccess"])

    fix = planned(control, account, Protection(protected=("*:user/keep",)), **SETTINGS)

    assert isinstance(fix, Manual)
    assert "user keep" in fix.reason
