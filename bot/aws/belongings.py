"""What hangs on users besides password, keys and policies: four calls per user, for few of them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.model import Belongings, Call

#: Most users who are looked at.
MOST_USERS = 50
_LISTINGS = (
    ("ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId"),
    ("ListSigningCertificates", "Certificates", "CertificateId"),
    (
        "ListServiceSpecificCredentials",
        "ServiceSpecificCredentials",
        "ServiceSpecificCredentialId",
    ),
    ("ListMFADevices", "MFADevices", "SerialNumber"),
)


def read_belongings(
    connection: AwsConnection, users: Mapping[str, str], *, most: int = MOST_USERS
) -> Mapping[str, Belongings]:
    """What hangs on users, names by unique id, live; by that id again.

    Left out is who is beyond the first `most`, gone, or can't be read whole: of them nothing is
    known. Raises CredentialsError where the session ends.
    """
    found: dict[str, Belongings] = {}
    for user_id, name in islice(users.items(), most):
        try:
            listed = [_ids(connection, name, *listing) for listing in _LISTINGS]
        except ReadFailedError as error:
            if error.denied:
                break  # the same for everyone
            continue
        if all(ids is not None for ids in listed):
            found[user_id] = Belongings(*(ids or () for ids in listed))
    return found


def _ids(
    connection: AwsConnection, user: str, operation: str, answer: str, name: str
) -> tuple[str, ...] | None:
    listed: Any = read(connection, Call("iam", operation, {"UserName": user}))
    return None if listed is None else tuple(sorted(str(each[name]) for each in listed[answer]))
