"""Trail's bucket that the public can reach

Detects
-------
Buckets of this account that a CloudTrail trail writes to, whose policy or ACL lets in everyone, or
everyone with an AWS account, while the bucket's own settings don't keep them out. AWS itself says
whether a policy is public. A bucket of another account is judged there. Settings of the whole
account that keep the public out of all buckets are not looked at: the bucket has its own all the
same.

It is off unless you enable it: it reads each of these buckets.

Why it matters
--------------
A trail's files tell who does what, from where, with which keys and roles: a map for whoever wants
to get in.

Changes
-------
Switches on all four settings with which S3 keeps the public out of this bucket. Its policy and its
ACLs stay as they are; what in them lets in the public no longer does. It costs nothing, and
CloudTrail goes on writing, for its permission names it.

Undo
----
Writes the old settings back, or takes them away where there were none.

When to say no
--------------
Hardly ever. Who reads the files without signing in stops reading.

References
----------
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-6
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
)
from remediations.monitoring._buckets import bucket_finding, shut, ways_in
from remediations.monitoring._standards import PUBLIC_BUCKET


class TrailBucketPublicSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(default=False, description="Off by default: it reads trails' buckets.")


def detect(snapshot: Snapshot, settings: TrailBucketPublicSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per bucket."""
    for bucket in snapshot.trail_buckets:
        ways = ways_in(bucket)
        if ways:
            yield bucket_finding(
                CONTROL.id,
                CONTROL.severity,
                bucket,
                snapshot,
                "public",
                f"The public reaches {bucket.name}, where a trail writes, by its "
                + " and its ".join(ways),
                {"by": [*ways], "block": dict(bucket.block) if bucket.block else None},
            )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: TrailBucketPublicSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Keep the public out."""
    name = finding.resource.name
    bucket = next(each for each in snapshot.trail_buckets if each.name == name)
    return Plan(
        snapshot.account,
        finding.subject,
        (shut(bucket, snapshot.account.id),),
        f"Keep the public out of the bucket {name} in {bucket.region}, which costs nothing",
        ("Whoever reads it without signing in, or with any AWS account, stops reading",),
    )


CONTROL = Control(
    id="trail-bucket-public",
    title="Trail's bucket that the public can reach",
    topic="monitoring",
    severity=Severity.CRITICAL,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.TRAIL_BUCKETS}),
    settings=TrailBucketPublicSettings,
    detect=detect,
    plan=plan,
    standards=PUBLIC_BUCKET,
)
