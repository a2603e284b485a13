"""Security event on which no alarm goes off

Detects
-------
Of the fifteen kinds of events on which the CIS benchmark wants an alarm (refused calls, sign-ins
without MFA, use of root, changes of IAM policies, of trails, of keys, of networks and so on), those
that no metric filter of a log group looks for, or for which there is a filter and no alarm on its
metric. It looks at the log groups of this account that trails write to. The filters that CIS and
AWS Security Hub publish count in any spelling, with the service named or not, and one that looks
for more is as good. Where no trail writes to CloudWatch Logs, `trail-not-in-cloudwatch-logs` says
so. The alarm's threshold is not judged, and who hears it is the business of `alarm-nobody-hears`.

It is off unless you enable it: filters and alarms cost money.

Why it matters
--------------
These are the events that an attack can hardly do without, and that are rare enough to look at each.

Changes
-------
For each kind that is missing, makes a metric filter in the log group and an alarm that tells a
topic once anything was counted within five minutes; where a filter is there, the alarm alone. The
topic is that of the settings, or one that it makes, in the log group's Region. A new topic has no
subscriber: somebody must subscribe and confirm.

Each metric costs about 30 US cents a month and each alarm 10: about 6 US dollars a month for all
fifteen.

Undo
----
Deletes the alarms, the filters and the topic that it made.

When to say no
--------------
When something else reads the trail and raises these alarms. Kinds of events that are everyday work
for you can be left out in the settings.

References
----------
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
https://aws.amazon.com/cloudwatch/pricing/
CIS AWS Foundations Benchmark 3.0: 4.1 to 4.15, 5.0: 4.1 to 4.15, 7.0: 5.1 to 5.15
"""

from collections.abc import Iterator

from pydantic import Field, field_validator

from bot.model import (
    Control,
    Finding,
    Manual,
    MetricFilter,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from remediations._subjects import account_resource
from remediations.monitoring import _alarm_steps as steps
from remediations.monitoring._events import EVENTS, STANDARDS, Event

_IDS = tuple(event.id for event in EVENTS)


class SecurityEventWithoutAlarmSettings(Settings):
    """Whether to look, at what, and whom alarms tell."""

    enabled: bool = Field(default=False, description="Off by default: alarms cost money.")
    left_out: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description=f"Kinds of events that need no alarm, of {', '.join(_IDS)}.",
    )
    topic: str = Field(
        default="",
        pattern=r"^(arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256})?$",
        description="The ARN of the SNS topic that alarms tell, in the log group's Region; empty: "
        "Locksmith makes one.",
    )
    topic_name: str = Field(
        default="security-events",
        pattern=r"^[A-Za-z0-9_-]{1,256}$",
        description="The name of a topic that is made.",
    )
    namespace: str = Field(
        default="SecurityEvents",
        pattern=r"^[A-Za-z0-9._/#-]{1,255}$",
        description="The namespace of the metrics that are made.",
    )

    @field_validator("left_out")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted({*value} - {*_IDS})
        if unknown:
            raise ValueError(f"{unknown[0]} is no kind of event; known are {', '.join(_IDS)}")
        return value


def detect(snapshot: Snapshot, settings: SecurityEventWithoutAlarmSettings) -> Iterator[Finding]:
    """One finding for the account, with what each kind lacks."""
    lacking = _lacking(snapshot, settings)
    if not snapshot.alarms.groups or not lacking:
        return
    said = ", ".join(event.what for event in lacking)
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/security-events",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary=f"No alarm goes off on {len(lacking)} of {len(EVENTS)} kinds of events: {said}",
        evidence={
            "lacking": {
                event.id: "no alarm" if found else "no filter" for event, found in lacking.items()
            },
            "log_groups": [group.name for group in snapshot.alarms.groups],
        },
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: SecurityEventWithoutAlarmSettings
) -> Plan | Manual:
    """Make the filters and alarms that are missing."""
    account, group = snapshot.account, snapshot.alarms.groups[0]
    place = f"arn:{account.partition}:sns:{group.region}:{account.id}"
    topic = settings.topic or f"{place}:{settings.topic_name}"
    known = settings.topic or topic in snapshot.alarms.listeners
    made_first = () if known else (steps.make_topic(topic),)
    lacking = _lacking(snapshot, settings)
    making = [
        step
        for event, found in lacking.items()
        for step in steps.count_and_tell(event, found, group, topic, settings.namespace)
    ]
    unheard = ("Nobody hears the alarms until somebody subscribes to the topic",)
    return Plan(
        account,
        finding.subject,
        (*made_first, *making),
        f"Make alarms on {len(lacking)} kinds of events in {group.name}, {group.region}, that tell "
        f"{topic}",
        (_cost(len(lacking)), *(unheard if made_first else ())),
    )


def _cost(kinds: int) -> str:
    return (
        "Each metric costs about 30 US cents a month and each alarm 10: at most about "
        f"{0.4 * kinds:.1f} US dollars a month"
    )


def _lacking(
    snapshot: Snapshot, settings: SecurityEventWithoutAlarmSettings
) -> dict[Event, MetricFilter | None]:
    """The kinds without an alarm, each with a filter that looks for it."""
    lacking: dict[Event, MetricFilter | None] = {}
    for event in EVENTS:
        seen = [each for each in snapshot.alarms.filters if event.is_seen_by(each.pattern)]
        if event.id in settings.left_out or any(snapshot.alarms.on(each) for each in seen):
            continue
        lacking[event] = seen[0] if seen else None
    return lacking


CONTROL = Control(
    id="security-event-without-alarm",
    title="Security event on which no alarm goes off",
    topic="monitoring",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.ALARMS}),
    settings=SecurityEventWithoutAlarmSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
)
