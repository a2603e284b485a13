"""Old keys: idle ones are switched off, for the others people get the exact steps."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Plan, Protection, Risk
from remediations.rotation import old_access_key as control
from tests.remediations.people import ago, found, key, person, planned, seen

SECOND = timedelta(seconds=1)


def seed(account: AccountBuilder) -> None:
    """An old key that was idle for 40 days: too short to be unused, long enough to be idle."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=400), last_used=account.ago(days=40))
    account.key(
        "program", created=account.ago(days=80), status="Inactive", changed=account.ago(days=9)
    )


def just_within(account: AccountBuilder) -> None:
    """Exactly 90 days old, and in use."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=90), last_used=account.ago(days=1))


def just_beyond(account: AccountBuilder) -> None:
    """90 days and a second old, and in use."""
    account.user("program", created=account.ago(days=900))
    account.key("program", created=account.ago(days=90) - SECOND, last_used=account.ago(days=1))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(key(created=ago(90) - SECOND, last_used=ago(1)), True, id="too old"),
        pytest.param(key(created=ago(90), last_used=ago(1)), False, id="at the limit"),
        pytest.param(key(created=ago(400), active=False), False, id="off"),
        pytest.param(key(created=ago(400)), True, id="old and never used"),
    ],
)
def test_which_keys_are_found(one: Any, expected: bool) -> None:
    """Active and older than the limit, used or not."""
    assert bool(found(control, seen(person(keys=(one,))))) is expected


def test_the_real_age_counts_once_the_key_is_named() -> None:
    """The report knows a key by its last change; AWS lists when it was made."""
    reported, listed = key(created=ago(5)), key(created=ago(100), key_id="AKIA1")
    assert not found(control, seen(person(keys=(reported,))))
    assert found(control, seen(person(keys=(reported,), listed=(listed,))))


@pytest.mark.parametrize(
    ("last_used", "kind"),
    [
        pytest.param(ago(30) - SECOND, Plan, id="idle past the margin"),
        pytest.param(ago(30), Manual, id="used at the margin"),
        pytest.param(ago(hours=2), Manual, id="in use"),
        pytest.param(None, Plan, id="never used"),
    ],
)
def test_only_an_idle_key_is_switched_off(last_used: Any, kind: type) -> None:
    """Switching a key in use off would stop what uses it."""
    listed = key(created=ago(100), last_used=last_used, key_id="AKIA1")
    assert isinstance(planned(control, seen(person(listed=(listed,)))), kind)


def test_the_steps_name_user_and_key() -> None:
    """Each command can be copied; nothing in them changes from day to day."""
    listed = key(created=ago(100), last_used=ago(hours=2), key_id="AKIA1")
    fix = planned(control, seen(person("svc+mail@example.org", listed=(listed,))))
    assert isinstance(fix, Manual)
    text = "\n".join(fix.steps)
    for command in ("list-access-keys", "create-access-key", "update-access-key"):
        assert f"aws iam {command} --user-name svc+mail@example.org" in text
    assert "--access-key-id AKIA1 --status Inactive" in text
    assert "hours" not in text
    assert "AKIA1" in fix.reason


def test_protected_users_are_reported() -> None:
    """An old key of a break-glass user is old all the same."""
    alice = person(keys=(key(created=ago(100), last_used=ago(1)),))
    assert found(control, seen(alice, protection=Protection(break_glass=(alice.user.arn,))))


def test_root_is_no_user() -> None:
    """Root's keys are `root-access-key`'s."""
    assert not found(control, seen(root=person("root", keys=(key(created=ago(900)),)).row))


@pytest.mark.parametrize(
    ("policy", "leaked"),
    [
        ("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", True),
        ("arn:aws:iam::123456789012:policy/AWSCompromisedKeyQuarantineV3", False),
    ],
    ids=["AWS's quarantine", "a policy of that name"],
)
def test_a_leaked_key_is_switched_off_for_good(policy: str, leaked: bool) -> None:
    """Nothing promises an undo that Locksmith would refuse; the evidence names the quarantine."""
    one = key(created=ago(100), last_used=ago(50), key_id="AKIA1")
    snapshot = seen(person(listed=(one,), attached=(policy,)))
    (finding,) = found(control, snapshot)
    assert finding.evidence.get("quarantined_by") == ([policy] if leaked else None)
    fix = planned(control, snapshot)
    assert isinstance(fix, Plan)
    assert fix.risk is (Risk.IRREVERSIBLE if leaked else Risk.REVERSIBLE)
    assert (fix.steps[0].undo is None) is leaked
    assert ("leaked" in fix.steps[0].irreversible_because) is leaked
    assert ("until it is switched on" in fix.breaks[0]) is not leaked


def test_it_says_how_long_sessions_stay_open() -> None:
    """A key that is off ends nothing that it opened."""
    fix = planned(control, seen(person(listed=(key(created=ago(100), key_id="AKIA1"),))))
    assert isinstance(fix, Plan)
    assert any("36 hours" in line and "12 hours" in line for line in fix.breaks)
