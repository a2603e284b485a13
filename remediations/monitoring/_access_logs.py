"""Lets S3 log who uses a bucket, into one in the same account and Region that is fit for it."""

from collections.abc import Sequence

from bot.model import (
    Account,
    Bucket,
    Call,
    Expect,
    Finding,
    Json,
    Manual,
    Operator,
    Part,
    Plan,
    Risk,
    Snapshot,
    Step,
)
from remediations.monitoring._buckets import s3_call
from remediations.monitoring._making import create_bucket

#: What a setting takes that names a bucket, of which there may be one for each account and Region.
BUCKET_PATTERN = (
    r"^((\{account\}|\{region\}|[a-z0-9])(\{account\}|\{region\}|[a-z0-9.-]){1,61}"
    r"(\{account\}|\{region\}|[a-z0-9]))?$"
)
#: What S3 costs for logs, in words.
LOG_COST = (
    "Nothing for writing the logs; storing them costs about 2 US cents for each GB and month, and "
    "a busy bucket writes some GB a month"
)
_PROPOSED = "access-logs-{account}-{region}"
_WRITER = "logging.s3.amazonaws.com"
_PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"


def log_bucket(setting: str, account: Account, region: str) -> str:
    """The bucket that the setting means for logs of a Region's buckets; empty for none."""
    return setting.replace("{account}", account.id).replace("{region}", region)


def is_log_bucket(bucket: Bucket, setting: str, account: Account) -> bool:
    """Whether the setting means this bucket for logs, which must not log into itself."""
    return bucket.name == log_bucket(setting, account, bucket.region)


def log_plan(
    finding: Finding, snapshot: Snapshot, bucket: Bucket, setting: str, control: str
) -> Plan | Manual:
    """Log into the bucket that the control's setting means, or list what makes one that fits.

    S3 takes one in the same account and Region only: one that is elsewhere, or of which nothing
    could be read, is left to people.
    """
    account = snapshot.account
    target = log_bucket(setting, account, bucket.region)
    reason = _why_not(bucket, target, snapshot.parts.get(Part.BUCKETS) or ())
    if reason:
        steps = _by_hand(bucket, account, f"controls.{control}.log_bucket")
        return Manual(account, finding.subject, reason, steps, (_PAGE,))
    return Plan(
        account,
        finding.subject,
        (_log_uses(bucket, account, target),),
        f"Let S3 log who uses {bucket.name} into {target}, both in {bucket.region}",
        (LOG_COST,),
    )


def _why_not(bucket: Bucket, target: str, known: Sequence[Bucket]) -> str:
    if not target:
        return "the settings name no bucket for logs, which cost storage"
    if target == bucket.name:
        return f"{target} would log into itself without end"
    found = next((each for each in known if each.name == target), None)
    if found is None:
        return (
            f"{target}, which the settings mean for logs, is no bucket of this account, or could "
            "not be read"
        )
    if found.region != bucket.region:
        return (
            f"{target}, which the settings mean for logs, is in {found.region}, and S3 logs "
            f"{bucket.name} into a bucket in {bucket.region} only"
        )
    return ""


def _by_hand(bucket: Bucket, account: Account, setting: str) -> tuple[str, ...]:
    """The steps for people who must make a bucket for logs, with names proposed."""
    proposed, region = log_bucket(_PROPOSED, account, bucket.region), bucket.region
    return (
        (
            f"Choose a bucket of this account in {region} for logs, or make one that holds "
            f"nothing else, such as: {create_bucket(proposed, region)}"
        ),
        (
            f"Let its policy allow {_WRITER} s3:PutObject on "
            f"arn:{account.partition}:s3:::{proposed}/{bucket.name}/* where aws:SourceAccount is "
            f"{account.id}; its encryption must be that of S3, without Object Lock by default, and "
            "its owner must pay for requests"
        ),
        (
            f"Name it in {setting}, and let Locksmith look again; {_PROPOSED} there means one for "
            f"each account and Region. {LOG_COST}"
        ),
    )


def _log_uses(bucket: Bucket, account: Account, target: str) -> Step:
    """Let S3 log who uses a bucket into another one, if that is fit for it."""
    read = s3_call(bucket, account.id, "GetBucketLogging")
    prefix = f"{bucket.name}/"
    enabled: dict[str, Json] = {"TargetBucket": target, "TargetPrefix": prefix}
    path = "LoggingEnabled.[TargetBucket, TargetPrefix]"
    there = Expect(read, path, Operator.ABSENT, None, f"{bucket.name} logs somewhere by now")
    return Step(
        name="log",
        summary=f"Let S3 log who uses {bucket.name} into {target}/{prefix}",
        risk=Risk.REVERSIBLE,
        before=(there, *_is_fit(Bucket(target, bucket.region), account.id)),
        do=s3_call(
            bucket, account.id, "PutBucketLogging", BucketLoggingStatus={"LoggingEnabled": enabled}
        ),
        after=(Expect(read, path, Operator.EQUALS, [target, prefix], "it is not logged"),),
        undo=s3_call(bucket, account.id, "PutBucketLogging", BucketLoggingStatus={}),
    )


def _is_fit(target: Bucket, account: str) -> tuple[Expect, ...]:
    """What S3 wants of a bucket for logs; it tells of none of it, and writes nothing.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
    """

    def read(operation: str) -> Call:
        return s3_call(target, account, operation)

    encryption = "ServerSideEncryptionConfiguration.Rules"
    algorithm = "ApplyServerSideEncryptionByDefault.SSEAlgorithm"
    return (
        Expect(
            read("GetBucketPolicy"),
            "Policy",
            Operator.CONTAINS,
            _WRITER,
            f"the policy of {target.name} does not let {_WRITER} write there",
        ),
        Expect(
            read("GetBucketEncryption"),
            f"{encryption}[?{algorithm}!='AES256'].{algorithm} | [0]",
            Operator.ABSENT,
            None,
            f"{target.name} is encrypted with a key, with which S3 writes no logs",
        ),
        Expect(
            read("GetObjectLockConfiguration"),
            "ObjectLockConfiguration.Rule.DefaultRetention",
            Operator.ABSENT,
            None,
            f"{target.name} locks what is written there, so that S3 writes no logs",
        ),
    )
