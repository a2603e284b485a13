"""Bucket that the public can reach

Detects
-------
Off at first, since it takes five calls for each bucket. Buckets whose policy or ACL lets in
everyone, or everyone with an AWS account, while the bucket's own settings don't keep them out. AWS
itself says whether a policy is public. Settings of the whole account that keep the public out of
all buckets are not looked at. Buckets that are meant to be public are named in `public`.

Why it matters
--------------
Whoever finds the name reads what is in it, or writes it: names of buckets are guessed and traded.

Changes
-------
Switches on all four settings with which S3 keeps the public out of this bucket. Its policy and its
ACLs stay as they are; what in them lets in the public no longer does. It costs nothing. Whoever
reads without signing in, websites among them, stops reading.

Undo
----
Writes the old settings back, or takes them away where there were none.

When to say no
--------------
When the bucket serves a website or downloads: name it in `public`, or put CloudFront before it.

References
----------
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-8
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
from remediations._subjects import is_named
from remediations.monitoring._buckets import bucket_finding, shut, ways_in
from remediations.monitoring._standards import PUBLIC_BUCKET


class PublicBucketPolicyOrAclSettings(Settings):
    """Which buckets are meant to be public."""

    enabled: bool = False
    public: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names, with * and ?, of buckets that the public is to reach.",
    )


def detect(snapshot: Snapshot, settings: PublicBucketPolicyOrAclSettings) -> Iterator[Finding]:
    """One finding per bucket."""
    for bucket in snapshot.public_buckets:
        ways = ways_in(bucket)
        if ways and not is_named(bucket.name, settings.public):
            yield bucket_finding(
                CONTROL.id,
                CONTROL.severity,
                bucket,
                snapshot,
                "public",
                f"The public reaches the bucket {bucket.name} by its {' and its '.join(ways)}",
                {"by": [*ways], "block": dict(bucket.block) if bucket.block else None},
            )


def plan(
    finding: Finding, snapshot: Snapshot, _settings: PublicBucketPolicyOrAclSettings
) -> Plan | Manual:
    """Keep the public out."""
    name = finding.resource.name
    bucket = next(each for each in snapshot.public_buckets if each.name == name)
    return Plan(
        snapshot.account,
        finding.subject,
        (shut(bucket, snapshot.account.id),),
        f"Keep the public out of the bucket {name} in {bucket.region}, which costs nothing",
        ("Whoever reads it without signing in, or with any AWS account, stops reading",),
    )


CONTROL = Control(
    id="public-bucket-policy-or-acl",
    title="Bucket that the public can reach",
    topic="policy_conditions",
    severity=Severity.HIGH,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.PUBLIC_BUCKETS}),
    settings=PublicBucketPolicyOrAclSettings,
    detect=detect,
    plan=plan,
    standards=PUBLIC_BUCKET,
)
