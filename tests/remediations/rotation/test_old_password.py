"""Old passwords are for their owners to change, where the policy doesn't make them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Protection
from remediations.rotation import old_password as control
from tests.remediations.people import STRONG, ago, found, person, planned, seen

SECOND = timedelta(seconds=1)
NAME = "left,behind+one@example.org"
#: Below the age at which the healthy account's policy asks for a new one by itself.
SETTINGS = {"days": 60}
NEVER = replace(STRONG, max_age=0)


def _signs_in(account: AccountBuilder, changed: timedelta) -> None:
    account.user(NAME, created=account.ago(days=900))
    account.mfa(NAME, kind="fido")
    account.password(NAME, changed=account.now - changed, last_used=account.ago(days=1))


def seed(account: AccountBuilder) -> None:
    """Somebody who signs in every day, with a password of seventy days."""
    _signs_in(account, timedelta(days=70))


def just_within(account: AccountBuilder) -> None:
    """Changed exactly a year ago, where no policy asks for a new one."""
    account.password_policy(max_age=0)
    _signs_in(account, timedelta(days=365))


def just_beyond(account: AccountBuilder) -> None:
    """Changed a year and a second ago."""
    account.password_policy(max_age=0)
    _signs_in(account, timedelta(days=365) + SECOND)


@pytest.mark.parametrize(
    ("facts", "max_age", "expected"),
    [
        pytest.param({"changed": ago(366)}, 0, True, id="too old"),
        pytest.param({"changed": ago(365)}, 0, False, id="at the limit"),
        pytest.param({"changed": ago(366)}, 400, True, id="the policy asks later"),
        pytest.param({"changed": ago(366)}, 90, False, id="the policy asks at the next sign-in"),
        pytest.param({"changed": ago(366)}, 366, True, id="the policy asks tomorrow"),
        pytest.param({}, 0, True, id="no change known, user is old"),
        pytest.param({"created": ago(3)}, 0, False, id="no change known, user is new"),
        pytest.param({"changed": ago(900), "password": False}, 0, False, id="no password"),
    ],
)
def test_which_passwords_are_found(facts: dict[str, Any], max_age: int, expected: bool) -> None:
    one = person(**{"password": True, **facts})
    policy = replace(STRONG, max_age=max_age)
    assert bool(found(control, seen(one, policy=policy))) is expected


def test_break_glass_is_left_out() -> None:
    one = person(password=True, changed=ago(900))
    spared = Protection(break_glass=(one.user.arn,))
    assert not found(control, seen(one, policy=NEVER, protection=spared))


@pytest.mark.parametrize("may_change", [True, False])
def test_who_may_not_change_it_is_not_asked_first(may_change: bool) -> None:
    one = person(password=True, changed=ago(900))
    policy = replace(NEVER, users_may_change=may_change)
    fix = planned(control, seen(one, policy=policy))
    assert isinstance(fix, Manual)
    assert fix.steps[0].startswith("Users here may not") is not may_change
    assert any("--password-reset-required" in each for each in fix.steps)
