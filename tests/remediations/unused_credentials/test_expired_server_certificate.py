"""Certificates that have run out are deleted."""

from datetime import timedelta

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, Risk
from remediations.unused_credentials import expired_server_certificate as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

SECOND = timedelta(seconds=1)


def seed(account: AccountBuilder) -> None:
    """One that ended ten days ago; its neighbour is good for a year."""
    account.server_certificate("www.example.org+old@=,x", expires=account.ago(days=10))
    account.server_certificate("www", expires=account.now + timedelta(days=365))


@pytest.mark.parametrize(
    ("left", "said"),
    [
        pytest.param(SECOND, None, id="for a second yet"),
        pytest.param(timedelta(0), "has expired 0 days ago", id="just now"),
        pytest.param(-SECOND, "has expired 0 days ago", id="a second ago"),
        pytest.param(timedelta(days=-3), "has expired 3 days ago", id="long ago"),
    ],
)
def test_only_one_that_has_expired_is_found(left: timedelta, said: str | None) -> None:
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.now + left)
        snapshot = look(account)
        findings = found(control, snapshot)
        fixes = [control.plan(each, snapshot, control.CONTROL.settings()) for each in findings]
    assert [each.summary.endswith(str(said)) for each in findings] == ([] if not said else [True])
    assert all(isinstance(fix, Plan) and fix.risk is Risk.IRREVERSIBLE for fix in fixes)


def test_of_several_the_one_that_was_found_goes() -> None:
    with mock_account(NOW) as account:
        for name in ("first", "second", "third"):
            account.server_certificate(name, expires=account.ago(days=1))
        snapshot = look(account)
    fixes = [
        control.plan(each, snapshot, control.CONTROL.settings())
        for each in found(control, snapshot)
    ]
    assert [fix.steps[0].do.params for fix in fixes if isinstance(fix, Plan)] == [
        {"ServerCertificateName": name} for name in ("first", "second", "third")
    ]


def test_one_that_was_replaced_under_the_same_name_is_not_deleted() -> None:
    """A new one took the name between the yes and the call."""
    with mock_account(NOW) as account:
        account.server_certificate("www", expires=account.ago(days=1))
        snapshot = look(account)
        (finding,) = found(control, snapshot)
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
        assert isinstance(fix, Plan)
        account.client().delete_server_certificate(ServerCertificateName="www")
        account.server_certificate("www", expires=account.now + timedelta(days=30))
        broken = Acting(account, fix).broken(fix.steps[0].before)
    assert broken == ["www is another certificate now", "www has not expired"]
