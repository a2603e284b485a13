"""Credentials for one service that are too old; test_old_credentials has what all kinds share."""

from datetime import timedelta

import pytest

from bot.aws.simulated import mock_account
from remediations.rotation import old_service_specific_credential as control
from tests.remediations import aged
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

seed, just_within, just_beyond = aged.seeds(aged.with_service_credential)


@pytest.mark.parametrize(("days", "expected"), [(-1, 0), (1, 1)], ids=["expired", "expires"])
def test_one_that_has_expired_works_no_more(days: int, expected: int) -> None:
    with mock_account(NOW) as account:
        expires = account.now + timedelta(days=days)
        service = "bedrock.amazonaws.com"
        aged.with_service_credential(
            account, "program", service=service, created=account.ago(days=400), expires=expires
        )
        findings = found(control, look(account))
    assert len(findings) == expected
    assert all(each.evidence["service"] == service for each in findings)
