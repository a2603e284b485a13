"""Signing certificates that are too old are switched off, and can be switched on again."""

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, Protection
from remediations.rotation import old_signing_certificate as control
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

SECOND = timedelta(seconds=1)
HOSTILE = "o'brien+git,two@example.org"


def _with(account: AccountBuilder, user: str, **facts: Any) -> str:
    account.user(user, created=account.ago(days=900))
    return account.signing_certificate(user, **facts)


def seed(account: AccountBuilder) -> None:
    """One of four months ago, of a user whose name needs quoting and who also has a key in use."""
    _with(account, HOSTILE, created=account.ago(days=120))
    account.key(HOSTILE, created=account.ago(days=20), last_used=account.ago(days=1))


def just_within(account: AccountBuilder) -> None:
    """Exactly 90 days old."""
    _with(account, "program", created=account.ago(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """90 days and a second old."""
    _with(account, "program", created=account.ago(days=90) - SECOND)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"days": 400}, 1),
        ({"days": 400, "status": "Inactive"}, 0),
        ({"days": 3}, 0),
    ],
    ids=["old", "old and off", "young"],
)
def test_which_are_found(facts: Any, expected: int) -> None:
    with mock_account(NOW) as account:
        made = account.ago(days=facts.pop("days"))
        _with(account, "program", created=made, **facts)
        assert len(found(control, look(account))) == expected


def test_it_is_switched_off_and_nothing_is_deleted() -> None:
    with mock_account(NOW) as account:
        made = _with(account, "program", created=account.ago(days=400))
        snapshot = look(account)
        (finding,) = found(control, snapshot)
        assert finding.subject == made
        fix = control.plan(finding, snapshot, control.CONTROL.settings())
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.params["Status"] == "Inactive"
    assert step.undo is not None
    assert step.undo.params == {**step.do.params, "Status": "Active"}


def test_one_of_a_protected_user_is_reported() -> None:
    """The guard says that Locksmith keeps its hands off."""
    with mock_account(NOW) as account:
        _with(account, "program", created=account.ago(days=400))
        arn = f"arn:aws:iam::{account.account_id}:user/program"
        assert found(control, look(account, Protection(protected=(arn,))))
