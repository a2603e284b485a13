"""What AWS shows of a principal after a change: calls that were refused, and the state of a key.

CloudTrail's event history holds management events of 90 days, each in the Region of its service,
and shows them up to about 15 minutes late. It is asked for by the name of a user, or of a role's
session: `role_sessions` tells those, which whoever assumes the role chooses.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import iso, pages, read
from bot.model import Call

#: Most pages of 50 events of one user, Region and look: AWS answers two in a second.
MOST_PAGES = 20
_PERFORM = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
_REFUSALS = ("AccessDenied", "UnauthorizedOperation")


class Reason(StrEnum):
    """Why AWS refused a call, as far as its message tells."""

    EXPLICIT = "a policy of the principal denies it"
    IMPLICIT = "no policy of the principal allows it"
    OTHER = "something else than the principal's own policies refuses it"
    UNTOLD = "AWS doesn't tell why"


@dataclass(frozen=True, slots=True)
class Denial:
    """One call that AWS refused: when, which (`s3:ListAllMyBuckets`), why, and its event."""

    at: datetime
    action: str
    reason: Reason
    event_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Denials:
    """Refused calls of one name in one Region; not `whole` where there were too many events."""

    found: tuple[Denial, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key now: its status, None where it is gone, and its last use, None where there was none."""

    status: str | None
    last_used: datetime | None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Holders:
    """The users whom a change reaches, names with unique ids, and how many roles it reaches."""

    users: Mapping[str, str]
    roles: int


def regions_of(connection: AwsConnection, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The Regions whose event history is read: that of global services, ours, and `more`."""
    home = connection.account.home_region
    return tuple(dict.fromkeys([*([home] if home else []), connection.region, *more]))


def denials_of(
    connection: AwsConnection,
    user: str,
    user_id: str,
    since: datetime,
    region: str,
    *,
    most_pages: int = MOST_PAGES,
) -> Denials:
    """Calls of a user that were refused from a moment on, newest first. Raises AwsError.

    `user_id` tells the user from a session of a role that goes by the same name, and from a
    namesake; empty where it isn't known, and then every user of that name counts.
    """

    def ours(identity: Mapping[str, Any]) -> bool:
        same = not user_id or identity.get("principalId") == user_id
        return same and identity.get("type") == "IAMUser" and identity.get("userName") == user

    return _looked_up(connection, user, ours, since, region, most_pages)


def session_denials(
    connection: AwsConnection,
    session: str,
    role_id: str,
    since: datetime,
    region: str,
    *,
    most_pages: int = MOST_PAGES,
) -> Denials:
    """The same of a role's sessions of this name. Raises AwsError."""

    def ours(identity: Mapping[str, Any]) -> bool:
        same = identity.get("principalId") == f"{role_id}:{session}"
        return same and identity.get("type") == "AssumedRole"

    return _looked_up(connection, session, ours, since, region, most_pages)


def _looked_up(
    connection: AwsConnection,
    name: str,
    ours: Callable[[Mapping[str, Any]], bool],
    since: datetime,
    region: str,
    most_pages: int,
) -> Denials:
    call = Call(
        "cloudtrail",
        "LookupEvents",
        {
            "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": name}],
            "StartTime": iso(since),
        },
        region,
    )
    turned = pages(connection, call)
    events = [event for page in islice(turned, most_pages) for event in page.get("Events") or ()]
    whole = next(turned, None) is None
    found = (_denial(event, ours, since, region) for event in events)
    return Denials(tuple(each for each in found if each is not None), whole)


def key_state(connection: AwsConnection, user: str, key_id: str) -> KeyState:
    """What a key of a user is now. Raises AwsError."""
    listed: Any = read(connection, Call("iam", "ListAccessKeys", {"UserName": user})) or {}
    statuses = {
        each["AccessKeyId"]: each["Status"] for each in listed.get("AccessKeyMetadata") or ()
    }
    if key_id not in statuses:
        return KeyState(None, None)
    call = Call("iam", "GetAccessKeyLastUsed", {"AccessKeyId": key_id})
    answer: Any = read(connection, call) or {}
    used = answer.get("AccessKeyLastUsed") or {}
    when = used.get("LastUsedDate")
    return KeyState(
        str(statuses[key_id]),
        datetime.fromisoformat(when) if when else None,
        str(used.get("ServiceName") or ""),
    )


def users_reached(connection: AwsConnection, *, group: str = "", policy: str = "") -> Holders:
    """Whom a change of a group's or of a managed policy's rights reaches now. Raises AwsError."""
    groups, users, roles = [group] if group else [], dict[str, str](), 0
    if policy:
        call = Call("iam", "ListEntitiesForPolicy", {"PolicyArn": policy})
        held: Any = read(connection, call) or {}
        groups += [each["GroupName"] for each in held.get("PolicyGroups") or ()]
        users |= {each["UserName"]: each["UserId"] for each in held.get("PolicyUsers") or ()}
        roles = len(held.get("PolicyRoles") or ())
    for name in groups:
        found: Any = read(connection, Call("iam", "GetGroup", {"GroupName": name})) or {}
        users |= {each["UserName"]: each["UserId"] for each in found.get("Users") or ()}
    return Holders(users, roles)


def _denial(
    event: Mapping[str, Any],
    ours: Callable[[Mapping[str, Any]], bool],
    since: datetime,
    region: str,
) -> Denial | None:
    """The refusal that an event tells of, or None for any other event and any other principal."""
    try:
        record = json.loads(event.get("CloudTrailEvent") or "")
        identity = record["userIdentity"]
        code = str(record.get("errorCode") or "")
        at = datetime.fromisoformat(record["eventTime"])
        action = _action(record)
        is_ours = ours(identity)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not (is_ours and at >= since and any(word in code for word in _REFUSALS)):
        return None
    reason = _reason(str(record.get("errorMessage") or ""))
    return Denial(at, action, reason, str(event.get("EventId") or ""), region)


def _action(record: Mapping[str, Any]) -> str:
    """The action in IAM's words, where the message has it; events go by the API's own names."""
    told = _PERFORM.search(str(record.get("errorMessage") or ""))
    event = f"{str(record['eventSource']).partition('.')[0]}:{record['eventName']}"
    return told[1] if told else event


def _reason(message: str) -> Reason:
    """Why, by AWS's words.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    if "explicit deny in an identity-based policy" in message:
        return Reason.EXPLICIT
    if "no identity-based policy allows" in message:
        return Reason.IMPLICIT
    told = "explicit deny in" in message or "policy allows" in message
    return Reason.OTHER if told else Reason.UNTOLD
