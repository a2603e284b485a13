"""CloudFront's distributions, and whether anything logs what is asked of them."""

from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.aws.regional import Regions, Seen
from bot.model import Call, Distribution, Json, Part, Unavailable

#: Where CloudFront's deliveries are kept.
_HOME = "us-east-1"


def read_distributions(connection: AwsConnection, _regions: Regions) -> Seen:
    """All distributions. One whose configuration can't be read is left out, and said.

    Raises ReadFailedError where they, or CloudWatch's deliveries, can't be listed.
    """
    answer: Any = read(connection, Call("cloudfront", "ListDistributions")) or {}
    listed = (answer.get("DistributionList") or {}).get("Items") or ()
    delivered = _delivered(connection) if listed else frozenset()
    found: list[Distribution] = []
    unread: Unavailable | None = None
    for each in listed:
        try:
            logs = each["ARN"] in delivered or _logs_by_itself(connection, each["Id"])
        except ReadFailedError as error:
            unread = error.gap(Part.DISTRIBUTIONS, f"of {each['Id']}")
            continue
        enabled = bool(each.get("Enabled"))
        found.append(Distribution(each["Id"], each["ARN"], each["DomainName"], enabled, logs))
    return tuple(found), unread


def _logs_by_itself(connection: AwsConnection, id_: str) -> bool:
    """By the older standard logging, or real-time logs; true where it is gone meanwhile."""
    named: dict[str, Json] = {"Id": id_}
    answer: Any = read(connection, Call("cloudfront", "GetDistributionConfig", named))
    if answer is None:
        return True
    told = answer["DistributionConfig"]
    realtime = (told.get("DefaultCacheBehavior") or {}).get("RealtimeLogConfigArn")
    return bool((told.get("Logging") or {}).get("Enabled") or realtime)


def _delivered(connection: AwsConnection) -> frozenset[str]:
    """The ARNs of what CloudWatch's deliveries deliver the logs of."""
    sources: Any = read(connection, Call("logs", "DescribeDeliverySources", {}, _HOME)) or {}
    deliveries: Any = read(connection, Call("logs", "DescribeDeliveries", {}, _HOME)) or {}
    used = {each.get("deliverySourceName") for each in deliveries.get("deliveries") or ()}
    return frozenset(
        arn
        for each in sources.get("deliverySources") or ()
        if each["name"] in used and each.get("logType") == "ACCESS_LOGS"
        for arn in each.get("resourceArns") or ()
    )
