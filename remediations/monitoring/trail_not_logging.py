"""Trail that does not record

Detects
-------
CloudTrail trails of this account, of any enabled Region, that are there and record nothing: never
started, or stopped. Also those that record and can't deliver their files, since what is not
delivered within a time is lost. Only where another trail records the whole account: where none
does, `no-multi-region-trail` asks about that, and starts the trail that lacks least. Trails of the
organization are another account's. Where the trails of a Region can't be read, the scan says so,
and what was found there stays open.

Why it matters
--------------
Stopping a trail is what somebody does who wants no witness, and a trail in a list looks like a
record that is there. A trail made through the API does not record until it is started.

Changes
-------
Starts the trail in its home region. Where its files can't be delivered people make the change: the
bucket, its policy or its key must let CloudTrail write, and those are not Locksmith's.

Nothing of it happens unless somebody approves this very plan, which says the Region, the bucket and
what it costs a month, or a rule of yours names this control.

As another trail records the account, this one is a second copy of management events, which costs 2
US dollars for each 100,000 events; storing its files costs up to about 1 US dollar a month in a
small account.

Undo
----
Stops the trail again. What it recorded meanwhile stays in the bucket.

When to say no
--------------
When it was stopped because another trail records the same: delete it instead. A second copy of
management events costs money.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-turning-off-logging.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
https://aws.amazon.com/cloudtrail/pricing/
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
    Manual,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations.monitoring import _trail_steps as steps
from remediations.monitoring._costs import TRAIL_COST, where
from remediations.monitoring._trails import EVERY_TRAIL, lacks, own_trails, trail_finding, trail_in

_LINK = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
    "create-s3-bucket-policy-for-cloudtrail.html"
)


class TrailNotLoggingSettings(Settings):
    """Nothing to set but whether it is looked at."""


def detect(snapshot: Snapshot, settings: TrailNotLoggingSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per trail that records nothing, or delivers nothing."""
    if not any(not list(lacks(each)) for each in snapshot.trails):
        return
    for trail in own_trails(snapshot):
        if not trail.logging:
            summary = f"The trail {trail.name} records nothing: it is stopped"
        elif trail.delivery_error:
            summary = f"The trail {trail.name} can't deliver its files: {trail.delivery_error}"
        else:
            continue
        evidence = {"logging": trail.logging, "delivery_error": trail.delivery_error}
        yield trail_finding(
            CONTROL.id, CONTROL.severity, trail, snapshot, "logging", summary, evidence
        )


def plan(finding: Finding, snapshot: Snapshot, settings: TrailNotLoggingSettings) -> Plan | Manual:  # noqa: ARG001 - every control's signature
    """Start the trail, or have people open its bucket to it."""
    trail = trail_in(finding, snapshot)
    if trail.logging:
        return Manual(
            snapshot.account,
            finding.subject,
            f"the files of {trail.name} can't be delivered, and its bucket is not Locksmith's",
            (
                (
                    "Look at the trail's error: aws cloudtrail get-trail-status "
                    f"--name {trail.arn} --region {trail.home_region}"
                ),
                "Let the bucket's policy, and its key if it has one, allow CloudTrail to write",
                "Let Locksmith look again",
            ),
            (_LINK,),
        )
    return Plan(
        snapshot.account,
        finding.subject,
        (steps.start(trail),),
        f"Start the trail {trail.name} in {where(trail)}",
        (TRAIL_COST,),
    )


CONTROL = Control(
    id="trail-not-logging",
    title="Trail that does not record",
    topic="monitoring",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=EVERY_TRAIL,
    settings=TrailNotLoggingSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AU-2", "AU-12", "SI-4(20)"), pci=("10.2.1",)),
)
