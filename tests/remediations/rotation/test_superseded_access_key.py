"""The older key goes once the newer one is used and nobody misses the older."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Plan, Protection
from remediations.rotation import superseded_access_key as control
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)


def seed(account: AccountBuilder) -> None:
    """A rotation that stopped half way: the new key is used, the old one forgotten."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=80), last_used=account.ago(days=20))
    account.key("program", created=account.ago(days=22), last_used=account.ago(days=1))


def just_within(account: AccountBuilder) -> None:
    """Idle for exactly 14 days."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=80), last_used=account.ago(days=14))
    account.key("program", created=account.ago(days=22), last_used=account.ago(days=1))


def just_beyond(account: AccountBuilder) -> None:
    """Idle for 14 days and a second."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=80), last_used=account.ago(days=14) - SECOND)
    account.key("program", created=account.ago(days=22), last_used=account.ago(days=1))


OLD = key(created=ago(80), last_used=ago(20), key_id="AKIAOLD")
NEW = key(created=ago(22), last_used=ago(1), key_id="AKIANEW", slot=2)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param((OLD, NEW), ["AKIAOLD"], id="followed"),
        pytest.param((NEW, OLD), ["AKIAOLD"], id="whatever the order"),
        pytest.param((OLD,), [], id="alone"),
        pytest.param((OLD, key(created=ago(22), key_id="AKIANEW")), [], id="the new one unused"),
        pytest.param(
            (OLD, key(created=ago(22), last_used=ago(21), key_id="AKIANEW")),
            [],
            id="the old one was used after the new one",
        ),
        pytest.param(
            (OLD, key(created=ago(22), last_used=ago(1), active=False, key_id="AKIANEW")),
            [],
            id="the new one is off",
        ),
        pytest.param(
            (key(created=ago(80), last_used=ago(3), key_id="AKIAOLD"), NEW), [], id="still used"
        ),
        pytest.param(
            (key(created=ago(80), active=False, key_id="AKIAOLD"), NEW), [], id="already off"
        ),
        pytest.param(
            (key(created=ago(80), key_id="AKIAOLD"), NEW), ["AKIAOLD"], id="the old one never used"
        ),
        pytest.param(
            (OLD, key(created=ago(60), last_used=ago(30), key_id="AKIAMID"), NEW),
            ["AKIAMID", "AKIAOLD"],
            id="three keys",
        ),
    ],
)
def test_which_keys_are_found(keys: Any, expected: list[str]) -> None:
    assert sorted(each.subject for each in found(control, seen(person(listed=keys)))) == expected


def test_the_newer_key_is_never_touched() -> None:
    """Two keys for two purposes, the newer one used seldom: nothing of it is said."""
    seldom = key(created=ago(22), last_used=ago(15), key_id="AKIANEW")
    busy = key(created=ago(80), last_used=ago(1), key_id="AKIAOLD")
    assert not found(control, seen(person(listed=(busy, seldom))))


@pytest.mark.parametrize("name", ["ses-smtp-user.20240101-120000", "program"])
def test_smtp_users_are_left_alone(name: str) -> None:
    """SMTP sign-ins may not show as a use of the key."""
    assert bool(found(control, seen(person(name, listed=(OLD, NEW))))) is (name == "program")


def test_break_glass_users_are_left_alone() -> None:
    alice = person(listed=(OLD, NEW))
    assert not found(control, seen(alice, protection=Protection(break_glass=(alice.user.arn,))))


def test_it_is_switched_off_and_can_be_switched_on_again() -> None:
    fix = planned(control, seen(person(listed=(OLD, NEW))))
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params == {
        "UserName": "alice",
        "AccessKeyId": "AKIAOLD",
        "Status": "Inactive",
    }
    assert step.undo is not None
    assert step.undo.params["Status"] == "Active"
    assert any(expect.value == 14 for expect in step.before)


def test_the_evidence_tells_of_the_newer_key() -> None:
    (finding,) = found(control, seen(person(listed=(OLD, NEW))))
    assert finding.evidence["newer_key"] == "AKIANEW"
    assert "alice works with a newer access key" in finding.summary
