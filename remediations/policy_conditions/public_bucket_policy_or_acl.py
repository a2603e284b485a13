"""Bucket that the public can reach

Detects
-------
Off at first, since it takes five calls for each bucket. Buckets whose policy or ACL lets in
everyone, or everyone with an AWS account, while neither the bucket's own settings nor those of the
whole account keep them out. AWS itself says whether a policy is public. Where the account's
settings can't be read, the evidence says so. Buckets that are meant to be public are named in
`public`.

Why it matters
--------------
Whoever finds the name reads what is in it, or writes it: names of buckets are guessed and traded.

Changes
-------
Switches on all four settings with which S3 keeps the public out of this bucket. Its policy and its
ACLs stay as they are; what in them lets in the public no longer does. It costs nothing. Whoever
reads without signing in, such as the visitors of a website, stops reading, and so do other
accounts, even those that the policy names, as long as it lets in everyone. So no rule does this
unless its `max_risk` says so.

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
from remediations.monitoring._buckets import SHUT_OUT, bucket_finding, openness, shut
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
        ways = bucket.ways_in
        if ways and not is_named(bucket.name, settings.public):
            yield bucket_finding(
                CONTROL.id,
                CONTROL.severity,
                bucket,
                snapshot,
                "public",
                f"The public reaches the bucket {bucket.name} by its {' and its '.join(ways)}",
                openness(bucket),
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
        SHUT_OUT,
    )


CONTROL = Control(
    id="public-bucket-policy-or-acl",
    title="Bucket that the public can reach",
    topic="policy_conditions",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.PUBLIC_BUCKETS}),
    settings=PublicBucketPolicyOrAclSettings,
    detect=detect,
    plan=plan,
    standards=PUBLIC_BUCKET,
)
