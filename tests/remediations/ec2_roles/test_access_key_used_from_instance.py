"""A key that CloudTrail saw coming from an instance's address lies on that instance."""

from dataclasses import replace
from typing import Any

import pytest

from bot.aws.key_uses import with_key_uses
from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Part, Protection
from remediations.ec2_roles import access_key_used_from_instance as control
from tests.remediations.contract import NOW
from tests.remediations.ec2_roles.running import one_region
from tests.remediations.looking import Looker, look
from tests.remediations.people import found, planned
from tests.remediations.renaming import ANYTHING

SETTINGS: dict[str, Any] = {"enabled": True}
PARTS = control.CONTROL.needs
OWNER = {"owner": "team@example.org"}


def seed(account: AccountBuilder) -> None:
    """One program's key comes from an instance, another one's from the office."""
    one_region(account)
    account.instance(ANYTHING)
    for name, where in (("reporter", address_of(account)), ("mailer", "198.51.100.7")):
        account.user(name, tags=OWNER, groups=["readers"])
        used = account.ago(hours=2)
        key = account.key(name, created=account.ago(days=20), last_used=used, region="us-east-1")
        account.called_from(where, key, at=used)


def address_of(account: AccountBuilder) -> str:
    """The public address of the account's one instance."""
    (reservation,) = account.client("ec2").describe_instances()["Reservations"]
    return str(reservation["Instances"][0]["PublicIpAddress"])


def test_the_key_and_the_instance_are_named() -> None:
    with mock_account(NOW) as account:
        account.group("readers")
        seed(account)
        snapshot = look(account, more=PARTS)
        (finding,) = found(control, snapshot)
        fix = planned(control, snapshot)
    assert finding.resource.name == "reporter"
    assert "reporter" in finding.summary
    assert isinstance(fix, Manual)
    assert str(finding.evidence["instance"]) in fix.steps[0]


@pytest.mark.parametrize("days", [29, 31])
def test_a_key_that_lies_idle_is_another_control_s_business(days: int) -> None:
    with mock_account(NOW) as account:
        one_region(account)
        account.instance("reports")
        account.user("reporter")
        used = account.ago(days=days)
        key = account.key("reporter", created=account.ago(days=60), last_used=used)
        account.called_from(address_of(account), key, at=used)
        assert len(found(control, look(account, more=PARTS))) == (days < 30)


def test_a_user_who_is_gone_meanwhile_is_no_finding() -> None:
    with mock_account(NOW) as account:
        account.group("readers")
        seed(account)
        snapshot = look(account, more=PARTS)
    left = tuple(user for user in snapshot.users if user.name != "reporter")
    assert found(control, replace(snapshot, parts={**snapshot.parts, Part.USERS: left})) == []


def test_break_glass_users_are_left_alone() -> None:
    with mock_account(NOW) as account:
        account.group("readers")
        seed(account)
        glass = Protection(break_glass=("arn:aws:iam::*:user/reporter",))
        assert found(control, look(account, glass, more=PARTS)) == []


def test_too_many_keys_are_not_looked_at_in_part() -> None:
    with mock_account(NOW) as account, Looker(account, PARTS) as looker:
        account.group("readers")
        seed(account)
        snapshot = looker.look()
        again = with_key_uses(looker.connection, snapshot, 3)
    assert again.parts[Part.KEY_USES] == ()
    assert "inventory.listing_budget" in again.unavailable[Part.KEY_USES].error
