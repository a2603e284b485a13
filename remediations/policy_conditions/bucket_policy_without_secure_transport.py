"""Bucket that can be used without TLS

Detects
-------
Off at first, since it takes two calls for each bucket. Buckets whose policy has no Deny for
everyone of all of S3, on the bucket and all that is in it, where a request comes without TLS
(`aws:SecureTransport` `false`); a bucket without a policy counts. An Allow that asks for TLS is not
enough, for it binds nobody whom another policy allows the same.

Why it matters
--------------
Over plain HTTP, whoever sits between reads what is written and read, and signed links to objects.

Changes
-------
The bucket's policy gets one statement more, the Deny; all others stay word for word. A bucket
without a policy gets one of just that. Programs that use the bucket over plain HTTP are refused,
and so is a website that S3 serves from the bucket, which knows no TLS.

Undo
----
The very text that was there is written back; where there was none, the policy is deleted.

When to say no
--------------
When S3 serves a website from the bucket without CloudFront before it.

References
----------
https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5
CIS AWS Foundations Benchmark 3.0: 2.1.1, 5.0: 2.1.1, 7.0: 3.1.1
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
from remediations.policy_conditions._transport import is_open, require_tls, transport_finding


class BucketPolicyWithoutSecureTransportSettings(Settings):
    """Which buckets are meant to be used without TLS."""

    enabled: bool = False
    left_alone: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names, with * and ?, of buckets that are websites without TLS.",
    )


def detect(
    snapshot: Snapshot, settings: BucketPolicyWithoutSecureTransportSettings
) -> Iterator[Finding]:
    """One finding per bucket."""
    for one in snapshot.bucket_policies:
        if is_open(one) and not is_named(one.name, settings.left_alone):
            yield transport_finding(CONTROL.id, one, snapshot.account, CONTROL.severity)


def plan(
    finding: Finding, snapshot: Snapshot, _settings: BucketPolicyWithoutSecureTransportSettings
) -> Plan | Manual:
    """Add the Deny."""
    arn = finding.resource.arn
    one = next(each for each in snapshot.bucket_policies if each.arn == arn)
    return require_tls(finding, one, snapshot.account)


CONTROL = Control(
    id="bucket-policy-without-secure-transport",
    title="Bucket that can be used without TLS",
    topic="policy_conditions",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.BUCKET_POLICIES}),
    settings=BucketPolicyWithoutSecureTransportSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("2.1.1",), "5.0": ("2.1.1",), "7.0": ("3.1.1",)},
        fsbp=("S3.5",),
        nist=(
            "AC-4", "AC-17(2)", "IA-5(1)", "SC-7(4)", "SC-8", "SC-8(1)", "SC-8(2)", "SC-12(3)",
            "SC-13", "SC-23", "SC-23(3)", "SI-7(6)",
        ),
        pci=("4.2.1",),
    ),
)  # fmt: skip
