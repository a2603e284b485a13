"""Who made a thing, by CloudTrail's event history: told about it, but never the one who decides.

The history goes back 90 days, needs no trail, and is read with cloudtrail:LookupEvents, which
SecurityAudit allows. Where it can't be read, nobody made anything as far as we know.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import iso, read
from bot.engine.reaching import parsed
from bot.errors import AwsError
from bot.model import (
    AddressKind,
    Call,
    Finding,
    ManagedPolicy,
    OwnerClaim,
    OwnerSource,
    Part,
    Resource,
    Snapshot,
)

_HISTORY = timedelta(days=90)
#: IAM dates a thing by its own clock, and CloudTrail the call that made it.
_AROUND = timedelta(minutes=5)
#: Most look-ups of one scan: AWS allows two in a second.
BUDGET = 20
#: For each event: where in the record the unique id of what was made stands.
_MADE = {
    "CreateUser": ("user", "userId"),
    "CreateRole": ("role", "roleId"),
    "CreatePolicy": ("policy", "policyId"),
    "CreateAccessKey": ("accessKey", "accessKeyId"),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something whose making can be looked up: by this event, name and unique id, at this time."""

    event: str
    name: str
    unique_id: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Creation:
    """Who made something: the ARN that CloudTrail names, the role's where it was a session."""

    event: str
    at: str
    arn: str
    role_arn: str | None = None


class Creators:
    """Finds who made things, and who that is in Slack.

    `people` gives each person's ARNs with their Slack ids; an ARN of two people is nobody's.
    `email_domains` are the verified ones, in lower case.
    """

    def __init__(
        self,
        people: Iterable[tuple[Sequence[str], Sequence[str]]],
        email_domains: frozenset[str],
        *,
        budget: int = BUDGET,
    ) -> None:
        self._people = _by_arn(people)
        self._domains = frozenset(domain.lower() for domain in email_domains)
        self._budget = budget

    def of(
        self, connection: AwsConnection, snapshot: Snapshot, findings: Iterable[Finding]
    ) -> Mapping[str, tuple[OwnerClaim, ...]]:
        """Claims of those who made what these findings are about, by its unique id.

        What is older than the history isn't asked about; of the rest the newest come first, within
        the budget. The first refusal ends the asking: no error comes out of this.
        """
        region = snapshot.account.home_region
        things = {thing.unique_id: thing for thing in _things(findings, snapshot)}
        young = [
            thing
            for thing in sorted(things.values(), key=lambda each: each.created, reverse=True)
            if snapshot.taken_at - thing.created < _HISTORY
        ]
        found: dict[str, tuple[OwnerClaim, ...]] = {}
        if region is None:
            return found
        for thing in young[: self._budget]:
            try:
                creation = creation_of(connection, thing, region)
            except AwsError:
                break
            claims = self._claims(creation) if creation else ()
            if claims:
                found[thing.unique_id] = claims
        return found

    def _claims(self, creation: Creation) -> tuple[OwnerClaim, ...]:
        because = f"{creation.event} by {creation.arn} on {creation.at[:10]}, by CloudTrail"
        session = creation.arn.rpartition("/")[2] if creation.role_arn else ""
        named = self._people.get(creation.arn) or self._by_session(session)
        if not named and creation.role_arn:
            named = self._people.get(creation.role_arn, ())
        return tuple(OwnerClaim(OwnerSource.CREATOR, address, because) for address in named)

    def _by_session(self, session: str) -> tuple[str, ...]:
        """IAM Identity Center names a session after its user, which is often their e-mail."""
        address = parsed(session)
        if address is None or address.kind is not AddressKind.EMAIL:
            return ()
        return (address.value,) if address.value.rpartition("@")[2] in self._domains else ()


def creation_of(connection: AwsConnection, thing: Thing, region: str) -> Creation | None:
    """Who made a thing, or None where the history doesn't tell. Raises AwsError."""
    answer: Any = read(
        connection,
        Call(
            "cloudtrail",
            "LookupEvents",
            {
                "LookupAttributes": [
                    {"AttributeKey": "ResourceName", "AttributeValue": thing.name}
                ],
                "StartTime": iso(thing.created - _AROUND),
                "EndTime": iso(thing.created + _AROUND),
            },
            region,
        ),
    )
    events: Any = (answer or {}).get("Events") or ()
    made = [creation for event in events if (creation := _creation(event, thing)) is not None]
    return made[0] if len(made) == 1 else None


def _creation(event: Mapping[str, Any], thing: Thing) -> Creation | None:
    """What one event says of the thing's maker; None for an event about something else."""
    if event.get("EventName") != thing.event:
        return None
    try:
        record = json.loads(event.get("CloudTrailEvent") or "")
        kind, unique_id = _MADE[thing.event]
        if record["responseElements"][kind][unique_id] != thing.unique_id:
            return None
        identity = record["userIdentity"]
        session = identity.get("sessionContext") or {}
        role_arn = (session.get("sessionIssuer") or {}).get("arn")
        return Creation(
            event=thing.event,
            at=str(event["EventTime"]),
            arn=str(identity["arn"]),
            role_arn=str(role_arn) if role_arn else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # A refused call has no answer to show, and a service no ARN.
        return None


def _things(findings: Iterable[Finding], snapshot: Snapshot) -> Iterator[Thing]:
    for finding in findings:
        thing = _thing(finding.resource, snapshot)
        if thing is not None:
            yield thing


def _thing(resource: Resource, snapshot: Snapshot) -> Thing | None:
    key, unique_id = resource.key, resource.unique_id
    if key is not None:
        if key.key_id is None:
            return None
        return Thing("CreateAccessKey", key.key_id, key.key_id, key.created)
    if resource.type == "user" and Part.USERS in snapshot.parts:
        user = snapshot.users_by_id.get(unique_id)
        return Thing("CreateUser", user.name, user.id, user.created) if user else None
    if resource.type == "role" and Part.ROLES in snapshot.parts:
        role = snapshot.roles_by_id.get(unique_id)
        return Thing("CreateRole", role.name, role.id, role.created) if role else None
    policy = snapshot.policies_by_arn.get(resource.arn)
    return _policy(policy) if policy and resource.type == "policy" else None


def _policy(policy: ManagedPolicy) -> Thing | None:
    """A policy is as old as its first version; where that was deleted, nobody knows how old."""
    first = next((each for each in policy.versions if each.id == "v1"), None)
    if first is None or policy.by_aws:
        return None
    return Thing("CreatePolicy", policy.name, policy.id, first.created)


def _by_arn(
    people: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for arns, slack_ids in people:
        for arn in set(arns):
            found[arn] = () if arn in found else tuple(slack_ids)
    return found
