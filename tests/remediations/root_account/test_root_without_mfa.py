"""Root without MFA is reported where somebody can sign in as root at all."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part
from remediations.root_account import root_without_mfa as control
from tests.remediations.people import found, planned, seen


def seed(account: AccountBuilder) -> None:
    """Root has a password and no MFA."""
    account.root(mfa=False)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param({"AccountMFAEnabled": 0, "AccountPasswordPresent": 1}, True, id="no MFA"),
        pytest.param({"AccountMFAEnabled": 1, "AccountPasswordPresent": 1}, False, id="MFA"),
        pytest.param(
            {"AccountMFAEnabled": 0, "AccountPasswordPresent": 0}, False, id="no root password"
        ),
        pytest.param(
            {"AccountMFAEnabled": 0, "AccountPasswordPresent": 0, "AccountAccessKeysPresent": 1},
            False,
            id="a key only: another control's",
        ),
        pytest.param({"AccountMFAEnabled": 0}, True, id="not said if there is a password"),
        pytest.param({"AccountPasswordPresent": 1}, False, id="not said if there is MFA"),
    ],
)
def test_which_accounts_are_found(summary: dict[str, Any], expected: bool) -> None:
    """A password and no device; members without root credentials keep quiet."""
    assert bool(found(control, seen(parts={Part.ACCOUNT_SUMMARY: summary}))) is expected


def test_people_get_the_steps() -> None:
    """They name the account; Locksmith writes nothing."""
    fix = planned(control, seen(parts={Part.ACCOUNT_SUMMARY: {"AccountMFAEnabled": 0}}))
    assert isinstance(fix, Manual)
    assert "root user of 123456789012" in fix.steps[0]
    assert any("Assign MFA device" in step for step in fix.steps)
    assert fix.subject == "123456789012/root-mfa"
