"""The records of CloudTrail's event history: what was made, what was refused, who signed in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_IDS = uuid.UUID("7a2b4a9e-95f9-4b6c-9f7e-6f2f5a3d1c10")


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


def session_of(
    role: Mapping[str, str], session: str, at: datetime, account_id: str, region: str
) -> dict[str, Any]:
    """The event of a role's assumption under a session's name; `role` has `name`, `id` and `arn`.

    Fields of the record: the example of AssumeRole in
    https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
    """
    assumed = f"arn:aws:sts::{account_id}:assumed-role/{role['name']}/{session}"
    maker = {"name": "starter", "id": "AIDASTARTER", "arn": "", "key": "AKIASTARTER"}
    event = refusal_of("sts:AssumeRole", maker, at, account_id, region, "")
    event_id = str(uuid.uuid5(_IDS, json.dumps([assumed, at.isoformat()])))
    record = json.loads(event["CloudTrailEvent"])
    del record["errorCode"], record["errorMessage"]
    record |= {
        "eventID": event_id,
        "requestParameters": {"roleArn": role["arn"], "roleSessionName": session},
        "responseElements": {
            "assumedRoleUser": {"assumedRoleId": f"{role['id']}:{session}", "arn": assumed}
        },
        "resources": [{"ARN": role["arn"], "accountId": account_id, "type": "AWS::IAM::Role"}],
    }
    named = [
        ("AWS::IAM::Role", role["arn"]),
        ("AWS::STS::AssumedRole", assumed),
        ("AWS::STS::AssumedRole", f"{role['id']}:{session}"),
    ]
    resources = [{"ResourceType": kind, "ResourceName": name} for kind, name in named]
    told = json.dumps(record)
    return {**event, "EventId": event_id, "Resources": resources, "CloudTrailEvent": told}


def refusal_of_session(
    action: str,
    role: Mapping[str, str],
    session: str,
    at: datetime,
    account_id: str,
    region: str,
    why: str,
) -> dict[str, Any]:
    """The event of a call that was refused to a role's session; `role` as above."""
    assumed = f"arn:aws:sts::{account_id}:assumed-role/{role['name']}/{session}"
    message = f"User: {assumed} is not authorized to perform: {action} {why}"
    who = {"name": session, "id": f"{role['id']}:{session}", "arn": assumed, "key": "ASIASESSION"}
    event = refusal_of(action, who, at, account_id, region, message)
    record = json.loads(event["CloudTrailEvent"])
    issuer = {"type": "Role", "principalId": role["id"], "arn": role["arn"]}
    record["userIdentity"] = {
        "type": "AssumedRole",
        "principalId": who["id"],
        "arn": assumed,
        "accountId": account_id,
        "accessKeyId": who["key"],
        "sessionContext": {
            "sessionIssuer": {**issuer, "accountId": account_id, "userName": role["name"]}
        },
    }
    return {**event, "CloudTrailEvent": json.dumps(record)}


def call_of(
    user: Mapping[str, str], at: datetime, address: str, account_id: str, region: str
) -> dict[str, Any]:
    """The event of a call that a user's access key made, from an IP address.

    `user` has its `name`, `id`, `arn` and `key`. Fields of the record:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    event = refusal_of("sts:GetCallerIdentity", user, at, account_id, region, "")
    record = json.loads(event["CloudTrailEvent"])
    del record["errorCode"], record["errorMessage"]
    record["sourceIPAddress"] = address
    return {**event, "CloudTrailEvent": json.dumps(record)}


def sign_in_of(
    user: Mapping[str, str], at: datetime, address: str, account_id: str, region: str, *, mfa: bool
) -> dict[str, Any]:
    """The event of a user's successful sign-in to the console, from an IP address.

    `user` has its `name`, `id` and `arn`. Fields of the record:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    """
    event_id = str(uuid.uuid5(_IDS, json.dumps(["ConsoleLogin", user["id"], at.isoformat()])))
    record = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": user["id"],
            "arn": user["arn"],
            "accountId": account_id,
            "userName": user["name"],
        },
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": region,
        "sourceIPAddress": address,
        "userAgent": "Mozilla/5.0",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MobileVersion": "No", "MFAUsed": "Yes" if mfa else "No"},
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }
    return {
        "EventId": event_id,
        "EventName": "ConsoleLogin",
        "ReadOnly": "false",
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
