"""Carries out one read call: all its pages, its answer as plain JSON, its errors by name."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.exceptions import ConnectionError as UnreachableError
from botocore.parsers import ResponseParserError

from bot.aws.connection import AwsConnection
from bot.aws.sessions import credentials_error
from bot.errors import AwsError
from bot.model import Call, Json, Part, Snapshot, Unavailable

#: What AWS answers when the thing that was asked about doesn't exist.
NOT_THERE = frozenset(
    {
        "NoSuchEntity",
        "NoSuchEntityException",
        "TrailNotFoundException",
        "ResourceNotFoundException",
        "NotFound",  # of an SNS topic
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NoSuchDistribution",
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ObjectLockConfigurationNotFoundError",
        # of central root access: it can't be on where IAM isn't trusted
        "ServiceAccessNotEnabledException",
    }
)
#: The code of a read that never got as far as AWS.
UNREACHABLE = "Unreachable"
#: What botocore raises where an answer is none of AWS's (a proxy's page, half of one); neither is
#: one of its own errors, and the first one's text holds the whole answer.
NOT_FROM_AWS = (ResponseParserError, KeyError)
#: Where pages are turned without a boto3 paginator: the request's and the answer's token.
_TOKENS = (("Marker", "Marker"), ("NextToken", "NextToken"))
#: Gives a policy as text whose spelling is AWS's; boto3 takes those of IAM apart by itself.
_POLICY_AS_TEXT = ("secretsmanager", "GetResourcePolicy")
_PAGING = frozenset({"ResponseMetadata", "IsTruncated", "Marker", "NextToken"})
#: What allows operations whose IAM action isn't named after them.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_NAMES = {
    ("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings",
    ("accessanalyzer", "GetFindingV2"): "access-analyzer:GetFinding",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
}
#: Services whose IAM prefix isn't boto3's name for them.
_PREFIXES = {"accessanalyzer": "access-analyzer", "sso-admin": "sso"}


class ReadFailedError(AwsError):
    """A read was refused or got no answer; `grant` is the IAM action that allows it.

    `denied` where AWS answered that the caller may not.
    """

    def __init__(self, operation: str, code: str, message: str, grant: str) -> None:
        denied = "denied" in code.casefold() or "unauthorized" in code.casefold()
        super().__init__(
            f"{operation} failed: {code}: {message}",
            hint=f"Allow {grant} for the caller." if denied else "Repeat it in a while.",
        )
        self.denied = denied
        self.operation = operation
        self.code = code
        self.message = message
        self.grant = grant

    def gap(self, part: Part, where: str = "") -> Unavailable:
        """What a snapshot lacks because of it: the part, or of it only what `where` says."""
        said = f"{self.code}: {self.message}"
        return Unavailable(part, self.operation, f"{where}: {said}" if where else said, self.grant)


def with_part(snapshot: Snapshot, part: Part, read_part: Callable[[], object]) -> Snapshot:
    """The snapshot with this part as it is read now, or with why it could not be."""
    try:
        seen = read_part()
    except ReadFailedError as error:
        gaps = {**snapshot.unavailable, part: error.gap(part)}
        return replace(snapshot, unavailable=gaps)
    return replace(snapshot, parts={**snapshot.parts, part: seen})


def read(connection: AwsConnection, call: Call) -> Json:
    """The whole answer of a read call, all pages merged, or None where the thing isn't there.

    Times are ISO 8601 in UTC with `Z`; lists of later pages are appended to those of the first,
    and what only serves paging is left out. Raises ReadFailedError, and CredentialsError where
    the session has ended.
    """
    merged: dict[str, Any] = {}
    try:
        for page in pages(connection, call):
            _merge(merged, page)
    except ReadFailedError as error:
        if error.code in NOT_THERE:
            return None
        raise
    if (call.service, call.operation) == _POLICY_AS_TEXT:
        merged = _with_policy(merged)
    try:
        return plain(merged)
    except TypeError as error:
        name = f"{call.service}:{call.operation}"
        raise ReadFailedError(
            name, "NotJson", str(error), grant_for(call.service, call.operation)
        ) from error


def pages(connection: AwsConnection, call: Call) -> Iterator[dict[str, Any]]:
    """The answers of a read call page by page, as boto3 gives them.

    Raises ReadFailedError when any page fails, and CredentialsError where the session has ended.
    """
    client = connection.reader(call.service, call.region, call.root_of)
    method = xform_name(call.operation)
    params = dict(call.params)
    try:
        if client.can_paginate(method):
            yield from client.get_paginator(method).paginate(**params)
        else:
            yield from _turned_by_hand(getattr(client, method), params)
    except ClientError as error:
        _refused(connection, call, error)
    except UnreachableError as error:
        raise _failed(call, UNREACHABLE, str(error)) from error
    except BotoCoreError as error:
        raise _failed(call, type(error).__name__, str(error)) from error
    except NOT_FROM_AWS as error:
        raise _failed(call, "UnreadableAnswer", "the answer is not one that AWS gives") from error


def plain(value: Any) -> Json:
    """An answer of boto3 as JSON; a fraction is its text. Raises TypeError for what JSON lacks."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            # A plan holds no fractions, as their text isn't the same everywhere.
            return int(value) if value.is_integer() else repr(value)
        case datetime():
            return iso(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case bytes() | bytearray():
            raise TypeError("the answer has bytes, which are never shown or kept")
        case Sequence():
            return [plain(inner) for inner in value]
        case _:
            raise TypeError(f"the answer has a {type(value).__name__}, which is not plain JSON")


def iso(moment: datetime) -> str:
    """A time as the one text that plans and evidence use: ISO 8601 in UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def grant_for(service: str, operation: str) -> str:
    """The IAM action that allows an operation: ("iam", "ListUsers") is "iam:ListUsers"."""
    named = f"{_PREFIXES.get(service, service)}:{operation}"
    return _NAMES.get((service, operation), named)


def _with_policy(answer: dict[str, Any]) -> dict[str, Any]:
    text = answer.get("ResourcePolicy")
    try:
        return {**answer, "ResourcePolicy": json.loads(text)} if text else answer
    except ValueError:  # shown as it is: no expectation takes it for a policy
        return answer


def _merge(merged: dict[str, Any], page: Mapping[str, Any]) -> None:
    for key, value in page.items():
        if key in _PAGING:
            continue
        if isinstance(value, list) and key in merged:
            merged[key] = merged[key] + value
        else:
            merged.setdefault(key, value)


def _turned_by_hand(method: Any, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    while True:
        page = method(**params)
        yield page
        asked, token = next(
            ((asked, page[given]) for asked, given in _TOKENS if page.get(given)), ("", "")
        )
        if not token or page.get("IsTruncated") is False:
            return
        if token in seen:
            raise _EndlessPagesError(message="the same page token was given twice")
        seen.add(token)
        params = {**params, asked: token}


class _EndlessPagesError(BotoCoreError):
    """An answer that would never end."""

    fmt = "{message}"


def _refused(connection: AwsConnection, call: Call, error: ClientError) -> NoReturn:
    details = error.response.get("Error", {})
    code = details.get("Code", "Unknown")
    about_credentials = credentials_error(code, connection.region)
    if about_credentials:
        raise about_credentials from error
    if error.operation_name == "AssumeRoot":
        call = Call("sts", "AssumeRoot")
    raise _failed(call, code, details.get("Message", "")) from error


def _failed(call: Call, code: str, message: str) -> ReadFailedError:
    grant = grant_for(call.service, call.operation)
    return ReadFailedError(f"{call.service}:{call.operation}", code, message, grant)
