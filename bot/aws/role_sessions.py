"""The names of a role's sessions, by which CloudTrail's event history lets them be looked up.

Whoever assumes a role chooses the name. The calls that began the sessions name the role as a
resource, each in the Region of the STS endpoint that was used; a session lasts 12 hours at most.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot.aws.after_change import MOST_PAGES
from bot.aws.connection import AwsConnection
from bot.aws.reading import iso, pages
from bot.model import Call, Json

#: How long a session may last.
LONGEST = timedelta(hours=12)
#: Most sessions of one role that are looked up, the newest of them.
MOST_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Sessions:
    """Names of sessions, the newest first; not `whole` where there were too many to see all."""

    names: tuple[str, ...]
    whole: bool


def sessions_of(
    connection: AwsConnection, role_arn: str, since: datetime, regions: Sequence[str]
) -> Sessions:
    """The sessions of a role that may have lasted at a moment or later. Raises AwsError."""
    names: dict[str, None] = {}
    whole = True
    for region in regions:
        named = [{"AttributeKey": "ResourceName", "AttributeValue": role_arn}]
        params: dict[str, Json] = {"LookupAttributes": [*named], "StartTime": iso(since - LONGEST)}
        turned = pages(connection, Call("cloudtrail", "LookupEvents", params, region))
        for page in islice(turned, MOST_PAGES):
            names |= dict.fromkeys(_begun(page.get("Events") or ()))
        whole = whole and next(turned, None) is None
    return Sessions(tuple(names)[:MOST_SESSIONS], whole and len(names) <= MOST_SESSIONS)


def _begun(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The names of the sessions that these events began; other events about the role name none."""
    for event in events:
        try:
            record = json.loads(event.get("CloudTrailEvent") or "")
        except ValueError:
            continue
        if record.get("eventSource") != "sts.amazonaws.com" or record.get("errorCode"):
            continue
        answered = (record.get("responseElements") or {}).get("assumedRoleUser") or {}
        asked = record.get("requestParameters") or {}
        name = str(answered.get("arn") or "").rpartition("/")[2] or asked.get("roleSessionName")
        if name:
            yield str(name)
