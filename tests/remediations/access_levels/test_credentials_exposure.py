"""Actions that give credentials of others are named, with why."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder
from bot.policy import expand
from remediations.access_levels import credentials_exposure as control
from remediations.access_levels.credentials_exposure import EXPOSING
from tests.remediations.access_levels.policies import Common, allow, give, give_unused
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import findings

ACTIONS = ("redshift:GetClusterCredentials",)

#: AWS saw nobody use them.
SETTINGS = {"unused_days": 90}


def seed(account: AccountBuilder) -> None:
    """A role of old with a policy that allows them on every resource, and uses none of them."""
    give_unused(account, *ACTIONS)


def plan_just_within(account: AccountBuilder) -> None:
    """All of them were tried 90 days ago."""
    give_unused(account, *ACTIONS, tried=timedelta(days=90))


def plan_just_beyond(account: AccountBuilder) -> None:
    """A second longer ago."""
    give_unused(account, *ACTIONS, tried=timedelta(days=90, seconds=1))


class TestCredentialsExposure(Common):
    """What all of these controls have in common, and what this one is about."""

    control = control
    actions = ACTIONS
    arn = "arn:aws:redshift:eu-west-1:1:dbuser:c/u"

    @pytest.mark.parametrize("action", EXPOSING)
    def test_each_of_the_list(self, account: AccountBuilder, action: str) -> None:
        """AWS knows them all, and each says why it is on the list."""
        assert expand(action) == {action}
        give(account, allow(action.lower()))

        (finding,) = findings(control, snapshot_of(account))

        assert finding.evidence["why"] == [f"{action}: {EXPOSING[action]}"]
        assert not findings(control, snapshot_of(account), allowed_actions=[action.upper()])

    @pytest.mark.parametrize("action", ["sts:GetCallerIdentity", "ecr:GetAuthorizationToken"])
    def test_look_alikes(self, account: AccountBuilder, action: str) -> None:
        give(account, allow(action))

        assert not findings(control, snapshot_of(account))
