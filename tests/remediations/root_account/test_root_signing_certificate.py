"""A certificate of root's is reported, and people get the steps that only root can take."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part
from remediations.root_account import root_signing_certificate as control
from tests.remediations.people import found, planned, seen


def seed(account: AccountBuilder) -> None:
    """Root has a certificate."""
    account.root(certificates=1)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param({"AccountSigningCertificatesPresent": 1}, True, id="a certificate"),
        pytest.param({"AccountSigningCertificatesPresent": 2}, True, id="two, were it a count"),
        pytest.param({"AccountSigningCertificatesPresent": 0}, False, id="none"),
        pytest.param({}, False, id="not said"),
        pytest.param({"ServerCertificates": 3}, False, id="server certificates are no one's login"),
        pytest.param({"SigningCertificatesPerUserQuota": 2}, False, id="a quota"),
    ],
)
def test_which_accounts_are_found(summary: dict[str, Any], expected: bool) -> None:
    """Only the flag of root's own certificates is a violation."""
    assert bool(found(control, seen(parts={Part.ACCOUNT_SUMMARY: summary}))) is expected


def test_people_get_the_steps() -> None:
    """They name the account, and switch off before they delete."""
    summary = {"AccountSigningCertificatesPresent": 1}
    fix = planned(control, seen(parts={Part.ACCOUNT_SUMMARY: summary}))
    assert isinstance(fix, Manual)
    assert "root user of 123456789012" in fix.steps[0]
    assert fix.subject == "123456789012/root-certificates"
    deactivate, delete = (index for index, step in enumerate(fix.steps) if "Actions" in step)
    assert "Deactivate" in fix.steps[deactivate]
    assert "Delete" in fix.steps[delete]
