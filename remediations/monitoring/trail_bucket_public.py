"""Trail's bucket that the public can reach

Detects
-------
Buckets of this account that a CloudTrail trail of any enabled Region writes to, whose policy or ACL
lets in everyone, or everyone with an AWS account, while neither the bucket's own settings nor those
of the whole account keep them out. AWS itself says whether a policy is public. A bucket of another
account is judged there. Where the account's settings can't be read, the evidence says so.

It is off unless you enable it: it reads each of these buckets.

Why it matters
--------------
A trail's files tell who does what, from where, with which keys and roles: a map for whoever wants
to get in.

Changes
-------
Switches on all four settings with which S3 keeps the public out of this bucket. Its policy and its
ACLs stay as they are; what in them lets in the public no longer does. It costs nothing, and
CloudTrail goes on writing, for services of AWS are not shut out. Other accounts are, as long as the
policy lets in everyone, even those that it names: a collector of logs that reads from another
account stops. So no rule does this unless its `max_risk` says so.

Undo
----
Writes the old settings back, or takes them away where there were none.

When to say no
--------------
When another account reads the files: first take what lets in everyone out of the policy.

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
from remediations.monitoring._buckets import SHUT_OUT, bucket_finding, openness, shut
from remediations.monitoring._standards import PUBLIC_BUCKET


class TrailBucketPublicSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(default=False, description="Off by default: it reads trails' buckets.")


def detect(snapshot: Snapshot, settings: TrailBucketPublicSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per bucket."""
    for bucket in snapshot.trail_buckets:
        ways = bucket.ways_in
        if ways:
            yield bucket_finding(
                CONTROL.id,
                CONTROL.severity,
                bucket,
                snapshot,
                "public",
                f"The public reaches {bucket.name}, where a trail writes, by its "
                + " and its ".join(ways),
                openness(bucket),
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
        f"Keep the public out of the bucket {name} in {bucket.region}, which costs nothing a month",
        SHUT_OUT,
    )


CONTROL = Control(
    id="trail-bucket-public",
    title="Trail's bucket that the public can reach",
    topic="monitoring",
    severity=Severity.CRITICAL,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.TRAIL_BUCKETS}),
    settings=TrailBucketPublicSettings,
    detect=detect,
    plan=plan,
    standards=PUBLIC_BUCKET,
)
