"""A user without groups and policies is for people to place; the commands are there to copy."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Protection
from remediations.groups import user_in_no_group as control
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import allow, findings, planned

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def seed(account: AccountBuilder, days: float = 40) -> None:
    """A user with an owner, and nothing to be allowed."""
    account.user("ann", created=account.ago(days=days), tags={"team": "web", "owner": "a@b.org"})


def just_within(account: AccountBuilder) -> None:
    """Made seven days ago."""
    seed(account, 7)


def just_beyond(account: AccountBuilder) -> None:
    """Made a second more than seven days ago."""
    seed(account, 7 + 1 / 86400)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account() as account:
        yield account


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"attached": ["IAMUserChangePassword"]}, True, id="a password reset's policy"),
        pytest.param({"attached": ["AWSCompromisedKeyQuarantineV3"]}, True, id="a quarantine"),
        pytest.param({"attached": [READ]}, False, id="a policy of its own"),
        pytest.param({"inline": allow()}, False, id="an inline policy"),
        pytest.param({"groups": ["web"]}, False, id="a group"),
    ],
)
def test_who_counts(account: AccountBuilder, held: dict[str, Any], expected: bool) -> None:
    """Whoever has policies is another control's."""
    account.group("web")
    account.user("ann", created=account.ago(days=40), groups=held.get("groups", ()))
    for policy in held.get("attached", ()):
        account.attach(policy, user="ann")
    if "inline" in held:
        account.inline("notes", held["inline"], user="ann")

    assert bool(findings(control, snapshot_of(account))) is expected


@pytest.mark.parametrize(
    "protection",
    [
        pytest.param(Protection(break_glass=("*:user/ann",)), id="break-glass"),
        pytest.param(Protection(own=("arn:aws:iam::123456789012:user/ann",)), id="own"),
    ],
)
def test_break_glass_and_own_users_are_left_out(
    account: AccountBuilder, protection: Protection
) -> None:
    seed(account)
    assert findings(control, snapshot_of(account))
    assert not findings(control, snapshot_of(account, protection))


def test_groups_of_the_team_are_named_the_largest_first(account: AccountBuilder) -> None:
    """Only those of people with the same tag, whatever the case of its key."""
    seed(account)
    for number, groups in enumerate((["web", "deploy"], ["web"], [])):
        for group in groups:
            if group not in account.iam.groups:
                account.group(group)
        account.user(f"w{number}", tags={"Team": "web"}, groups=groups)
    account.group("data")
    account.user("d", tags={"team": "data"}, groups=["data"])

    fix = planned(control, account)

    assert isinstance(fix, Manual)
    assert "--group-name web or aws iam" in fix.steps[1]
    assert "--group-name deploy" in fix.steps[1]
    assert "data" not in fix.steps[1]


def test_who_sends_mail_is_left_out(account: AccountBuilder) -> None:
    """By the name that Amazon SES gave; what it may do stands in a policy that is gone."""
    account.user("ses-smtp-user.20250312-101500", created=account.ago(days=400))
    account.key("ses-smtp-user.20250312-101500")

    assert not findings(control, snapshot_of(account))


def test_without_a_team_the_group_is_open(account: AccountBuilder) -> None:
    """Others without a team are no team."""
    account.user("ann", created=account.ago(days=40))
    account.group("web")
    account.user("bob", groups=["web"])
    fix = planned(control, account)
    assert isinstance(fix, Manual)
    assert "--group-name GROUP" in fix.steps[1]


@pytest.mark.parametrize("name", ["a@b", "a,b", "a+b=c", "-rf"])
def test_commands_can_be_copied_whatever_the_name(account: AccountBuilder, name: str) -> None:
    """A shell takes the name for one word."""
    account.user(name, created=account.ago(days=40))
    fix = planned(control, account)
    assert isinstance(fix, Manual)
    command = fix.steps[0].partition(": ")[2]
    assert shlex.split(command)[-1] == name
