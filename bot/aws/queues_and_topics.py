"""Reads the policies of queues and topics, Region by Region."""

from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import read
from bot.aws.regional import Regions, Seen, in_each
from bot.model import Call, Guarded, Json, Part

# Without a number, SQS gives a thousand queues and no token for more.
_MOST: dict[str, Json] = {"MaxResults": 1000}


def read_queue_and_topic_policies(connection: AwsConnection, regions: Regions) -> Seen:
    """The queues and topics of each Region with their policies: two lists, one call for each."""

    def look(region: str) -> tuple[Guarded, ...]:
        queues: Any = read(connection, Call("sqs", "ListQueues", _MOST, region)) or {}
        topics: Any = read(connection, Call("sns", "ListTopics", {}, region)) or {}
        return (
            *(_queue(connection, url, region) for url in queues.get("QueueUrls") or ()),
            *(_topic(connection, each["TopicArn"], region) for each in topics.get("Topics") or ()),
        )

    return in_each(Part.QUEUE_AND_TOPIC_POLICIES, regions(), look)


def _queue(connection: AwsConnection, url: str, region: str) -> Guarded:
    params: dict[str, Json] = {"QueueUrl": url, "AttributeNames": ["Policy", "QueueArn"]}
    answer: Any = read(connection, Call("sqs", "GetQueueAttributes", params, region)) or {}
    told = answer.get("Attributes") or {}
    name = url.rpartition("/")[2]
    arn = told.get("QueueArn") or (
        f"arn:{connection.account.partition}:sqs:{region}:{connection.account.id}:{name}"
    )
    return Guarded("sqs", name, arn, region, url, told.get("Policy") or "")


def _topic(connection: AwsConnection, arn: str, region: str) -> Guarded:
    answer: Any = read(connection, Call("sns", "GetTopicAttributes", {"TopicArn": arn}, region))
    told = (answer or {}).get("Attributes") or {}
    return Guarded("sns", arn.rpartition(":")[2], arn, region, arn, told.get("Policy") or "")
