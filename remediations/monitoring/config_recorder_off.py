"""Region in which nobody remembers how things were

Detects
-------
Enabled Regions in which AWS Config does not record: no recorder, one that is stopped, one without
a delivery channel, or one whose last delivery failed. Regions that can't be read are named by the
scan. Recorders that other services keep for themselves don't count.

It is off unless you enable it: it reads every Region, and Config costs money.

Why it matters
--------------
CloudTrail tells who did something; Config remembers what it was like before and after, which is
what everyone asks once something is broken.

Changes
-------
Starts a recorder that is stopped. Where there is none it makes one, with its delivery channel, if
the settings name a bucket for its files: with the role of the settings, or with the service-linked
role of Config where the account has it. The things of IAM are recorded in one Region, which the
settings name, as they are the same in each. Otherwise, and where a delivery failed, it lists the
steps.

Config costs 0.3 US cents for each change of a thing that it records, in each Region, and storage
for its files: about 1 US dollar a month in a quiet Region, far more where much comes and goes.

Undo
----
Stops the recorder again, and deletes the channel and the recorder that were made. What was
delivered stays in the bucket.

When to say no
--------------
In Regions that nobody uses and nobody can: leave them out in the settings.

References
----------
https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html#config-1
https://aws.amazon.com/config/pricing/
CIS AWS Foundations Benchmark 3.0: 3.3, 5.0: 3.3, 7.0: 4.3
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
from remediations._subjects import account_resource, is_named
from remediations.monitoring._making import create_bucket
from remediations.monitoring._recorders import (
    COST,
    STANDARDS,
    Named,
    bucket_of,
    lack,
    mending,
    own_role,
)

_LINK = "https://docs.aws.amazon.com/config/latest/developerguide/gs-cli-prereq.html"


class ConfigRecorderOffSettings(Settings):
    """Whether to look, where not, and what is made."""

    enabled: bool = Field(
        default=False, description="Off by default: it reads every Region, and Config costs money."
    )
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Regions that need no recorder; * and ? are wildcards.",
    )
    bucket: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        description="The bucket for files of new recorders, whose policy lets Config write; empty: "
        "Locksmith makes no recorder, since it costs money (CIS 5.0 3.3).",
    )
    role: str = Field(
        default="",
        pattern=r"^(arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]{1,576})?$",
        description="The ARN of the role of new recorders; empty: the service-linked role of "
        "Config.",
    )
    iam_types_in: str = Field(
        default="us-east-1",
        pattern=r"^[a-z0-9-]{1,40}$",
        description="The Region in which a new recorder records the things of IAM too.",
    )


def detect(snapshot: Snapshot, settings: ConfigRecorderOffSettings) -> Iterator[Finding]:
    """One finding for the account, with what each Region lacks."""
    lacking = _lacking(snapshot, settings)
    if not lacking:
        return
    said = ", ".join(f"{region} ({what})" for region, what in lacking.items())
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/config-recorders",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"AWS Config doesn't record in {len(lacking)} Regions: {said}",
        evidence={"regions": {**lacking}},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ConfigRecorderOffSettings
) -> Plan | Manual:
    """Start what is stopped, and make what the settings say all of."""
    lacking = _lacking(snapshot, settings)
    named = Named(settings.bucket, settings.role or own_role(snapshot), settings.iam_types_in)
    todo = {region: mending(region, snapshot.recorders[region], named) for region in lacking}
    doing = tuple(step for each in todo.values() for step in each)
    if doing:
        mended = ", ".join(
            f"{region} (files in the bucket {bucket_of(snapshot.recorders[region], named)})"
            for region, each in todo.items()
            if each
        )
        return Plan(
            snapshot.account,
            finding.subject,
            doing,
            f"Let AWS Config record in {mended}",
            (COST,),
        )
    return Manual(
        snapshot.account,
        finding.subject,
        "a recorder costs money and needs a bucket and a role that people name, or its files don't "
        "arrive",
        (
            f"Where there is a recorder, mend its delivery: {', '.join(lacking)}",
            (
                "For new ones make the service-linked role, if there is none: aws iam "
                "create-service-linked-role --aws-service-name config.amazonaws.com"
            ),
            (
                f"Make a bucket, such as {_bucket(snapshot, settings)}, and let its policy allow "
                "config.amazonaws.com "
                "s3:GetBucketAcl, s3:ListBucket and s3:PutObject"
            ),
            f"Name it in controls.{CONTROL.id}.bucket, and let Locksmith look again. {COST}",
        ),
        (_LINK,),
    )


def _bucket(snapshot: Snapshot, settings: ConfigRecorderOffSettings) -> str:
    return create_bucket(f"config-{snapshot.account.id}", settings.iam_types_in)


def _lacking(snapshot: Snapshot, settings: ConfigRecorderOffSettings) -> dict[str, str]:
    looked = {region: lack(each) for region, each in sorted(snapshot.recorders.items())}
    return {
        region: what
        for region, what in looked.items()
        if what and not is_named(region, settings.left_out)
    }


CONTROL = Control(
    id="config-recorder-off",
    title="Region in which nobody remembers how things were",
    topic="monitoring",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.CONFIG_RECORDERS}),
    plan_needs=frozenset({Part.ROLES}),
    settings=ConfigRecorderOffSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
)
