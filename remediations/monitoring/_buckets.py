"""Findings about one aspect of a bucket, and the step that keeps the public out of it."""

from collections.abc import Mapping

from bot.model import (
    Bucket,
    Call,
    Expect,
    Finding,
    Json,
    Operator,
    Resource,
    Risk,
    Severity,
    Snapshot,
    Step,
)

#: Everything that S3 can keep the public out with.
SHUT: Mapping[str, bool] = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
#: Who stops reading a bucket that is shut.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
SHUT_OUT = (
    "Whoever uses it without signing in, or with any AWS account, no longer can",
    "While its policy lets in everyone, other accounts can't use it, even those that it names",
)
_BLOCK = "PublicAccessBlockConfiguration"


def bucket_finding(
    control: str,
    severity: Severity,
    bucket: Bucket,
    snapshot: Snapshot,
    aspect: str,
    summary: str,
    evidence: Mapping[str, Json] | None = None,
) -> Finding:
    """A finding about one aspect of a bucket. A bucket has no id besides its ARN."""
    arn = bucket.arn.replace("arn:aws:", f"arn:{snapshot.account.partition}:")
    return Finding(
        control=control,
        subject=f"{snapshot.account.id}/{arn}/{aspect}",
        resource=Resource("bucket", bucket.name, arn, arn),
        severity=severity,
        summary=summary,
        evidence={"region": bucket.region, **(evidence or {})},
    )


def openness(bucket: Bucket) -> dict[str, Json]:
    """The evidence of a finding on a bucket that the public reaches."""
    unread: dict[str, Json] = {"account_block_not_read": bucket.account_unread}
    return {
        "by": [*bucket.ways_in],
        "block": {**bucket.block} if bucket.block else None,
        **(unread if bucket.account_unread else {}),
    }


def shut(bucket: Bucket, account: str) -> Step:
    """Keep the public out of a bucket, whatever its policy and its ACLs say.

    And with it other accounts, those that a public policy names among them.
    """
    read = s3_call(bucket, account, "GetPublicAccessBlock")
    old: dict[str, Json] = {**(bucket.block or {})}
    why = f"what keeps the public out of {bucket.name} was changed in the meantime"
    put = s3_call(bucket, account, "PutPublicAccessBlock", **{_BLOCK: {**SHUT}})
    back = (
        s3_call(bucket, account, "DeletePublicAccessBlock")
        if bucket.block is None
        else s3_call(bucket, account, "PutPublicAccessBlock", **{_BLOCK: old})
    )
    before = (
        Expect(read, _BLOCK, Operator.ABSENT, None, why)
        if bucket.block is None
        else Expect(read, _BLOCK, Operator.EQUALS, old, why)
    )
    return Step(
        name="shut",
        summary=f"Keep the public out of the bucket {bucket.name}",
        risk=Risk.DISRUPTIVE,
        before=(before,),
        do=put,
        after=(Expect(read, _BLOCK, Operator.EQUALS, {**SHUT}, f"{bucket.name} is not shut"),),
        undo=back,
    )


def s3_call(bucket: Bucket, account: str, operation: str, **params: Json) -> Call:
    """A call about a bucket, which must be this account's."""
    named: dict[str, Json] = {"Bucket": bucket.name, "ExpectedBucketOwner": account}
    return Call("s3", operation, {**named, **params}, bucket.region)
