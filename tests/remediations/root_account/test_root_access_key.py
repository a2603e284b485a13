"""A root key is reported, and people get the steps that only root can take."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part
from remediations.root_account import root_access_key as control
from tests.remediations.people import found, planned, seen


def seed(account: AccountBuilder) -> None:
    """Root has a young key."""
    account.root(keys=1, key_created=account.ago(days=80), key_last_used=account.ago(days=20))


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param({"AccountAccessKeysPresent": 1}, True, id="a key"),
        pytest.param({"AccountAccessKeysPresent": 2}, True, id="two, were it a count"),
        pytest.param({"AccountAccessKeysPresent": 0}, False, id="none"),
        pytest.param({}, False, id="not said"),
        pytest.param(
            {"AccountAccessKeysPresent": 0, "AccountPasswordPresent": 0, "AccountMFAEnabled": 0},
            False,
            id="no root credentials at all",
        ),
    ],
)
def test_which_accounts_are_found(summary: dict[str, Any], expected: bool) -> None:
    """Only a flag that is set is a violation."""
    assert bool(found(control, seen(parts={Part.ACCOUNT_SUMMARY: summary}))) is expected


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        pytest.param(
            {"AccountAccessKeysPresent": 1, "AccountMFAEnabled": 0, "AccountPasswordPresent": 1},
            {
                "root_access_key": "present",
                "root_mfa": "off",
                "root_password": "present",
                "root_signing_certificate": "not told by AWS",
            },
            id="told",
        ),
        pytest.param(
            {
                "AccountAccessKeysPresent": 1,
                "AccountMFAEnabled": 1,
                "AccountPasswordPresent": 0,
                "AccountSigningCertificatesPresent": 1,
            },
            {
                "root_access_key": "present",
                "root_mfa": "on",
                "root_password": "none",
                "root_signing_certificate": "present",
            },
            id="the other way round",
        ),
        pytest.param(
            {"AccountAccessKeysPresent": 1},
            {
                "root_access_key": "present",
                "root_mfa": "not told by AWS",
                "root_password": "not told by AWS",
                "root_signing_certificate": "not told by AWS",
            },
            id="not told",
        ),
    ],
)
def test_evidence_is_in_words(summary: dict[str, Any], said: dict[str, str]) -> None:
    """Not in AWS's flags, and what is not told is not guessed."""
    (finding,) = found(control, seen(parts={Part.ACCOUNT_SUMMARY: summary}))
    assert finding.evidence == said


def test_people_get_the_steps() -> None:
    """They name the account; Locksmith writes nothing."""
    fix = planned(control, seen(parts={Part.ACCOUNT_SUMMARY: {"AccountAccessKeysPresent": 1}}))
    assert isinstance(fix, Manual)
    assert "root user of 123456789012" in fix.steps[0]
    assert fix.subject == "123456789012/root-keys"
    deactivate, delete = (index for index, step in enumerate(fix.steps) if "Actions" in step)
    assert "Deactivate" in fix.steps[deactivate]
    assert "Delete" in fix.steps[delete]
