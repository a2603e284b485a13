"""The same for groups; what both have in common is in the tests of roles."""

from collections.abc import Iterator

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan
from remediations.managed_policies import inline_policy_on_group as control
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import allow, findings, planned
from tests.remediations.managed_policies import test_inline_policy_on_role as roles
from tests.remediations.managed_policies.moves import prove_nothing_moves


def seed(account: AccountBuilder, number: int = 2) -> None:
    """So many groups with the same document inline, and a member each; one grants more."""
    roles.seed(account, number, "group")
    account.inline("more", allow("sqs:SendMessage"), group="worker")
    for name in ("worker", "sweeper")[:number]:
        account.member("neighbour" if "neighbour" in account.iam.users else _ann(account), name)


def _ann(account: AccountBuilder) -> str:
    if "ann" not in account.iam.users:
        account.user("ann")
    return "ann"


def just_within(account: AccountBuilder) -> None:
    """One group alone."""
    seed(account, 1)


def just_beyond(account: AccountBuilder) -> None:
    """Two."""
    seed(account, 2)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize(("wanted", "found"), [(2, 1), (3, 0)])
def test_how_many_count(account: AccountBuilder, wanted: int, found: int) -> None:
    seed(account)

    assert len(findings(control, snapshot_of(account), groups=wanted)) == found


def test_a_group_and_a_role_are_not_counted_together(account: AccountBuilder) -> None:
    """Groups are for people and roles for programs: each of them is a question of its own."""
    roles.seed(account, 1, "group")
    roles.seed(account, 1, "role")

    assert not findings(control, snapshot_of(account))


def test_members_keep_what_other_policies_give_them(account: AccountBuilder) -> None:
    """A Deny in the document stays one over everything else that they have."""
    seed(account)
    account.attach(account.policy("more", allow("s3:*")), group="worker")
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    prove_nothing_moves(account, fix)
