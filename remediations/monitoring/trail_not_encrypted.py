"""Trail whose files are encrypted with no key of yours

Detects
-------
CloudTrail trails of this account, of any enabled Region, whose files are encrypted by S3 alone,
without a KMS key. Trails of the organization are another account's. Whether a key's policy is a
good one is not judged. Where the trails of a Region can't be read, the scan says so, and what was
found there stays open.

It is off unless you enable it: a key costs money.

Why it matters
--------------
Whoever may read the bucket reads the files. With a key they need its permission as well, each
reading is recorded, and the key can be switched off.

Changes
-------
Where the settings name a key, lets CloudTrail encrypt new files of the trail with it; older files
stay as they are. CloudTrail refuses a key in another Region than the bucket, or whose policy does
not let it in. Without a key in the settings it lists the commands that make one, with names for
all of it, since who may read the files is for people to decide.

A key costs 1 US dollar a month, and CloudTrail's calls to it a few cents; a bucket key makes those
fewer.

Undo
----
Lets S3 alone encrypt new files again. What was encrypted meanwhile needs the key still: don't
delete it.

When to say no
--------------
When what reads the files may not be given the key's permission to decrypt.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-2
https://aws.amazon.com/kms/pricing/
CIS AWS Foundations Benchmark 3.0: 3.5, 5.0: 3.5, 7.0: 4.5
"""

from collections.abc import Iterator

from pydantic import Field

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
from remediations.monitoring._costs import where
from remediations.monitoring._trails import EVERY_TRAIL, own_trails, trail_finding, trail_in

_LINK = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
    "create-kms-key-policy-for-cloudtrail.html"
)
_COST = (
    "The key costs 1 US dollar a month, if it is made for this, and CloudTrail's calls to it a few "
    "cents"
)


class TrailNotEncryptedSettings(Settings):
    """Whether to look, and which key to use."""

    enabled: bool = Field(default=False, description="Off by default: a key costs money.")
    key: str = Field(
        default="",
        pattern=r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]{1,128})?$",
        description="The ARN of the key, in the Region of the trails' buckets, whose policy lets "
        "CloudTrail use it; empty: Locksmith lists what makes one (CIS 5.0 3.5).",
    )


def detect(snapshot: Snapshot, settings: TrailNotEncryptedSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per trail."""
    for trail in own_trails(snapshot):
        if not trail.key:
            summary = f"The files of the trail {trail.name} are encrypted with no key of yours"
            evidence = {"bucket": trail.bucket}
            yield trail_finding(
                CONTROL.id, CONTROL.severity, trail, snapshot, "encryption", summary, evidence
            )


def plan(
    finding: Finding, snapshot: Snapshot, settings: TrailNotEncryptedSettings
) -> Plan | Manual:
    """Use the key of the settings, or list what makes one."""
    trail = trail_in(finding, snapshot)
    if settings.key:
        return Plan(
            snapshot.account,
            finding.subject,
            (steps.encrypt(trail, settings.key),),
            f"Encrypt new files of the trail {trail.name} in {where(trail)}, with {settings.key}",
            (_COST, "Whoever reads the files needs the key's permission to decrypt from now on"),
        )
    home = trail.home_region
    return Manual(
        snapshot.account,
        finding.subject,
        "the settings name no key, which costs money and decides who may read the files",
        (
            (
                f"Make a key in the Region of the bucket {trail.bucket}, such as: aws kms "
                f"create-key --description cloudtrail-{trail.name} --region {home}"
            ),
            (
                "Let its policy allow cloudtrail.amazonaws.com kms:GenerateDataKey* and "
                f"kms:DescribeKey where aws:SourceArn is {trail.arn}, and whoever reads the files "
                "kms:Decrypt"
            ),
            f"Name its ARN in controls.{CONTROL.id}.key, and let Locksmith look again. {_COST}",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="trail-not-encrypted",
    title="Trail whose files are encrypted with no key of yours",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=EVERY_TRAIL,
    settings=TrailNotEncryptedSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("3.5",), "5.0": ("3.5",), "7.0": ("4.5",)},
        fsbp=("CloudTrail.2",),
        nist=("AU-9", "CA-9(1)", "CM-3(6)", "SC-7(10)", "SC-13", "SC-28", "SC-28(1)", "SI-7(6)"),
        pci=("10.3.2",),
    ),
)
