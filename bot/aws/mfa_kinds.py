"""What kinds of MFA devices users have: one call per user, for few of them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.model import Call, MfaKind

#: Most users who are looked at.
MOST_USERS = 200


def read_mfa_kinds(
    connection: AwsConnection, users: Mapping[str, str], *, most: int = MOST_USERS
) -> Mapping[str, tuple[MfaKind, ...]]:
    """The kinds of the MFA devices of users, names by unique id, live; by that id again.

    Left out is who is beyond the first `most`, gone, or can't be read: of them nothing is known.
    """
    found: dict[str, tuple[MfaKind, ...]] = {}
    for user_id, name in islice(users.items(), most):
        try:
            answer: Any = read(connection, Call("iam", "ListMFADevices", {"UserName": name}))
        except ReadFailedError as error:
            if error.denied:
                break  # the same for everyone
            continue
        if answer is not None:
            serials = [str(each["SerialNumber"]) for each in answer["MFADevices"]]
            found[user_id] = tuple(map(MfaKind.of, serials))
    return found
