"""What IAM lists for one user at a time only: SSH keys and signing certificates, on a budget.

Only users who can have any of it are asked about: the credential report tells who has signing
certificates, and an SSH key is for CodeCommit, which a policy of its user must name. Where even
those are more than the budget nothing is read, and that is said, for half a list would make what
is on the other half look settled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.model import Call, InlinePolicy, Part, Snapshot, Unavailable, User, UserCredential

_CODECOMMIT = "codecommit:"
_AWS_POLICY = "codecommit"


@dataclass(frozen=True, slots=True)
class _Listing:
    """One of IAM's listings: its operation, and AWS's names in its answer."""

    operation: str
    answer: str
    id: str


_LISTINGS = {
    Part.SSH_KEYS: _Listing("ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId"),
    Part.SIGNING_CERTIFICATES: _Listing("ListSigningCertificates", "Certificates", "CertificateId"),
}
#: The parts that are read here, and those that tell for whom.
USER_LISTS = frozenset(_LISTINGS)


def with_user_lists(
    connection: AwsConnection, snapshot: Snapshot, needs: frozenset[Part], budget: int
) -> Snapshot:
    """The snapshot with these listings where `needs` has them; `budget` is calls for each.

    Raises CredentialsError where the session ends on the way.
    """
    parts, unavailable = dict(snapshot.parts), dict(snapshot.unavailable)
    for part in sorted(USER_LISTS & needs):
        try:
            parts[part] = _listed(connection, part, snapshot, budget)
        except ReadFailedError as error:
            unavailable[part] = error.gap(part)
        except _TooManyError as error:
            operation = f"iam:{_LISTINGS[part].operation}"
            unavailable[part] = Unavailable(part, operation, str(error), "")
    return replace(snapshot, parts=parts, unavailable=unavailable)


class _TooManyError(Exception):
    """More users would have to be asked about than the budget allows."""


def _listed(
    connection: AwsConnection, part: Part, snapshot: Snapshot, budget: int
) -> tuple[UserCredential, ...]:
    users = [*(_with_certificates if part is Part.SIGNING_CERTIFICATES else _with_git)(snapshot)]
    if len(users) > budget:
        raise _TooManyError(
            f"{len(users)} users would be asked about one by one, and inventory.listing_budget "
            f"allows {budget}"
        )
    listing = _LISTINGS[part]
    return tuple(each for user in users for each in _of_user(connection, listing, user))


def _of_user(connection: AwsConnection, listing: _Listing, user: User) -> Iterator[UserCredential]:
    """None where the user was deleted meanwhile."""
    answer: Any = read(connection, Call("iam", listing.operation, {"UserName": user.name}))
    for entry in (answer or {}).get(listing.answer, ()):
        yield UserCredential(
            id=entry[listing.id],
            user_id=user.id,
            active=entry["Status"] == "Active",
            created=moment(entry["UploadDate"]),
        )


def _with_certificates(snapshot: Snapshot) -> Iterator[User]:
    rows = snapshot.report_rows if Part.CREDENTIAL_REPORT in snapshot.parts else {}
    for user in snapshot.parts.get(Part.USERS, ()):
        row = rows.get(user.arn)
        if row is not None and row.certificates:
            yield user


def _with_git(snapshot: Snapshot) -> Iterator[User]:
    """Users with a policy of their own or of a group that names CodeCommit."""
    named = {
        policy.arn
        for policy in snapshot.parts.get(Part.CUSTOMER_POLICIES, ())
        if _CODECOMMIT in policy.default.text.casefold()
    }
    groups = {
        group.name
        for group in snapshot.parts.get(Part.GROUPS, ())
        if _names(group.inline, group.attached, named)
    }
    for user in snapshot.parts.get(Part.USERS, ()):
        if groups & set(user.groups) or _names(user.inline, user.attached, named):
            yield user


def _names(inline: Sequence[InlinePolicy], attached: Sequence[str], named: set[str]) -> bool:
    return any(_CODECOMMIT in policy.text.casefold() for policy in inline) or any(
        arn in named or (":iam::aws:" in arn and _AWS_POLICY in arn.casefold()) for arn in attached
    )
