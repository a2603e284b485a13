"""The company has a credential of each kind that is too old, and one that isn't, beside it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.simulated import fill, mock_account
from bot.aws.simulated.seed_rotation import SMTP_USER
from bot.credentials import sends_mail
from bot.model import Snapshot
from remediations.rotation import (
    expiring_server_certificate,
    old_access_key,
    old_service_specific_credential,
    old_signing_certificate,
    old_ssh_key,
    superseded_access_key,
)
from tests.aws.simulated.conftest import NOW
from tests.remediations.looking import look
from tests.remediations.people import found

CONTROLS = (
    expiring_server_certificate,
    old_access_key,
    old_service_specific_credential,
    old_signing_certificate,
    old_ssh_key,
    superseded_access_key,
)


@pytest.fixture(scope="module")
def company() -> Iterator[Snapshot]:
    with mock_account(NOW) as account:
        fill(account, users=40, seed=42)
        yield look(account)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda each: each.CONTROL.id)
def test_each_control_finds_something(company: Snapshot, control: Any) -> None:
    assert found(control, company)


def test_each_has_a_neighbour_that_is_as_it_should_be(company: Snapshot) -> None:
    young = company.taken_at - timedelta(days=90)
    for several in (
        company.ssh_keys,
        company.signing_certificates,
        company.service_credentials,
    ):
        assert any(each.active and each.created > young for each in several)
    assert any(
        each.expires > company.taken_at + timedelta(days=30) for each in company.server_certificates
    )


def test_the_user_that_sends_mail_is_known_as_one(company: Snapshot) -> None:
    assert [user.name for user in company.users if sends_mail(user)] == [SMTP_USER]
    assert not [each for each in found(superseded_access_key, company) if SMTP_USER in each.summary]
