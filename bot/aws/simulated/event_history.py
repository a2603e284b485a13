"""CloudTrail's event history: who made users, roles, policies and keys, as LookupEvents tells it.

It holds what the builder says, not what is called. IAM's events stand in the partition's own
region, for 90 days, whether there is a trail or not.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

KEPT = timedelta(days=90)
LARGEST_PAGE = 50
_IDS = uuid.UUID("7a2b4a9e-95f9-4b6c-9f7e-6f2f5a3d1c10")
#: An event of the model by the attribute that it is looked up by; ResourceName looks in Resources.
_ATTRIBUTES = ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId")


@dataclass(frozen=True, slots=True)
class Made:
    """One creation: the event's name, what was asked for, what came of it, and its names."""

    event: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    resources: Sequence[tuple[str, str]]


def event_of(made: Made, maker: str, at: datetime, account_id: str, region: str) -> dict[str, Any]:
    """The event that LookupEvents answers with, for a maker's ARN: a user's, or a role session's.

    Fields of the record: the examples of
    https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
    """
    event_id = str(uuid.uuid5(_IDS, json.dumps([made.event, *made.resources])))
    identity = _identity(maker, account_id)
    record = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "eventSource": "iam.amazonaws.com",
        "eventName": made.event,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.27.0",
        "requestParameters": dict(made.request),
        "responseElements": dict(made.response),
        "requestID": str(uuid.uuid5(_IDS, event_id)),
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }
    return {
        "EventId": event_id,
        "EventName": made.event,
        "ReadOnly": "false",
        "AccessKeyId": identity["accessKeyId"],
        "EventTime": int(at.timestamp()),
        "EventSource": "iam.amazonaws.com",
        "Username": maker.rpartition("/")[2],
        "Resources": [
            {"ResourceType": kind, "ResourceName": name} for kind, name in made.resources
        ],
        "CloudTrailEvent": json.dumps(record),
    }


def refusal_of(
    action: str, user: Mapping[str, str], at: datetime, account_id: str, region: str, message: str
) -> dict[str, Any]:
    """The event of a call, such as `s3:ListAllMyBuckets`, that was refused to a user.

    `user` has its `name`, `id`, `arn` and `key`. Fields of the record:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    service, _, operation = action.partition(":")
    event_id = str(uuid.uuid5(_IDS, json.dumps([action, user["id"], at.isoformat()])))
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": user["id"],
            "arn": user["arn"],
            "accountId": account_id,
            "accessKeyId": user["key"],
            "userName": user["name"],
        },
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": None,
        "responseElements": None,
        "eventID": event_id,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }
    return {
        "EventId": event_id,
        "EventName": operation,
        "ReadOnly": "true",
        "AccessKeyId": user["key"],
        "EventTime": int(at.timestamp()),
        "EventSource": record["eventSource"],
        "Username": user["name"],
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _identity(maker: str, account_id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
    kind, _, rest = maker.split(":", 5)[5].partition("/")
    suffix = uuid.uuid5(_IDS, maker).hex.upper()[:16]
    if kind != "assumed-role":
        return {
            "type": "IAMUser",
            "principalId": f"AIDA{suffix}",
            "arn": maker,
            "accountId": account_id,
            "accessKeyId": f"AKIA{suffix}",
            "userName": rest.rpartition("/")[2],
        }
    role, _, session = rest.partition("/")
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{suffix}:{session}",
        "arn": maker,
        "accountId": account_id,
        "accessKeyId": f"ASIA{suffix}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": f"AROA{suffix}",
                "arn": f"arn:aws:iam::{account_id}:role/{role}",
                "accountId": account_id,
                "userName": role,
            },
            "attributes": {"mfaAuthenticated": "true"},
        },
    }


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
        from bot.aws.simulated.fidelity import iam_account

        backend = self.cloudtrail_backend
        if not isinstance(backend, EventHistory):
            raise TypeError("CloudTrail was opened before install()")
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
                iam_account(self.current_account).clock.now(),
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
