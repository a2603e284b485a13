"""Trail whose files can't be proved

Detects
-------
CloudTrail trails of this account, of any enabled Region, whose log file validation is off, whether
they record or not. Trails of the organization are another account's. Where the trails of a Region
can't be read, the scan says so, and what was found there stays open.

Why it matters
--------------
Without digest files nobody can tell whether a log file was changed or taken away after CloudTrail
wrote it, which is what matters on the day when somebody asks.

Changes
-------
Switches validation on in the trail's home region: from then on CloudTrail writes a signed digest
file every hour beside the log files. Files from before can't be proved by that.

Nothing of it happens unless somebody approves this very plan, which says the Region, the bucket and
what it costs a month, or a rule of yours names this control.

Digest files cost less than 10 US cents a month.

Undo
----
Switches it off again; digest files that were written stay in the bucket.

When to say no
--------------
When the bucket takes files of exactly one form, and what reads them stumbles over digests.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4
CIS AWS Foundations Benchmark 3.0: 3.2, 5.0: 3.2, 7.0: 4.2
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
from remediations.monitoring._costs import DIGEST_COST, where
from remediations.monitoring._trails import EVERY_TRAIL, own_trails, trail_finding, trail_in


class TrailWithoutLogValidationSettings(Settings):
    """Nothing to set but whether it is looked at."""


def detect(snapshot: Snapshot, settings: TrailWithoutLogValidationSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per trail."""
    for trail in own_trails(snapshot):
        if not trail.validation:
            summary = f"Nobody can prove that the files of the trail {trail.name} are as written"
            evidence = {"logging": trail.logging}
            yield trail_finding(
                CONTROL.id, CONTROL.severity, trail, snapshot, "validation", summary, evidence
            )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: TrailWithoutLogValidationSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Switch validation on."""
    trail = trail_in(finding, snapshot)
    return Plan(
        snapshot.account,
        finding.subject,
        (steps.validate(trail),),
        f"Let CloudTrail sign digests of what {trail.name} writes in {where(trail)}",
        (DIGEST_COST,),
    )


CONTROL = Control(
    id="trail-without-log-validation",
    title="Trail whose files can't be proved",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=EVERY_TRAIL,
    settings=TrailWithoutLogValidationSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("3.2",), "5.0": ("3.2",), "7.0": ("4.2",)},
        fsbp=("CloudTrail.4",),
        nist=("AU-9", "SI-4", "SI-7(1)", "SI-7(3)", "SI-7(7)"),
        pci=("10.3.2",),
    ),
)
