"""Alarm on a security event that nobody hears

Detects
-------
Alarms on what metric filters count in this account's log groups that trails write to, which tell
nobody: their actions are switched off, they tell no SNS topic, or none of their topics has a
confirmed subscription. A topic that can't be read is named by the scan, and nothing is concluded
of its alarms. Alarms on anything else are not looked at, nor what a subscriber does with a message.

It is off unless you enable it: it reads alarms and topics.

Why it matters
--------------
A subscription that nobody confirmed looks like one in every list. The alarm goes off, and nobody
knows.

Changes
-------
Switches on the actions of an alarm whose topic somebody hears, which costs nothing. Otherwise it
lists the steps, as a person must choose who hears it, and whoever it is must confirm.

Undo
----
Switches the actions off again.

When to say no
--------------
When the alarm only changes a dashboard, or somebody polls its state.

References
----------
https://docs.aws.amazon.com/sns/latest/dg/SubscriptionStatus.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
CIS AWS Foundations Benchmark 3.0: 4.1 to 4.15, 5.0: 4.1 to 4.15, 7.0: 5.1 to 5.15
"""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from bot.model import (
    Alarm,
    Alarms,
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
)
from remediations.monitoring import _alarm_steps as steps
from remediations.monitoring._events import STANDARDS

_LINK = "https://docs.aws.amazon.com/sns/latest/dg/SubscriptionStatus.html"


class AlarmNobodyHearsSettings(Settings):
    """Whether to look."""

    enabled: bool = Field(default=False, description="Off by default: it reads alarms and topics.")


def detect(snapshot: Snapshot, settings: AlarmNobodyHearsSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding per alarm."""
    for alarm in snapshot.alarms.alarms:
        why = _why_unheard(alarm, snapshot.alarms)
        if why:
            yield Finding(
                control=CONTROL.id,
                subject=f"{snapshot.account.id}/{alarm.arn}/heard",
                resource=Resource("alarm", alarm.name, alarm.arn, alarm.arn),
                severity=CONTROL.severity,
                summary=f"Nobody hears the alarm {alarm.name}: {why}",
                evidence={
                    "region": alarm.region,
                    "topics": {each: snapshot.alarms.listeners.get(each) for each in alarm.topics},
                },
            )


def _why_unheard(alarm: Alarm, alarms: Alarms) -> str:
    if not alarm.enabled:
        return "its actions are switched off"
    if not alarm.topics:
        return "it tells no topic"
    heard = [alarms.listeners.get(topic) for topic in alarm.topics]
    if any(each is None or each > 0 for each in heard):
        return ""
    return "no subscription of its topic is confirmed"


def plan(finding: Finding, snapshot: Snapshot, settings: AlarmNobodyHearsSettings) -> Plan | Manual:  # noqa: ARG001 - every control's signature
    """Switch its actions on, or have people subscribe."""
    alarms = snapshot.alarms
    alarm = next(each for each in alarms.alarms if each.arn == finding.resource.arn)
    # Somebody listens, so that it is found for its actions alone.
    if any(alarms.listeners.get(topic) for topic in alarm.topics):
        return Plan(
            snapshot.account,
            finding.subject,
            (steps.speak(alarm),),
            f"Let the alarm {alarm.name} in {alarm.region} tell {', '.join(alarm.topics)}, which "
            "costs nothing a month",
        )
    topic = alarm.topics[0] if alarm.topics else "TOPIC_ARN"
    return Manual(
        snapshot.account,
        finding.subject,
        "people choose who hears the alarm, and whoever it is must confirm",
        (
            (
                f"Let {alarm.name} tell {topic if alarm.topics else 'a topic of yours'}, if it "
                "doesn't, with its actions switched on"
            ),
            (
                f"Subscribe a mailbox that a team reads: aws sns subscribe --topic-arn {topic} "
                f"--region {alarm.region} --protocol email --notification-endpoint ADDRESS; a "
                "thousand messages a month cost nothing"
            ),
            "Confirm it by the link in the message that arrives, and let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="alarm-nobody-hears",
    title="Alarm on a security event that nobody hears",
    topic="monitoring",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.ALARMS}),
    settings=AlarmNobodyHearsSettings,
    detect=detect,
    plan=plan,
    standards=replace(
        STANDARDS,
        nist=(
            "AU-6(1)", "AU-6(5)", "CA-7", "IR-4(1)", "IR-4(5)", "SI-2", "SI-4(5)", "SI-4(12)",
            "SI-20",
        ),
    ),
)  # fmt: skip
