"""The steps that make an alarm on what a trail's log group shows: topic, filter, alarm."""

from collections.abc import Iterator

from bot.model import Alarm, Call, Expect, Json, LogGroup, MetricFilter, Operator, Risk, Step
from remediations._reads import quoted
from remediations.monitoring._events import Event


def make_topic(arn: str) -> Step:
    """Make the topic that alarms tell."""
    region, name = arn.split(":")[3], arn.rpartition(":")[2]
    read = Call("sns", "GetTopicAttributes", {"TopicArn": arn}, region)
    path = "Attributes.TopicArn"
    return Step(
        name="make-topic",
        summary=f"Make the topic {name} in {region}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is a topic {name} by now"),),
        do=Call("sns", "CreateTopic", {"Name": name}, region),
        after=(Expect(read, path, Operator.EQUALS, arn, f"the topic {name} is not there"),),
        undo=Call("sns", "DeleteTopic", {"TopicArn": arn}, region),
    )


def count_and_tell(
    event: Event, found: MetricFilter | None, group: LogGroup, topic: str, namespace: str
) -> Iterator[Step]:
    """An alarm on a kind of event, after the filter that counts it, if none is there."""
    if found is None:
        found = MetricFilter(event.id, group, event.pattern, namespace, event.id)
        yield make_filter(found)
    yield make_alarm(f"{namespace}-{event.id}", found, topic)


def make_filter(wanted: MetricFilter) -> Step:
    """Let the log group count what the filter looks for."""
    group, name = wanted.group, wanted.name
    read = _logs(group, "DescribeMetricFilters", filterNamePrefix=name)
    path = f"metricFilters[?filterName=={quoted(name)}].filterPattern | [0]"
    counting: dict[str, Json] = {
        "metricName": wanted.metric,
        "metricNamespace": wanted.namespace,
        "metricValue": "1",
    }
    return Step(
        name=f"filter-{name}",
        summary=f"Count what {name} looks for in the log group {group.name}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is a filter {name} by now"),),
        do=_logs(
            group,
            "PutMetricFilter",
            filterName=name,
            filterPattern=wanted.pattern,
            metricTransformations=[counting],
        ),
        after=(Expect(read, path, Operator.EQUALS, wanted.pattern, f"{name} is not there"),),
        undo=_logs(group, "DeleteMetricFilter", filterName=name),
    )


def make_alarm(name: str, counted: MetricFilter, topic: str) -> Step:
    """Tell a topic when the filter's metric counts anything within five minutes."""
    region = counted.group.region
    read = Call("cloudwatch", "DescribeAlarms", {"AlarmNames": [name]}, region)
    path = f"MetricAlarms[?AlarmName=={quoted(name)}].[MetricName, AlarmActions] | [0]"
    alarm: dict[str, Json] = {
        "AlarmName": name,
        "AlarmActions": [topic],
        "Namespace": counted.namespace,
        "MetricName": counted.metric,
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        # Nothing was counted while nothing happened.
        "TreatMissingData": "notBreaching",
    }
    made: Json = [counted.metric, [topic]]
    return Step(
        name=f"alarm-{name}",
        summary=f"Tell {topic} when {counted.name} finds anything",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, f"there is an alarm {name} by now"),),
        do=Call("cloudwatch", "PutMetricAlarm", alarm, region),
        after=(Expect(read, path, Operator.EQUALS, made, f"the alarm {name} is not there"),),
        undo=Call("cloudwatch", "DeleteAlarms", {"AlarmNames": [name]}, region),
    )


def speak(alarm: Alarm) -> Step:
    """Let an alarm tell its topics."""
    named: dict[str, Json] = {"AlarmNames": [alarm.name]}
    read = Call("cloudwatch", "DescribeAlarms", named, alarm.region)
    path = f"MetricAlarms[?AlarmName=={quoted(alarm.name)}].ActionsEnabled | [0]"
    why = f"{alarm.name} was changed in the meantime"
    return Step(
        name="speak",
        summary=f"Let the alarm {alarm.name} tell its topics",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, value=False, why=why),),
        do=Call("cloudwatch", "EnableAlarmActions", named, alarm.region),
        after=(Expect(read, path, Operator.EQUALS, value=True, why="it tells nobody"),),
        undo=Call("cloudwatch", "DisableAlarmActions", named, alarm.region),
    )


def _logs(group: LogGroup, operation: str, **params: Json) -> Call:
    return Call("logs", operation, {"logGroupName": group.name, **params}, group.region)
