"""Metric filters on trails' log groups, the alarms on what they count, and who hears those."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group of this account that a trail writes to."""

    name: str
    region: str


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """A filter of a log group: what it looks for, and the metric that counts it."""

    name: str
    group: LogGroup
    pattern: str
    namespace: str
    metric: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on one metric; `topics` are the ARNs of the SNS topics that it tells."""

    name: str
    arn: str
    region: str
    namespace: str
    metric: str
    enabled: bool
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarms:
    """What watches the trails' log groups.

    `alarms` are those on a metric of one of `filters`. `listeners` is how many confirmed
    subscriptions each of their topics has; a topic that could not be read is missing.
    """

    groups: tuple[LogGroup, ...]
    filters: tuple[MetricFilter, ...]
    alarms: tuple[Alarm, ...]
    listeners: Mapping[str, int]

    def on(self, found: MetricFilter) -> tuple[Alarm, ...]:
        """The alarms on a filter's metric."""
        return tuple(
            each
            for each in self.alarms
            if (each.region, each.namespace, each.metric)
            == (found.group.region, found.namespace, found.metric)
        )
