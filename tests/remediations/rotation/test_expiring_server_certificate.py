"""Certificates that have run out are deleted, those that will are for people to replace."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Manual, Plan, Risk
from remediations.rotation import expiring_server_certificate as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

SECOND = timedelta(seconds=1)
MONTH = timedelta(days=30)


def seed(account: AccountBuilder) -> None:
    """One that ended ten days ago; its neighbour is good for a year."""
    account.server_certificate("www.example.org+old@=,x", expires=account.ago(days=10))
    account.server_certificate("www", expires=account.now + timedelta(days=365))


def just_within(account: AccountBuilder) -> None:
    """Good for exactly 30 days."""
    account.server_certificate("www", expires=account.now + MONTH)


def just_beyond(account: AccountBuilder) -> None:
    """Good for a second less."""
    account.server_certificate("www", expires=account.now + MONTH - SECOND)


@pytest.mark.parametrize(
    ("left", "kind", "said"),
    [
        (timedelta(0), Plan, "has expired 0 days ago"),
        (-SECOND, Plan, "has expired 0 days ago"),
        (timedelta(days=-3), Plan, "has expired 3 days ago"),
        (SECOND, Manual, "expires in 0 days"),
        (timedelta(days=20), Manual, "expires in 20 days"),
    ],
)
def test_only_one_that_has_expired_is_deleted(left: timedelta, kind: type, said: str) -> None:
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.now + left)
        snapshot = look(account)
        (finding,) = found(control, snapshot)
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert said in finding.summary
    assert isinstance(fix, kind)
    if isinstance(fix, Plan):
        assert fix.risk is Risk.IRREVERSIBLE


def test_one_that_was_replaced_under_the_same_name_is_not_deleted() -> None:
    """A new one took the name between the yes and the call."""
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.ago(days=1))
        snapshot = look(account)
        (finding,) = found(control, snapshot)
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
        assert isinstance(fix, Plan)
        account.client().delete_server_certificate(ServerCertificateName="www")
        account.server_certificate("www", expires=account.now + MONTH)
        broken = Acting(account, fix).broken(fix.steps[0].before)
    assert broken == ["www is another certificate now", "www has not expired"]


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
