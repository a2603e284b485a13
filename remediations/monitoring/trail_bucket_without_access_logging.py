"""Trail's bucket of which nobody logs who uses it

Detects
-------
Buckets of this account that a CloudTrail trail of any enabled Region writes to, without S3's server
access logging. The bucket that the settings name for logs is left out, since a bucket must not log
to itself. Whether data events of CloudTrail cover the bucket is not looked at.

It is off unless you enable it: logs cost storage.

Why it matters
--------------
Whoever reads or deletes a trail's files leaves no other trace: the trail itself records what is
done to buckets, but not what is done with what lies in them.

Changes
-------
Where the settings name a bucket for logs, lets S3 write there who uses the trail's bucket, under
its name. S3 wants that bucket in the same account and Region. Without one it lists the commands
that make one, with names for all of it. Writing logs costs nothing; storing them costs about 2 US
cents for each GB and month.

Undo
----
Stops the logging. What was written stays.

When to say no
--------------
When CloudTrail's data events record the bucket, which costs more and tells more.

References
----------
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-7
CIS AWS Foundations Benchmark 3.0: 3.4, 5.0: 3.4, 7.0: 4.4
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
from remediations.monitoring._buckets import bucket_finding, log_plan
from remediations.monitoring._standards import LOGGED


class TrailBucketWithoutAccessLoggingSettings(Settings):
    """Whether to look, and where logs go."""

    enabled: bool = Field(default=False, description="Off by default: logs cost storage.")
    log_bucket: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        description="The bucket for logs, in the account and Region of the trails' buckets, whose "
        "policy lets S3 write; empty: Locksmith lists what makes one (CIS 5.0 3.4).",
    )


def detect(
    snapshot: Snapshot, settings: TrailBucketWithoutAccessLoggingSettings
) -> Iterator[Finding]:
    """One finding per bucket."""
    for bucket in snapshot.trail_buckets:
        if not bucket.log_target and bucket.name != settings.log_bucket:
            summary = f"Nobody logs who uses {bucket.name}, where a trail writes"
            yield bucket_finding(
                CONTROL.id, CONTROL.severity, bucket, snapshot, "access-logging", summary
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: TrailBucketWithoutAccessLoggingSettings
) -> Plan | Manual:
    """Log into the bucket of the settings, or list what makes one."""
    name = finding.resource.name
    bucket = next(each for each in snapshot.trail_buckets if each.name == name)
    setting = f"controls.{CONTROL.id}.log_bucket"
    return log_plan(finding, snapshot, bucket, settings.log_bucket, setting)


CONTROL = Control(
    id="trail-bucket-without-access-logging",
    title="Trail's bucket of which nobody logs who uses it",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.TRAIL_BUCKETS}),
    settings=TrailBucketWithoutAccessLoggingSettings,
    supersedes=frozenset({"bucket-without-access-logging"}),
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("3.4",), "5.0": ("3.4",), "7.0": ("4.4",)},
        fsbp=("S3.9",),
        nist=LOGGED,
        pci=("10.2.1",),
    ),
)
