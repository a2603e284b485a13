"""Certificates that soon run out are for people to replace."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual
from remediations.rotation import expiring_server_certificate as control
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

SECOND = timedelta(seconds=1)
MONTH = timedelta(days=30)


def seed(account: AccountBuilder) -> None:
    """One that is good for ten days; its neighbour is good for a year."""
    ends = account.now + timedelta(days=10)
    account.server_certificate("www.example.org+soon@=,x", expires=ends)
    account.server_certificate("www", expires=account.now + timedelta(days=365))


def just_within(account: AccountBuilder) -> None:
    """Good for exactly 30 days."""
    account.server_certificate("www", expires=account.now + MONTH)


def just_beyond(account: AccountBuilder) -> None:
    """Good for a second less."""
    account.server_certificate("www", expires=account.now + MONTH - SECOND)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=-3), None),
        (timedelta(0), None),
        (SECOND, "expires in 0 days"),
        (timedelta(days=1, hours=5), "expires in 1 day"),
        (timedelta(days=20), "expires in 20 days"),
        (timedelta(days=40), None),
    ],
)
def test_one_that_still_works_and_soon_will_not(left: timedelta, said: str | None) -> None:
    """One that has run out is another control's."""
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.now + left)
        snapshot = look(account)
        findings = found(control, snapshot)
        fixes = [control.plan(each, snapshot, control.CONTROL.settings()) for each in findings]
    assert [each.summary.endswith(str(said)) for each in findings] == ([] if not said else [True])
    assert all(isinstance(fix, Manual) for fix in fixes)


def test_the_steps_to_replace_one_stay_the_same_from_day_to_day() -> None:
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.now + timedelta(days=20))
        digests = set()
        for _ in range(2):
            snapshot = look(account)
            (finding,) = found(control, snapshot)
            digests.add(control.plan(finding, snapshot, control.CONTROL.settings()).digest())
            account.advance(days=1)
    assert len(digests) == 1
