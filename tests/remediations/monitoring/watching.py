"""Snapshots of what watches a trail's log group, and an account that has it."""

from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import Alarm, Alarms, LogGroup, MetricFilter, Part
from remediations.monitoring._events import EVENTS
from tests.remediations.people import seen

GROUP = "events"
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"
HERE = LogGroup(GROUP, "us-east-1")
PARTS = frozenset({Part.ALARMS})


def counting(name: str, pattern: str) -> MetricFilter:
    """A filter of the log group."""
    return MetricFilter(name, HERE, pattern, "Own", name)


def alarm(metric: str, *, topics: tuple[str, ...] = (TOPIC,), enabled: bool = True) -> Alarm:
    """An alarm on what a filter counts."""
    name = f"own-{metric}"
    arn = f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"
    return Alarm(name, arn, "us-east-1", "Own", metric, enabled, topics)


def watching(
    filters: list[MetricFilter] | None = None,
    alarms: list[Alarm] | None = None,
    listeners: dict[str, int] | None = None,
    groups: tuple[LogGroup, ...] = (HERE,),
) -> Any:
    """A snapshot with all of that; by default everything is watched and heard."""
    if filters is None:
        filters = [counting(event.id, event.pattern) for event in EVENTS]
    if alarms is None:
        alarms = [alarm(each.metric) for each in filters]
    heard = {TOPIC: 1} if listeners is None else listeners
    return seen(parts={Part.ALARMS: Alarms(groups, tuple(filters), tuple(alarms), heard)})


def in_cloudwatch_logs(account: AccountBuilder) -> None:
    """The healthy trail writes to a log group too."""
    place = f"arn:aws:logs:us-east-1:{account.account_id}:log-group:{GROUP}:*"
    role = f"arn:aws:iam::{account.account_id}:role/to-logs"
    account.client("logs").create_log_group(logGroupName=GROUP)
    account.client("cloudtrail").update_trail(
        Name="everything", CloudWatchLogsLogGroupArn=place, CloudWatchLogsRoleArn=role
    )
