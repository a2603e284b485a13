"""A group that nobody is in is taken apart and deleted, unless somebody joins meanwhile."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.engine.protecting import Guard
from bot.model import Manual, Plan, Protection, Risk
from remediations.groups import empty_group as control
from tests.remediations.acting import Acting, rights, snapshot_of, stopped_by
from tests.remediations.groups.moving import allow, findings, names, planned

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
HOSTILE = ["a@b", "a,b", "a+b", "a=b", "it.s-a_group"]


def seed(account: AccountBuilder, days: float = 40, name: str = "old-team") -> None:
    """A group of old with policies of both kinds and without members."""
    account.group(name, created=account.ago(days=days), attached=[READ])
    account.inline("notes", allow(), group=name)


def just_within(account: AccountBuilder) -> None:
    """Made 30 days ago."""
    seed(account, 30)


def just_beyond(account: AccountBuilder) -> None:
    """Made a second more than 30 days ago."""
    seed(account, 30 + 1 / 86400)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_emptied_and_deleted(account: AccountBuilder, name: str) -> None:
    """The policies come off first; the finding is gone with the group."""
    seed(account, name=name)
    fix = planned(control, account)
    assert names(fix) == ["detach-1", "delete-1", "delete-group"]
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE

    Acting(account, fix).apply()

    assert not snapshot_of(account).groups
    assert not findings(control, snapshot_of(account))


def test_until_it_is_deleted_all_can_be_put_back(account: AccountBuilder) -> None:
    """The steps before the last one are undone exactly."""
    seed(account)
    before = rights(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    acting = Acting(account, fix)
    acting.apply(until="delete-group")
    assert rights(account) != before

    acting.steps = acting.steps[:-1]
    acting.undo()

    assert rights(account) == before


@pytest.mark.parametrize(
    ("made", "settings"),
    [
        pytest.param({"members": ["ann"]}, {}, id="somebody is in it"),
        pytest.param({}, {"left_alone": ["season-*"]}, id="left alone"),
        pytest.param({}, {"days": 41}, id="younger than the limit that was set"),
    ],
)
def test_what_does_not_count(
    account: AccountBuilder, made: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Look-alikes; the same group without the difference is found."""
    account.user("ann")
    account.group("season-1", created=account.ago(days=40), **made)
    account.group("season-2", created=account.ago(days=29))

    assert not findings(control, snapshot_of(account), **settings)
    account.group("other", created=account.ago(days=50))
    assert [each.resource.name for each in findings(control, snapshot_of(account), **settings)] == [
        "other"
    ]


def test_a_protected_group_is_not_looked_at(account: AccountBuilder) -> None:
    """And a plan for it would be refused: the guard knows the group by its ARN."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)
    protection = Protection(protected=("*:group/old-*",))

    assert not findings(control, snapshot_of(account, protection))
    assert "protected list" in (Guard.on(snapshot_of(account, protection))(fix) or "")
    assert Guard.on(snapshot_of(account))(fix) is None


@pytest.mark.parametrize("until", ["detach-1", "delete-1", "delete-group"])
def test_somebody_joins_meanwhile(account: AccountBuilder, until: str) -> None:
    """Then nothing more is taken from the group."""
    seed(account)
    account.user("ann")
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    why = stopped_by(account, fix, until, lambda: account.member("ann", "old-team"))

    assert why == ["somebody is in old-team by now"]


def test_another_group_of_that_name(account: AccountBuilder) -> None:
    """Made anew meanwhile, it is none of this plan's business."""
    seed(account)
    fix = planned(control, account)
    assert isinstance(fix, Plan)

    def anew() -> None:
        del account.iam.groups["old-team"]
        account.group("old-team")

    assert "old-team is another group now" in stopped_by(account, fix, "delete-group", anew)


def test_a_document_that_can_not_be_kept(account: AccountBuilder) -> None:
    """What can't be written down exactly isn't deleted by Locksmith."""
    seed(account)
    account.inline(
        "odd", allow(Condition={"NumericEquals": {"s3:max-keys": 1.5}}), group="old-team"
    )

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert "can't be kept exactly" in fix.reason
