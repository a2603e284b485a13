"""Of two active keys the idle one is switched off while the other one works."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, Protection, Risk
from remediations.unused_credentials import second_active_key_unused as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "two+keys,one@example.org"


def _pair(account: AccountBuilder, idle: timedelta) -> str:
    account.user(NAME, path="/programs/", created=account.ago(days=500))
    account.key(NAME, created=account.ago(days=80), last_used=account.ago(hours=2))
    return account.key(NAME, created=account.ago(days=70), last_used=account.now - idle)


def seed(account: AccountBuilder) -> None:
    """A program that uses its older key; the newer one was tried once."""
    _pair(account, timedelta(days=40))


def just_within(account: AccountBuilder) -> None:
    """The second key was used exactly 30 days ago."""
    _pair(account, timedelta(days=30))


def just_beyond(account: AccountBuilder) -> None:
    """The second key was used 30 days and a second ago."""
    _pair(account, timedelta(days=30) + SECOND)


USED = key(created=ago(300), last_used=ago(1), slot=1)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param((USED, key(created=ago(80), last_used=ago(31), slot=2)), [2], id="idle"),
        pytest.param(
            (USED, key(created=ago(80), last_used=ago(30), slot=2)), [], id="at the limit"
        ),
        pytest.param((USED, key(created=ago(31), slot=2)), [2], id="never used"),
        pytest.param((USED, key(created=ago(30), slot=2)), [], id="never used, still young"),
        pytest.param((USED, key(created=ago(80), slot=2, active=False)), [], id="off"),
        pytest.param((USED,), [], id="one key"),
        pytest.param((key(created=ago(80), last_used=ago(50)),), [], id="one idle key"),
        pytest.param(
            (key(created=ago(80), last_used=ago(31)), key(created=ago(80), slot=2)),
            [],
            id="neither is in use",
        ),
        pytest.param(
            (key(created=ago(400), last_used=ago(31)), key(created=ago(2), slot=2)),
            [],
            id="a rotation whose new key has not been used yet",
        ),
        pytest.param(
            (
                key(created=ago(400), last_used=ago(31)),
                key(created=ago(40), last_used=ago(1), slot=2),
            ),
            [1],
            id="the older one was left behind",
        ),
        pytest.param(
            (key(created=ago(400), last_used=ago(1), active=False), key(created=ago(80), slot=2)),
            [],
            id="the one in use is off by now",
        ),
    ],
)
def test_which_keys_are_found(keys: Any, expected: list[int]) -> None:
    """The idle one of two, while the other one is in use."""
    findings = found(control, seen(person(keys=keys)))
    assert [each.resource.key.slot for each in findings if each.resource.key] == expected


def test_keys_beyond_aws_own_limit_count_each() -> None:
    """More than two keys happen where they were made at the same moment."""
    idle = [key(created=ago(90), key_id=f"AKIA{number}") for number in range(3)]
    used = key(created=ago(90), last_used=ago(1), key_id="AKIAUSED")
    findings = found(control, seen(person(listed=(*idle, used))))
    assert [each.subject for each in findings] == ["AKIA0", "AKIA1", "AKIA2"]
    assert {each.evidence["key_in_use"] for each in findings} == {"AKIAUSED"}


def test_one_users_key_does_not_vouch_for_anothers() -> None:
    """Two people with one key each have no second one."""
    alice = person(keys=(USED,))
    bob = person("bob", keys=(key(created=ago(90)),))
    assert not found(control, seen(alice, bob))


def test_keys_of_smtp_users_are_left_alone() -> None:
    """A sign-in of a mail server is not a use that IAM is sure to write down."""
    keys = (USED, key(created=ago(80), slot=2))
    assert not found(control, seen(person("ses-smtp-user.20240101-120000", keys=keys)))


def test_break_glass_is_left_out() -> None:
    """Its keys are people's to settle."""
    one = person(keys=(USED, key(created=ago(80), slot=2)))
    assert found(control, seen(one))
    assert not found(control, seen(one, protection=Protection(break_glass=(one.user.arn,))))


@pytest.mark.parametrize(
    ("status", "why"),
    [("Active", "was used"), ("Inactive", "has no other active key any more")],
)
def test_what_happened_meanwhile_stops_it(status: str, why: str) -> None:
    """The idle key was used after all, or the other one was switched off."""
    with mock_account(NOW) as account:
        idle = _pair(account, timedelta(days=40))
        fix = planned(control, look(account))
        assert isinstance(fix, Plan)
        acting, client = Acting(account, fix), account.client()
        assert not acting.broken(fix.steps[0].before)
        keys = client.list_access_keys(UserName=NAME)["AccessKeyMetadata"]
        (other,) = [each["AccessKeyId"] for each in keys if each["AccessKeyId"] != idle]
        if status == "Active":
            account.use_key(idle)
        else:
            client.update_access_key(UserName=NAME, AccessKeyId=other, Status=status)
        assert any(why in said for said in acting.broken(fix.steps[0].before))


def test_a_leaked_key_is_switched_off_for_good() -> None:
    """Nothing promises an undo that Locksmith would refuse."""
    arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"
    listed = (
        key(created=ago(90), last_used=ago(1), key_id="AKIA1"),
        key(created=ago(90), key_id="AKIA2"),
    )
    fix = planned(control, seen(person(listed=listed, attached=(arn,))))
    assert isinstance(fix, Plan)
    assert fix.risk is Risk.IRREVERSIBLE
