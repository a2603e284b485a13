"""CloudTrail's event history: who made users, roles, policies and keys, as LookupEvents tells it.

It holds what the builder says, not what is called. IAM's events stand in the partition's own
region, for 90 days, whether there is a trail or not.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.iam.models import iam_backends

from bot.aws.simulated.account_core import AccountCore

KEPT = timedelta(days=90)
LARGEST_PAGE = 50
#: An event of the model by the attribute that it is looked up by; ResourceName looks in Resources.
_ATTRIBUTES = ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId")


class EventHistory(CloudTrailBackend):
    """A region's CloudTrail with the events of its last 90 days."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.events: list[dict[str, Any]] = []

    def look_up(
        self,
        attributes: Sequence[Mapping[str, str]],
        start: datetime | None,
        end: datetime | None,
        now: datetime,
    ) -> list[dict[str, Any]]:
        """The events within the times (both included) that have the attribute, newest first."""
        if len(attributes) > 1:
            raise JsonRESTError(
                "InvalidLookupAttributesException", "Only one lookup attribute is allowed."
            )
        if start and end and start > end:
            raise JsonRESTError(
                "InvalidTimeRangeException", "The start time is after the end time."
            )
        first = max((now - KEPT).timestamp(), start.timestamp() if start else 0)
        last = end.timestamp() if end else now.timestamp()
        return sorted(
            (
                event
                for event in self.events
                if first <= event["EventTime"] <= last
                and all(_has(event, each) for each in attributes)
            ),
            key=lambda event: -event["EventTime"],
        )


def _has(event: Mapping[str, Any], attribute: Mapping[str, str]) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key in _ATTRIBUTES:
        return bool(event.get(key) == value)
    return any(resource[key] == value for resource in event["Resources"])


class SimulatedCloudTrailResponse(CloudTrailResponse):
    """CloudTrail's front end with LookupEvents, which moto lacks."""

    def lookup_events(self) -> str:
        """A page of events. Insights are never recorded here."""
        backend = self.cloudtrail_backend
        account = iam_backends[self.current_account]["aws"]
        if not isinstance(backend, EventHistory) or not isinstance(account, AccountCore):
            raise TypeError("the account was opened before install()")
        size = self._get_param("MaxResults") or LARGEST_PAGE
        if not 1 <= size <= LARGEST_PAGE:
            raise JsonRESTError(
                "InvalidMaxResultsException", f"MaxResults must be from 1 to {LARGEST_PAGE}."
            )
        asked = {
            name: self._get_param(name)
            for name in ("LookupAttributes", "StartTime", "EndTime", "EventCategory")
        }
        found = (
            []
            if asked["EventCategory"]
            else backend.look_up(
                asked["LookupAttributes"] or (),
                _moment(asked["StartTime"]),
                _moment(asked["EndTime"]),
                account.clock.now(),
            )
        )
        start = _offset(self._get_param("NextToken"), asked)
        page: dict[str, Any] = {"Events": found[start : start + size]}
        if start + size < len(found):
            page["NextToken"] = _token(start + size, asked)
        return json.dumps(page)


def _moment(given: Any) -> datetime | None:
    return None if given is None else datetime.fromtimestamp(float(given), UTC)


def _token(offset: int, asked: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, asked]).encode()).decode()


def _offset(token: str | None, asked: Mapping[str, Any]) -> int:
    """Where a page starts. A token is only good for the question that it was given for."""
    if not token:
        return 0
    try:
        offset, given_for = json.loads(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise JsonRESTError("InvalidNextTokenException", "The token is not valid.") from error
    if given_for != dict(asked):
        raise JsonRESTError("InvalidNextTokenException", "The token is for another question.")
    return int(offset)
