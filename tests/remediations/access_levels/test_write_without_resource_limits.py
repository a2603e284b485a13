"""Writing is limited to resources where AWS lets it be; where it doesn't, nothing is said."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder
from remediations.access_levels import write_without_resource_limits as control
from tests.remediations.access_levels.policies import Common, allow, give, give_unused
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings

ACTIONS = (
    "sqs:DeleteMessage",
    "sqs:PurgeQueue",
    "sqs:SendMessage",
)

#: AWS saw nobody use them.
SETTINGS = {"unused_days": 90}


THREE = ("sns:Publish", "sns:DeleteTopic", "sns:CreateTopic")


def seed(account: AccountBuilder) -> None:
    """A role of old with a policy that allows three on every resource, and uses none of them."""
    give_unused(account, *THREE)


def plan_just_within(account: AccountBuilder) -> None:
    """All of them were tried 90 days ago."""
    give_unused(account, *THREE, tried=timedelta(days=90))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    give_unused(account, *THREE, tried=timedelta(days=90, seconds=1))


def just_within(account: AccountBuilder) -> None:
    """Two actions."""
    give(account, allow(*ACTIONS[:2]))


def just_beyond(account: AccountBuilder) -> None:
    """Three."""
    seed(account)


class TestWriteWithoutResourceLimits(Common):
    """What all of these controls have in common, and what this one is about."""

    control = control
    actions = ACTIONS
    arn = "arn:aws:sqs:eu-west-1:1:q"

    @pytest.mark.parametrize(("number", "found"), [(2, 0), (3, 1)])
    def test_how_many_count(self, account: AccountBuilder, number: int, found: int) -> None:
        give(account, allow(*self.actions[:number]))

        assert len(findings(control, snapshot_of(account))) == found
        assert findings(control, snapshot_of(account), actions=number)
        assert not findings(control, snapshot_of(account), actions=number + 1)

    @pytest.mark.parametrize(
        "actions",
        [
            ("s3:CreateJob", "ec2:CreateDefaultVpc", "ec2:DeleteSpotDatafeedSubscription"),
            ("sqs:GetQueueUrl", "sqs:ListQueues", "sqs:ReceiveMessage"),
            ("unheard-of:Do", "unheard-of:Undo", "unheard-of:Redo"),
        ],
        ids=["no resources", "reading", "nobody knows them"],
    )
    def test_what_can_not_be_limited(
        self, account: AccountBuilder, actions: tuple[str, ...]
    ) -> None:
        give(account, allow(*actions))

        assert not findings(control, snapshot_of(account), actions=1)

    def test_services_that_are_allowed(self, account: AccountBuilder) -> None:
        give(account, allow(*self.actions))

        assert not findings(control, snapshot_of(account), allowed=["SQS"])
