"""Reads the account's organization, and what root has in its members where this account manages it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.organization_accounts import list_accounts
from bot.aws.reading import ReadFailedError, read
from bot.model import (
    ROOT_CREDENTIALS,
    AccessKey,
    Call,
    Json,
    MemberAccount,
    MemberRoot,
    Organization,
    Part,
    Unavailable,
)

#: Members are separate accounts to IAM's throttling, but STS counts all sessions as ours.
_WORKERS = 4
_FLAGS = (
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
    "AccountPasswordPresent",
)


def describe_organization(connection: AwsConnection) -> Organization:
    """The account's organization, and nothing of central root access. Raises ReadFailedError."""
    try:
        described: Any = read(connection, Call("organizations", "DescribeOrganization"))
    except ReadFailedError as error:
        if error.code == "AWSOrganizationsNotInUseException":
            return Organization()
        raise
    one = described["Organization"]
    return Organization(one["Id"], one["MasterAccountId"])


def read_organization(connection: AwsConnection) -> Organization:
    """The account's place in an organization. Raises ReadFailedError."""
    known = describe_organization(connection)
    if known.id is None:
        return known
    try:
        told: Any = read(connection, Call("iam", "ListOrganizationsFeatures"))
    except ReadFailedError as error:
        match error.code:
            case "AccountNotManagementOrDelegatedAdministratorException":
                return known
            case "OrganizationNotInAllFeaturesModeException":
                return replace(known, features=frozenset(), all_features=False)
        raise
    if told is None:
        return replace(known, features=frozenset(), trusted=False)
    return replace(known, features=frozenset(told["EnabledFeatures"]))


def read_member_roots(
    connection: AwsConnection,
    organization: Organization,
    clock: Callable[[], datetime],
    accounts: Sequence[MemberAccount] | None = None,
) -> tuple[tuple[MemberRoot, ...], Unavailable | None]:
    """What root has in each member, and why some could not be looked at; those are left out.

    Nothing where this account doesn't manage root centrally. `accounts` are those of the
    organization where they were listed already. One call opens a session that may only
    look, one asks whether there is anything, and only where there is the rest is asked.
    Raises ReadFailedError where no session can be opened at all.
    """
    features = organization.features
    if features is None or ROOT_CREDENTIALS not in features:
        return (), None
    members = [
        (each.id, each.name)
        for each in (list_accounts(connection) if accounts is None else accounts)
        if each.id != connection.account.id and each.is_active
    ]

    def look(member: tuple[str, str]) -> MemberRoot | ReadFailedError:
        try:
            return _member(connection, *member, clock)
        except ReadFailedError as error:
            if error.operation == "sts:AssumeRoot":
                raise
            return error

    with ThreadPoolExecutor(max_workers=_WORKERS) as workers:
        found = list(workers.map(look, members))
    seen = tuple(each for each in found if isinstance(each, MemberRoot))
    failed = [
        (member[0], each)
        for member, each in zip(members, found, strict=True)
        if isinstance(each, ReadFailedError)
    ]
    return seen, _unread(failed)


def _unread(failed: list[tuple[str, ReadFailedError]]) -> Unavailable | None:
    if not failed:
        return None
    accounts = ", ".join(account for account, _ in failed)
    return failed[0][1].gap(Part.MEMBER_ROOTS, f"root of {accounts}")


def _member(
    connection: AwsConnection, account: str, name: str, clock: Callable[[], datetime]
) -> MemberRoot:
    def ask(operation: str, **params: Json) -> Any:
        return read(connection, Call("iam", operation, params, root_of=account))

    summary = ask("GetAccountSummary")["SummaryMap"]
    # A flag that AWS doesn't tell is no proof that there is nothing.
    if all(summary.get(flag) == 0 for flag in _FLAGS):
        return MemberRoot(account, name)
    now = clock()
    keys = tuple(
        _key(account, entry, ask("GetAccessKeyLastUsed", AccessKeyId=entry["AccessKeyId"]), now)
        for entry in ask("ListAccessKeys")["AccessKeyMetadata"]
    )
    return MemberRoot(
        account,
        name,
        keys=keys,
        certificates=tuple(
            each["CertificateId"] for each in ask("ListSigningCertificates")["Certificates"]
        ),
        devices=tuple(each["SerialNumber"] for each in ask("ListMFADevices")["MFADevices"]),
        password=ask("GetLoginProfile") is not None,
    )


def _key(account: str, entry: Any, used: Any, now: datetime) -> AccessKey:
    last = ((used or {}).get("AccessKeyLastUsed") or {}).get("LastUsedDate")
    return AccessKey(
        user="root",
        user_id=account,
        created=moment(entry["CreateDate"]),
        active=entry["Status"] == "Active",
        last_used=moment(last) if last else None,
        key_id=entry["AccessKeyId"],
        seen_live=now,
    )
