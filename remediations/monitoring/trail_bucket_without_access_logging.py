"""Trail's bucket of which nobody logs who uses it

Detects
-------
Buckets of this account that a CloudTrail trail of any enabled Region writes to, without S3's server
access logging. The bucket that the settings mean for logs is left out, since a bucket must not log
to itself. Whether data events of CloudTrail cover the bucket is not looked at.

It is off unless you enable it: logs cost storage.

Why it matters
--------------
Whoever reads or deletes a trail's files leaves no other trace: the trail itself records what is
done to buckets, but not what is done with what lies in them.

Changes
-------
Where the settings name a bucket for logs, lets S3 write there who uses the trail's bucket, under
its name. S3 wants that bucket in the same account and Region: name one for each by `{account}` and
`{region}`, such as `access-logs-{account}-{region}`. Its policy must let S3 write, its encryption
be S3's own, and Object Lock keep nothing by default, which is looked at just before. Where there
is no such bucket it lists the commands that make one, with names for all of it. Writing logs costs
nothing; storing them costs about 2 US cents for each GB and month.

To know where the bucket for logs is, it reads all buckets once the settings name one, with two
calls for each.

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
from remediations.monitoring._access_logs import BUCKET_PATTERN, is_log_bucket, log_plan
from remediations.monitoring._buckets import bucket_finding
from remediations.monitoring._standards import LOGGED


class TrailBucketWithoutAccessLoggingSettings(Settings):
    """Whether to look, and where logs go."""

    enabled: bool = Field(default=False, description="Off by default: logs cost storage.")
    log_bucket: str = Field(
        default="",
        pattern=BUCKET_PATTERN,
        description="The bucket for logs, whose policy lets S3 write; {account} and {region} stand "
        "for those of the trails' buckets, where it must be too; empty: Locksmith lists what makes "
        "one (CIS 5.0 3.4).",
    )

    def needs(self) -> frozenset[Part]:
        """Where the bucket for logs is."""
        return frozenset({Part.BUCKETS}) if self.log_bucket else frozenset()


def detect(
    snapshot: Snapshot, settings: TrailBucketWithoutAccessLoggingSettings
) -> Iterator[Finding]:
    """One finding per bucket."""
    for bucket in snapshot.trail_buckets:
        named = is_log_bucket(bucket, settings.log_bucket, snapshot.account)
        if not bucket.log_target and not named:
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
    return log_plan(finding, snapshot, bucket, settings.log_bucket, CONTROL.id)


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
