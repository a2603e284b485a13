"""Findings about one aspect of a bucket, and the steps that shut it or let its uses be logged."""

from collections.abc import Mapping

from bot.model import (
    Bucket,
    Call,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Plan,
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
#: What S3 costs for logs, in words.
LOG_COST = (
    "Nothing for writing the logs; storing them costs about 2 US cents for each GB and month, and "
    "a busy bucket writes some GB a month"
)
LOGGING_PAGE = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"
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


def log_uses(bucket: Bucket, account: str, target: str) -> Step:
    """Let S3 log who uses a bucket into another one, whose policy lets S3 write there."""
    read = s3_call(bucket, account, "GetBucketLogging")
    prefix = f"{bucket.name}/"
    enabled: dict[str, Json] = {"TargetBucket": target, "TargetPrefix": prefix}
    policy = s3_call(Bucket(target, bucket.region), account, "GetBucketPolicy")
    why = f"the policy of {target} does not let logging.s3.amazonaws.com write there"
    path = "LoggingEnabled.[TargetBucket, TargetPrefix]"
    return Step(
        name="log",
        summary=f"Let S3 log who uses {bucket.name} into {target}/{prefix}",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.ABSENT, None, f"{bucket.name} logs somewhere by now"),
            Expect(policy, "Policy", Operator.CONTAINS, "logging.s3.amazonaws.com", why),
        ),
        do=s3_call(
            bucket, account, "PutBucketLogging", BucketLoggingStatus={"LoggingEnabled": enabled}
        ),
        after=(Expect(read, path, Operator.EQUALS, [target, prefix], "it is not logged"),),
        undo=s3_call(bucket, account, "PutBucketLogging", BucketLoggingStatus={}),
    )


def log_by_hand(bucket: Bucket, account: str, setting: str) -> tuple[str, ...]:
    """The steps for people who have not yet said where logs go, with names proposed."""
    proposed = f"access-logs-{account}-{bucket.region}"
    return (
        (
            f"Choose a bucket of this account in {bucket.region} for logs, or make one that holds "
            f"nothing else, such as: aws s3api create-bucket --bucket {proposed} --region "
            f"{bucket.region}"
        ),
        (
            "Let its policy allow logging.s3.amazonaws.com s3:PutObject on "
            f"arn:aws:s3:::{proposed}/{bucket.name}/* where aws:SourceAccount is {account}; its "
            "encryption must be that of S3, without Object Lock by default"
        ),
        f"Name it in {setting}, and let Locksmith look again. {LOG_COST}",
    )


def log_plan(
    finding: Finding, snapshot: Snapshot, bucket: Bucket, target: str, setting: str
) -> Plan | Manual:
    """Log into the bucket `target`, or list what makes one where `setting` names none."""
    account = snapshot.account
    if not target:
        return Manual(
            account,
            finding.subject,
            "the settings name no bucket for logs, which cost storage",
            log_by_hand(bucket, account.id, setting),
            (LOGGING_PAGE,),
        )
    return Plan(
        account,
        finding.subject,
        (log_uses(bucket, account.id, target),),
        f"Let S3 log who uses {bucket.name} into {target} in {bucket.region}",
        (LOG_COST,),
    )


def s3_call(bucket: Bucket, account: str, operation: str, **params: Json) -> Call:
    """A call about a bucket, which must be this account's."""
    named: dict[str, Json] = {"Bucket": bucket.name, "ExpectedBucketOwner": account}
    return Call("s3", operation, {**named, **params}, bucket.region)
