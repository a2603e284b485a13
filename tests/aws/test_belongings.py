"""What hangs on users, listed live for few of them."""

from collections.abc import Callable

import pytest

from bot.aws.belongings import read_belongings
from bot.aws.connection import AwsConnection
from bot.aws.simulated import AccountBuilder
from bot.model import Belongings

CALLS = (
    "iam:ListSSHPublicKeys",
    "iam:ListSigningCertificates",
    "iam:ListServiceSpecificCredentials",
    "iam:ListMFADevices",
)


def test_everything_whatever_its_state(account: AccountBuilder, connection: AwsConnection) -> None:
    """By unique id; of who is gone nothing is said, and another user's is not mixed in."""
    account.user("ann")
    account.user("ben")
    ssh = (account.ssh_key("ann"), account.ssh_key("ann", status="Inactive"))
    certificate = account.signing_certificate("ann", status="Inactive")
    service = account.service_credential("ann", status="Inactive")
    devices = (account.mfa("ann"), account.mfa("ann", kind="hardware"))
    account.service_credential("ben")

    found = read_belongings(connection, {"AIDA1": "ann", "AIDA2": "gone"})

    assert found == {
        "AIDA1": Belongings(
            ssh_keys=tuple(sorted(ssh)),
            signing_certificates=(certificate,),
            service_credentials=(service,),
            mfa_devices=tuple(sorted(devices)),
        )
    }


@pytest.mark.parametrize(("most", "calls"), [(0, 0), (1, 1), (9, 2)])
def test_no_more_users_than_that(
    account: AccountBuilder, connection: AwsConnection, most: int, calls: int
) -> None:
    account.user("ann")
    account.user("ben")
    asked = {"AIDA1": "ann", "AIDA2": "ben"}
    assert len(read_belongings(connection, asked, most=most)) == calls
    assert [connection.calls[name] for name in CALLS] == [calls] * 4


def test_half_a_list_is_none(
    account: AccountBuilder, connection: AwsConnection, refuse: Callable[..., list[int]]
) -> None:
    """Who may not list one kind knows nothing of the user, and asks about no other."""
    account.user("ann")
    account.user("ben")
    sent = refuse("iam", "ListMFADevices")
    assert read_belongings(connection, {"AIDA1": "ann", "AIDA2": "ben"}) == {}
    assert len(sent) == 1
