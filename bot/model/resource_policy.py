"""The policies of buckets, queues and topics: who may use them, in their own words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guarded:
    """A bucket, queue or topic of this account, by the service it is of: s3, sqs or sns.

    `text` is its policy's JSON text as AWS gave it, empty where it has none. `address` is what the
    service's calls take: a bucket's name, a queue's URL, a topic's ARN.
    """

    service: str
    name: str
    arn: str
    region: str
    address: str
    text: str = ""
