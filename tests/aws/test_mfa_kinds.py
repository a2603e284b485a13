"""Kinds of MFA devices by serial number, looked at for few users."""

from collections.abc import Callable

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.mfa_kinds import read_mfa_kinds
from bot.aws.simulated import AccountBuilder
from bot.model import MfaKind


@pytest.mark.parametrize(
    ("serial", "kind"),
    [
        ("arn:aws:iam::123456789012:mfa/phone", MfaKind.VIRTUAL),
        ("arn:aws-cn:iam::123456789012:mfa/u2f/phone", MfaKind.VIRTUAL),
        ("arn:aws:iam::123456789012:u2f/user/ann/key-AB12", MfaKind.PASSKEY),
        ("GAHT12345678", MfaKind.HARDWARE),
        ("", MfaKind.HARDWARE),
    ],
)
def test_the_serial_number_tells_the_kind(serial: str, kind: MfaKind) -> None:
    """AWS gives apps and passkeys ARNs; tokens have their maker's number."""
    assert MfaKind.of(serial) is kind


def test_all_devices_of_the_users_that_are_asked_about(
    account: AccountBuilder, connection: AwsConnection
) -> None:
    """By unique id; of who is gone nothing is said."""
    for name in ("ann", "ben", "cat"):
        account.user(name)
    account.mfa("ann")
    account.mfa("ann", kind="fido")
    account.mfa("ben", kind="hardware")
    asked = {"AIDA1": "ann", "AIDA2": "ben", "AIDA3": "cat", "AIDA4": "gone"}
    assert read_mfa_kinds(connection, asked) == {
        "AIDA1": (MfaKind.VIRTUAL, MfaKind.PASSKEY),
        "AIDA2": (MfaKind.HARDWARE,),
        "AIDA3": (),
    }


@pytest.mark.parametrize(("most", "calls"), [(0, 0), (2, 2), (9, 3)])
def test_no_more_calls_than_that(
    account: AccountBuilder, connection: AwsConnection, most: int, calls: int
) -> None:
    """Of the others nothing is known."""
    asked = {f"AIDA{name}": name for name in ("ann", "ben", "cat")}
    for name in asked.values():
        account.user(name)
    assert len(read_mfa_kinds(connection, asked, most=most)) == calls
    assert connection.calls["iam:ListMFADevices"] == calls


def test_a_refusal_is_met_once(
    account: AccountBuilder, connection: AwsConnection, refuse: Callable[..., list[int]]
) -> None:
    """Who may not ask about one user may not ask about the next."""
    account.user("ann")
    account.user("ben")
    sent = refuse("iam", "ListMFADevices")
    assert read_mfa_kinds(connection, {"AIDA1": "ann", "AIDA2": "ben"}) == {}
    assert len(sent) == 1
