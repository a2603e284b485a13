"""The posture and the last scans, from what the overview knows to what messages and Home show."""

from collections.abc import Iterable

from bot.engine.overview import Topic
from bot.model import Severity
from bot.slack.blocks.posture_part import LastScan, TopicPosture
from bot.store.accounts import AccountRecord


def since_last_week(topics: Iterable[Topic]) -> list[TopicPosture]:
    """Every topic, with its trend over a week."""
    return [_shown(topic) for topic in topics]


def last_scans(accounts: Iterable[AccountRecord]) -> list[LastScan]:
    """When each account was looked at last, and whether it may be changed."""
    return [LastScan(each.account.id, each.last_scan_at, each.mode == "live") for each in accounts]


def _shown(topic: Topic) -> TopicPosture:
    bad = topic.open.get(Severity.CRITICAL, 0) + topic.open.get(Severity.HIGH, 0)
    change = topic.count - topic.week_ago
    return TopicPosture(topic.topic, topic.count, bad, change, topic.not_evaluated)
