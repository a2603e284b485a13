"""Buckets of this account: where they are, who could get in, and where S3 logs who used them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.aws.regional import Regions, Seen
from bot.aws.trails import read_regional_trails
from bot.model import Bucket, Call, Guarded, Json, Part, Unavailable

#: Whom an ACL means by everyone, and by everyone with an account of AWS.
_EVERYONE = frozenset(
    {
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    }
)


def read_trail_buckets(connection: AwsConnection, regions: Regions) -> Seen:
    """The buckets that trails of any Region write to, those of other accounts left out.

    A bucket or a Region that can't be read is said. Raises ReadFailedError where the trails seen
    from here or the buckets can't be listed.
    """
    call = Call("cloudtrail", "DescribeTrails", {"includeShadowTrails": True})
    answer: Any = read(connection, call) or {}
    elsewhere, unseen = regions.once(read_regional_trails)
    used = {each.get("S3BucketName") for each in answer["trailList"]} | {
        trail.bucket for trails in elsewhere.values() for trail in trails
    }
    names = used & _own_names(connection)
    buckets, unread = _open_ones(connection, regions, Part.TRAIL_BUCKETS, names)
    return buckets, _both(unread, unseen and replace(unseen, part=Part.TRAIL_BUCKETS))


def _both(one: Unavailable | None, other: Unavailable | None) -> Unavailable | None:
    """What is said where two things could not be read."""
    return replace(one, error=f"{one.error}; {other.error}") if one and other else one or other


def read_buckets(connection: AwsConnection, _regions: Regions) -> Seen:
    """All buckets of this account, and where S3 logs their uses; two calls for each.

    A bucket that can't be read is said. Raises ReadFailedError where they can't be listed.
    """
    return _each(connection, Part.BUCKETS, _own_names(connection), public=False)


def _own_names(connection: AwsConnection) -> set[str]:
    answer: Any = read(connection, Call("s3", "ListBuckets")) or {}
    return {each["Name"] for each in answer.get("Buckets") or ()}


def _each(connection: AwsConnection, part: Part, names: Iterable[str], *, public: bool) -> Seen:
    found: list[Bucket] = []
    failed: dict[str, ReadFailedError] = {}
    for name in sorted(names):
        try:
            bucket = _bucket(connection, name, public=public)
        except ReadFailedError as error:
            failed[name] = error
            continue
        if bucket:
            found.append(bucket)
    return tuple(found), _unread(part, failed)


def _unread(part: Part, failed: dict[str, ReadFailedError]) -> Unavailable | None:
    if not failed:
        return None
    return next(iter(failed.values())).gap(part, f"of {', '.join(failed)}")


def _bucket(connection: AwsConnection, name: str, *, public: bool) -> Bucket | None:
    """None where it was deleted meanwhile."""
    named: dict[str, Json] = {"Bucket": name, "ExpectedBucketOwner": connection.account.id}
    where: Any = read(connection, Call("s3", "GetBucketLocation", named))
    if where is None:
        return None
    region = _region(where.get("LocationConstraint"))
    logging = _ask(connection, "GetBucketLogging", named, region)
    target = (logging.get("LoggingEnabled") or {}).get("TargetBucket") or ""
    if not public:
        return Bucket(name, region, target)
    block = _ask(connection, "GetPublicAccessBlock", named, region)
    status = _ask(connection, "GetBucketPolicyStatus", named, region)
    grants = _ask(connection, "GetBucketAcl", named, region).get("Grants") or ()
    return Bucket(
        name,
        region,
        target,
        block.get("PublicAccessBlockConfiguration"),
        bool((status.get("PolicyStatus") or {}).get("IsPublic")),
        any((each.get("Grantee") or {}).get("URI") in _EVERYONE for each in grants),
    )


def _ask(
    connection: AwsConnection, operation: str, named: dict[str, Json], region: str
) -> dict[str, Any]:
    answer: Any = read(connection, Call("s3", operation, named, region))
    return answer or {}


def _region(constraint: str | None) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html"""
    return {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(constraint, constraint or "")


def read_public_buckets(connection: AwsConnection, regions: Regions) -> Seen:
    """All buckets of this account, and what would let the public in; five calls for each.

    A bucket that can't be read is said. Raises ReadFailedError where they can't be listed.
    """
    return _open_ones(connection, regions, Part.PUBLIC_BUCKETS, _own_names(connection))


def _open_ones(
    connection: AwsConnection, regions: Regions, part: Part, names: Iterable[str]
) -> Seen:
    """The buckets; where one lets the public in, with what the account's own settings say.

    Where those can't be read, that is said of the part and of each bucket.
    """
    buckets, unread = _each(connection, part, names, public=True)
    if not any(bucket.ways_in for bucket in buckets):
        return buckets, unread
    try:
        block = regions.once(read_account_block)
    except ReadFailedError as error:
        gap = error.gap(part, "settings of the whole account")
        unknown = f"{gap.error} (grant {gap.grant})"
        return tuple(replace(each, account_unread=unknown) for each in buckets), _both(unread, gap)
    return tuple(replace(each, account_block=block) for each in buckets), unread


def read_account_block(connection: AwsConnection, _regions: Regions) -> Mapping[str, bool]:
    """What keeps the public out of all buckets of the account, by AWS's names; one call.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    Raises ReadFailedError.
    """
    asked: dict[str, Json] = {"AccountId": connection.account.id}
    answer: Any = read(connection, Call("s3control", "GetPublicAccessBlock", asked))
    found: Mapping[str, bool] = (answer or {}).get("PublicAccessBlockConfiguration") or {}
    return found


def read_bucket_policies(connection: AwsConnection, _regions: Regions) -> Seen:
    """All buckets of this account with their policies; two calls for each.

    A bucket that can't be read is said. Raises ReadFailedError where they can't be listed.
    """
    found: list[Guarded] = []
    failed: dict[str, ReadFailedError] = {}
    for name in sorted(_own_names(connection)):
        try:
            found += _with_policy(connection, name)
        except ReadFailedError as error:
            failed[name] = error
    return tuple(found), _unread(Part.BUCKET_POLICIES, failed)


def _with_policy(connection: AwsConnection, name: str) -> list[Guarded]:
    """Nothing where it was deleted meanwhile."""
    named: dict[str, Json] = {"Bucket": name, "ExpectedBucketOwner": connection.account.id}
    where: Any = read(connection, Call("s3", "GetBucketLocation", named))
    if where is None:
        return []
    region = _region(where.get("LocationConstraint"))
    text = _ask(connection, "GetBucketPolicy", named, region).get("Policy") or ""
    arn = f"arn:{connection.account.partition}:s3:::{name}"
    return [Guarded("s3", name, arn, region, name, text)]
