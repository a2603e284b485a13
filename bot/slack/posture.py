"""The posture and the last scans, from what the overview knows to what messages and Home show."""

from collections.abc import Iterable

from bot.engine.overview import Topic
from bot.engine.watching import Watched
from bot.model import Severity
from bot.slack.blocks.posture_part import LastScan, TopicPosture


def since_last_week(topics: Iterable[Topic]) -> list[TopicPosture]:
    """Every topic, with its trend over a week."""
    return [_shown(topic) for topic in topics]


def last_scans(accounts: Iterable[Watched]) -> list[LastScan]:
    """When each account was looked at last and will be next, and whether it may be changed."""
    return [
        LastScan(each.account_id, each.looked_at, each.is_live, each.next_at, each.name)
        for each in accounts
    ]


def _shown(topic: Topic) -> TopicPosture:
    bad = topic.open.get(Severity.CRITICAL, 0) + topic.open.get(Severity.HIGH, 0)
    change = topic.count - topic.week_ago
    return TopicPosture(topic.topic, topic.count, bad, change, topic.not_evaluated)
