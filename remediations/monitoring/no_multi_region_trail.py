"""No trail records the whole account

Detects
-------
An account in which no CloudTrail trail records every management event of every region: none that is
multi-region, is logging, takes read and write events without leaving any out, and delivers its
files. A trail of the organization counts like one of the account. Trails of one region only are
seen from the region that Locksmith reads from; elsewhere they don't help anyway.

Why it matters
--------------
Without a trail nobody can tell who did what. Whoever gets in also looks for the region that nobody
records.

Changes
-------
Where the account has a trail that can be mended, Locksmith mends it in its home region: every
region, global services, files that can be proved, every management event, and starts it; data
events stay as they are. Where there is none it makes one only if the settings name a bucket, since
a trail costs money. Otherwise, or where advanced selectors, left-out sources or a failing delivery
need a decision, it lists the steps, with names for all of it. A trail of the organization is not
changed here.

Nothing of it happens unless somebody approves this very plan, which says the Region, the bucket and
what it costs a month, or a rule of yours names this control.

The first copy of management events costs nothing, a second one 2 US dollars for each 100,000
events; storing the files costs up to about 1 US dollar a month in a small account.

Undo
----
Stops the trail again, writes its old selectors and settings back, or deletes the trail it made.
Files that were written stay in the bucket.

When to say no
--------------
When another account's tool records this account in its own way. A second copy of management events
costs money.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-1
https://aws.amazon.com/cloudtrail/pricing/
CIS AWS Foundations Benchmark 3.0: 3.1, 5.0: 3.1, 7.0: 4.1
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from bot.model import (
    Account,
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
from remediations._subjects import account_resource
from remediations.monitoring import _trail_steps as steps
from remediations.monitoring._costs import TRAIL_COST, where
from remediations.monitoring._making import make_trail_bucket
from remediations.monitoring._mending import Mending, mending
from remediations.monitoring._standards import LOGGED
from remediations.monitoring._trails import lacks, new_trail

_LINK = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail"
    ".html"
)


class NoMultiRegionTrailSettings(Settings):
    """Where a new trail would go; without a bucket none is made."""

    bucket: str = Field(
        default="",
        description="The bucket for the files of a new trail, whose policy lets CloudTrail write; "
        "empty: Locksmith makes no trail, since it costs money (CIS 5.0 3.1).",
    )
    trail_name: str = Field(
        default="management-events",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$",
        description="The name of a new trail.",
    )
    home_region: str = Field(
        default="",
        description="The region of a new trail; empty: where the partition keeps its global "
        "services, such as us-east-1.",
    )


def detect(snapshot: Snapshot, settings: NoMultiRegionTrailSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account, with what each trail lacks."""
    account = snapshot.account
    lacking = {trail.arn: list(lacks(trail)) for trail in snapshot.trails}
    if any(not lacks for lacks in lacking.values()):
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{account.id}/trail",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="None of the trails here records the whole account"
        if lacking
        else "No trail records this account",
        evidence={"trails": lacking},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: NoMultiRegionTrailSettings
) -> Plan | Manual:
    """Mend the account's best trail, or make one where the settings name a bucket."""
    account = snapshot.account
    candidates = [mending(trail, account) for trail in snapshot.trails]
    mendable = [each for each in candidates if isinstance(each, Mending)]
    if mendable:
        best = min(mendable, key=lambda each: (len(each.steps), each.trail.name, each.trail.arn))
        trail = best.trail
        summary = f"Let the trail {trail.name} record the whole account from {where(trail)}"
        return Plan(account, finding.subject, best.steps, summary, (TRAIL_COST,))
    taken = any(trail.name == settings.trail_name for trail in snapshot.trails)
    if settings.bucket and not taken:
        return _new(finding, account, settings)
    reasons = [each for each in candidates if isinstance(each, str)]
    return _by_hand(finding, account, settings, reasons)


def _new(finding: Finding, account: Account, settings: NoMultiRegionTrailSettings) -> Plan:
    trail = new_trail(account, settings.trail_name, settings.home_region)
    made = replace(trail, bucket=settings.bucket)
    return Plan(
        account,
        finding.subject,
        (steps.make(trail, settings.bucket), steps.start(trail)),
        f"Make the trail {trail.name} in {where(made)}, and start it",
        (TRAIL_COST,),
    )


def _by_hand(
    finding: Finding,
    account: Account,
    settings: NoMultiRegionTrailSettings,
    reasons: list[str],
) -> Manual:
    trail = new_trail(account, settings.trail_name, settings.home_region)
    make = make_trail_bucket(trail, account, f"controls.{CONTROL.id}.bucket")
    if settings.bucket:
        make = (
            f"There is a trail {settings.trail_name}: set another controls.{CONTROL.id}.trail_name",
        )
    return Manual(
        account,
        finding.subject,
        "no trail of this account can be mended without a decision, and a new one costs money",
        (*reasons, *make, f"Let Locksmith look again. {TRAIL_COST}"),
        (_LINK,),
    )


CONTROL = Control(
    id="no-multi-region-trail",
    title="No trail records the whole account",
    topic="monitoring",
    severity=Severity.HIGH,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.TRAILS}),
    settings=NoMultiRegionTrailSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("3.1",), "5.0": ("3.1",), "7.0": ("4.1",)},
        fsbp=("CloudTrail.1",),
        nist=(*LOGGED, "AU-14(1)", "SA-8(22)"),
        pci=("10.2.1",),
    ),
)
