"""What watches the log groups that trails write to: filters, alarms, and who hears them."""

from collections.abc import Iterator
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.aws.regional import Regions, Seen
from bot.model import Alarm, Alarms, Call, LogGroup, MetricFilter, Part, Unavailable

#: What stands for the ARN of a subscription that nobody has confirmed.
_UNCONFIRMED = ("PendingConfirmation", "Deleted")


def read_alarms(connection: AwsConnection, _regions: Regions) -> Seen:
    """The filters of this account's log groups that trails write to, and the alarms on them.

    A topic that can't be read is said. Raises ReadFailedError where the rest can't be.
    """
    call = Call("cloudtrail", "DescribeTrails", {"includeShadowTrails": True})
    answer: Any = read(connection, call) or {}
    arns = {each.get("CloudWatchLogsLogGroupArn") or "" for each in answer["trailList"]}
    groups = tuple(_group(arn) for arn in sorted(arns) if _is_here(arn, connection.account.id))
    filters = tuple(each for group in groups for each in _filters(connection, group))
    counted = {(each.group.region, each.namespace, each.metric) for each in filters}
    alarms = tuple(
        each
        for region in sorted({region for region, _, _ in counted})
        for each in _alarms(connection, region)
        if (region, each.namespace, each.metric) in counted
    )
    listeners, unread = _listeners(connection, {t for each in alarms for t in each.topics})
    return Alarms(groups, filters, alarms, listeners), unread


def _is_here(arn: str, account: str) -> bool:
    parts = arn.split(":")
    return len(parts) > 6 and parts[4] == account


def _group(arn: str) -> LogGroup:
    parts = arn.split(":")
    return LogGroup(parts[6], parts[3])


def _filters(connection: AwsConnection, group: LogGroup) -> Iterator[MetricFilter]:
    """None where the group is gone."""
    call = Call("logs", "DescribeMetricFilters", {"logGroupName": group.name}, group.region)
    answer: Any = read(connection, call) or {}
    for each in answer.get("metricFilters") or ():
        for counted in each.get("metricTransformations") or ():
            yield MetricFilter(
                each["filterName"],
                group,
                each.get("filterPattern") or "",
                counted["metricNamespace"],
                counted["metricName"],
            )


def _alarms(connection: AwsConnection, region: str) -> Iterator[Alarm]:
    answer: Any = read(connection, Call("cloudwatch", "DescribeAlarms", {}, region)) or {}
    for each in answer.get("MetricAlarms") or ():
        yield Alarm(
            each["AlarmName"],
            each["AlarmArn"],
            region,
            each.get("Namespace") or "",
            each.get("MetricName") or "",
            bool(each.get("ActionsEnabled", True)),
            tuple(arn for arn in each.get("AlarmActions") or () if ":sns:" in arn),
        )


def _listeners(
    connection: AwsConnection, topics: set[str]
) -> tuple[dict[str, int], Unavailable | None]:
    found: dict[str, int] = {}
    unread: Unavailable | None = None
    for topic in sorted(topics):
        call = Call("sns", "ListSubscriptionsByTopic", {"TopicArn": topic}, topic.split(":")[3])
        try:
            answer: Any = read(connection, call)
        except ReadFailedError as error:
            unread = error.gap(Part.ALARMS, f"of {topic}")
            continue
        heard = (each["SubscriptionArn"] for each in (answer or {}).get("Subscriptions") or ())
        found[topic] = sum(each not in _UNCONFIRMED for each in heard)
    return found, unread
