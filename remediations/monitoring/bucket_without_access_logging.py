"""Bucket of which nobody logs who uses it

Detects
-------
Buckets of this account without S3's server access logging. Left out are buckets that others log
into, as the logs of those would never end, the buckets that the settings mean for logs, and those
whose names the settings leave out. What CloudTrail's data events record is not looked at. For
buckets of trails `trail-bucket-without-access-logging` asks, where it is enabled.

It is off unless you enable it: it takes AWS two calls for each bucket.

Why it matters
--------------
Who read what out of a bucket, and from where, can't be told afterwards: trails record what is done
to buckets, but not what is done with what lies in them.

Changes
-------
Where the settings name a bucket for logs, lets S3 write there who uses the bucket, under its
name. S3 wants that bucket in the same account and Region: name one for each by `{account}` and
`{region}`, such as `access-logs-{account}-{region}`. Its policy must let S3 write, its encryption
be S3's own, and Object Lock keep nothing by default, which is looked at just before. Where there
is no such bucket it lists the commands that make one, with names for all of it. Writing logs costs
nothing; storing them costs about 2 US cents for each GB and month.

Undo
----
Stops the logging. What was written stays.

When to say no
--------------
When what lies in it is public anyway, or CloudTrail's data events record it.

References
----------
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-9
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import is_named
from remediations.monitoring._access_logs import BUCKET_PATTERN, is_log_bucket, log_plan
from remediations.monitoring._buckets import bucket_finding
from remediations.monitoring._standards import LOGGED


class BucketWithoutAccessLoggingSettings(Settings):
    """Whether to look, at what, and where logs go."""

    enabled: bool = Field(
        default=False, description="Off by default: it takes two calls for each bucket."
    )
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of buckets that need no logging; * and ? are wildcards.",
    )
    log_bucket: str = Field(
        default="",
        pattern=BUCKET_PATTERN,
        description="The bucket for logs, whose policy lets S3 write; {account} and {region} stand "
        "for those of the buckets that log there, where it must be too; empty: Locksmith lists "
        "what makes one.",
    )


def detect(snapshot: Snapshot, settings: BucketWithoutAccessLoggingSettings) -> Iterator[Finding]:
    """One finding per bucket."""
    targets = {each.log_target for each in snapshot.buckets}
    for bucket in snapshot.buckets:
        if bucket.log_target or bucket.name in targets:
            continue
        if is_log_bucket(bucket, settings.log_bucket, snapshot.account):
            continue
        if not is_named(bucket.name, settings.left_out):
            yield bucket_finding(
                CONTROL.id,
                CONTROL.severity,
                bucket,
                snapshot,
                "access-logging",
                f"Nobody logs who uses the bucket {bucket.name}",
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: BucketWithoutAccessLoggingSettings
) -> Plan | Manual:
    """Log into the bucket of the settings, or list what makes one."""
    name = finding.resource.name
    bucket = next(each for each in snapshot.buckets if each.name == name)
    return log_plan(finding, snapshot, bucket, settings.log_bucket, CONTROL.id)


CONTROL = Control(
    id="bucket-without-access-logging",
    title="Bucket of which nobody logs who uses it",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.BUCKETS}),
    settings=BucketWithoutAccessLoggingSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        fsbp=("S3.9",),
        nist=LOGGED,
        pci=("10.2.1",),
    ),
)
