"""Who signed in to the console from where, as CloudTrail's event history has it.

It keeps 90 days. A sign-in stands in the Region of the endpoint that was used: that of global
services, or one of three where the browser remembers the account's alias.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot.aws.after_change import regions_of
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, iso, pages
from bot.model import Call, SignIn, SignIns

KEPT = timedelta(days=90)
#: Most pages of 50 sign-ins of one Region: AWS answers two in a second.
MOST_PAGES = 4
_REMEMBERING = {"aws": ("us-east-2", "eu-north-1", "ap-southeast-2")}


def read_sign_ins(
    connection: AwsConnection, now: datetime, *, most_pages: int = MOST_PAGES
) -> SignIns:
    """The newest successful sign-ins of IAM users, of all Regions where they stand.

    The number of calls doesn't grow with users: where there are too many sign-ins, older ones are
    not read, and `since` is when what was read begins. A Region that can't be read is in `unread`.
    """
    since, unread = now - KEPT, []
    found: dict[str, list[SignIn]] = defaultdict(list)
    for region in regions_of(connection, _REMEMBERING.get(connection.account.partition, ())):
        try:
            begins, events = _events(connection, region, now - KEPT, most_pages)
        except ReadFailedError:
            unread.append(region)
            continue
        since = max(since, begins)
        for user_id, sign_in in _sign_ins(events):
            found[user_id].append(sign_in)
    by_user = {
        user_id: tuple(sorted(each, key=lambda one: one.at)) for user_id, each in found.items()
    }
    return SignIns(since, by_user, tuple(unread))


def _events(
    connection: AwsConnection, region: str, since: datetime, most_pages: int
) -> tuple[datetime, list[Mapping[str, Any]]]:
    """From when on all events of a Region are known, and the events, newest first."""
    named = [{"AttributeKey": "EventName", "AttributeValue": "ConsoleLogin"}]
    call = Call(
        "cloudtrail", "LookupEvents", {"LookupAttributes": named, "StartTime": iso(since)}, region
    )
    turned = pages(connection, call)
    events = [each for page in islice(turned, most_pages) for each in page.get("Events") or ()]
    whole = next(turned, None) is None or not events
    return (since if whole else events[-1]["EventTime"]), events


def _sign_ins(events: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, SignIn]]:
    for event in events:
        try:
            record = json.loads(event.get("CloudTrailEvent") or "")
            identity = record["userIdentity"]
            succeeded = (record.get("responseElements") or {}).get("ConsoleLogin") == "Success"
            at = datetime.fromisoformat(record["eventTime"])
            user_id, address = str(identity["principalId"]), str(record["sourceIPAddress"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # somebody else's, such as a federated user's, has other fields
        if succeeded and identity.get("type") == "IAMUser":
            yield user_id, SignIn(at, address)
