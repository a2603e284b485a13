"""Distribution of which nobody logs the requests

Detects
-------
CloudFront distributions that are enabled and log requests in none of three ways: the older standard
logging, the newer one by CloudWatch's deliveries (v2), and real-time logs of the default behaviour.

It is off unless you enable it: it takes AWS one call for each distribution.

Why it matters
--------------
A trail records who changed a distribution, but not what was asked of it: an attack on what lies
behind leaves no trace.

Changes
-------
Where the settings name a bucket, makes a delivery of the newer kind into it: a source, a
destination and a delivery, in us-east-1, where CloudFront keeps them; the distribution itself stays
as it is. All of it holds in the end or none of it. Without a bucket it lists the commands.

Storing logs costs about 2 US cents for each GB and month, and a million requests write about a
third of a GB; CloudWatch's price for vended logs may apply to the delivery.

Undo
----
Deletes the delivery, its destination and its source. What was written stays.

When to say no
--------------
When what lies behind logs each request with the address that it came from.

References
----------
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html#cloudfront-5
https://aws.amazon.com/cloudwatch/pricing/
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import is_named
from remediations.monitoring._delivery_steps import HOME, log_requests
from remediations.monitoring._standards import LOGGED

_LINK = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
_COST = (
    "Storing logs costs about 2 US cents for each GB and month, and a million requests write about "
    "a third of a GB; CloudWatch's price for vended logs may apply to the delivery"
)


class DistributionWithoutLoggingSettings(Settings):
    """Whether to look, at what, and where logs go."""

    enabled: bool = Field(
        default=False, description="Off by default: it takes one call for each distribution."
    )
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Distributions that need no logs, by id or domain name; * and ? are wildcards.",
    )
    log_bucket: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        description="The bucket for logs, of this account, whose policy lets "
        "delivery.logs.amazonaws.com write; empty: Locksmith lists what makes one.",
    )


def detect(snapshot: Snapshot, settings: DistributionWithoutLoggingSettings) -> Iterator[Finding]:
    """One finding per distribution."""
    for each in snapshot.distributions:
        quiet = each.enabled and not each.logs
        if quiet and not any(is_named(n, settings.left_out) for n in (each.id, each.domain)):
            yield Finding(
                control=CONTROL.id,
                subject=f"{each.id}/logging",
                resource=Resource("distribution", each.id, each.arn, each.id),
                severity=CONTROL.severity,
                summary=f"Nobody logs what is asked of the distribution {each.id} ({each.domain})",
                evidence={"domain": each.domain},
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: DistributionWithoutLoggingSettings
) -> Plan | Manual:
    """Deliver into the bucket of the settings, or list what makes one."""
    account = snapshot.account
    of = next(each for each in snapshot.distributions if each.id == finding.resource.unique_id)
    if not settings.log_bucket:
        proposed = f"cloudfront-logs-{account.id}"
        return Manual(
            account,
            finding.subject,
            "the settings name no bucket for logs, which cost storage",
            (
                (
                    "Choose a bucket of this account for logs, or make one, such as: aws s3api "
                    f"create-bucket --bucket {proposed} --region {HOME}"
                ),
                (
                    "Let its policy allow delivery.logs.amazonaws.com s3:PutObject on "
                    f"arn:aws:s3:::{proposed}/AWSLogs/{account.id}/CloudFront/*"
                ),
                (
                    f"Name it in controls.{CONTROL.id}.log_bucket, and let Locksmith look again. "
                    f"{_COST}"
                ),
            ),
            (_LINK,),
        )
    return Plan(
        account,
        finding.subject,
        log_requests(of, settings.log_bucket, account.id),
        f"Log what is asked of the distribution {of.id} into {settings.log_bucket}, by way of "
        f"{HOME}",
        (_COST,),
        whole=True,
    )


CONTROL = Control(
    id="distribution-without-logging",
    title="Distribution of which nobody logs the requests",
    topic="monitoring",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.DISTRIBUTIONS}),
    settings=DistributionWithoutLoggingSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"7.0": ("4.10",)},
        fsbp=("CloudFront.5",),
        nist=LOGGED,
        pci=("10.4.2",),
    ),
)
