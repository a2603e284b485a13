"""Account whose events no alarm can see

Detects
-------
An account with trails of its own, none of which writes to CloudWatch Logs: neither one of the
account that is logging nor one of the organization that shows here. Trails that record another
Region alone don't answer for the account: one of them is asked about where there is none better.
One question is asked, about the trail that records most.

It is off unless you enable it: CloudWatch Logs costs money.

Why it matters
--------------
A trail's files arrive in a bucket some minutes late, where nothing looks at them. Alarms need the
events in CloudWatch Logs.

Changes
-------
Makes a log group in the trail's home Region, which keeps things for the days of the settings, and
a role that CloudTrail assumes and that may write there and nowhere else, and lets the trail write
there. Where the settings name a role, that one is used instead. All of it holds in the end or none
of it: what was made is taken back where the trail refuses. CloudTrail does not know a new role at
once: while it says so, it is asked again, with growing pauses, for as long as
`verification.patience_seconds` says.

CloudWatch Logs costs about 50 US cents for each GB that comes in, and 3 cents for each GB and month
that is kept. The management events of a small account are less than 1 GB a month; data events can
be very many.

Undo
----
Lets the trail write to its bucket alone, and deletes the log group, with what was written into it,
and the role.

When to say no
--------------
When something else reads the bucket and raises the alarms.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-5
https://aws.amazon.com/cloudwatch/pricing/
"""

from collections.abc import Iterator

from pydantic import Field, field_validator

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
    Step,
    Trail,
)
from remediations._new_roles import grant, make_role
from remediations.monitoring import _log_steps as steps
from remediations.monitoring._costs import where
from remediations.monitoring._standards import LOGGED
from remediations.monitoring._trails import EVERY_TRAIL, lacks, own_trails, trail_finding, trail_in

_COST = (
    "CloudWatch Logs costs about 50 US cents for each GB that comes in and 3 for each GB and month "
    "that is kept; the management events of a small account are less than 1 GB a month"
)


class TrailNotInCloudwatchLogsSettings(Settings):
    """Whether to look, and what is made."""

    enabled: bool = Field(default=False, description="Off by default: CloudWatch Logs costs money.")
    log_group: str = Field(
        default="cloudtrail/events",
        pattern=r"^[A-Za-z0-9_/.#-]{1,512}$",
        description="The name of the log group that is made.",
    )
    role_name: str = Field(
        default="CloudTrailToCloudWatchLogs",
        pattern=r"^[A-Za-z0-9_+=,.@-]{1,64}$",
        description="The name of the role that is made.",
    )
    role: str = Field(
        default="",
        pattern=r"^(arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]{1,576})?$",
        description="The ARN of a role that CloudTrail may assume and that may write to the log "
        "group; empty: Locksmith makes one.",
    )
    keep: str = Field(
        default="365",
        description="For how many days the log group keeps things; CloudWatch knows "
        f"{', '.join(map(str, steps.RETENTIONS))}.",
    )

    @field_validator("keep")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in map(str, steps.RETENTIONS):
            raise ValueError(f"CloudWatch Logs can't keep things for {value} days")
        return value


def detect(snapshot: Snapshot, settings: TrailNotInCloudwatchLogsSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding, about the account's best trail."""
    if any(trail.log_group and (trail.logging or trail.organization) for trail in snapshot.trails):
        return
    candidates = [trail for trail in own_trails(snapshot) if not trail.log_group]
    if candidates:
        best = min(candidates, key=_worth)
        summary = f"No alarm can see what happens: {best.name} writes to its bucket alone"
        yield trail_finding(
            CONTROL.id,
            CONTROL.severity,
            best,
            snapshot,
            "cloudwatch-logs",
            summary,
            {"bucket": best.bucket, "lacks": [*lacks(best)]},
        )


def _worth(trail: Trail) -> tuple[int, str, str]:
    return (len([*lacks(trail)]), trail.name, trail.arn)


def plan(
    finding: Finding, snapshot: Snapshot, settings: TrailNotInCloudwatchLogsSettings
) -> Plan | Manual:
    """Make a log group and a role, and let the trail write there."""
    trail, account = trail_in(finding, snapshot), snapshot.account
    region, name = trail.home_region, settings.log_group
    group = steps.group_arn(account, region, name)
    role = settings.role or account.iam_arn(f"role/{settings.role_name}")
    making: tuple[Step, ...] = ()
    if not settings.role:
        making = (
            make_role(
                account,
                settings.role_name,
                "cloudtrail.amazonaws.com",
                f"Lets CloudTrail write to {name}",
            ),
            grant(
                settings.role_name,
                "write-logs",
                steps.may_write(group),
                f"write to the log group {name}",
            ),
        )
    return Plan(
        account,
        finding.subject,
        (
            *making,
            steps.make_group(name, region),
            steps.keep_for(name, region, int(settings.keep)),
            steps.deliver(trail, group, role),
        ),
        f"Let the trail {trail.name} in {where(trail)}, write to the log group {name} in {region} "
        "as well",
        (_COST,),
        whole=True,
    )


CONTROL = Control(
    id="trail-not-in-cloudwatch-logs",
    title="Account whose events no alarm can see",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=EVERY_TRAIL,
    settings=TrailNotInCloudwatchLogsSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        fsbp=("CloudTrail.5",),
        nist=(*LOGGED, "AU-6(1)", "AU-6(5)", "AU-7(1)", "SI-4(5)", "SI-20"),
    ),
)
