"""Which access keys were used from the account's own instances, by CloudTrail's event history."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.aws.after_change import regions_of
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, iso, pages, read
from bot.model import AccessKey, Call, Instance, KeyUse, Part, Snapshot, Unavailable

#: A key that was not used for longer is another control's business.
RECENT = timedelta(days=30)

_Seen = tuple[tuple[KeyUse, ...], Unavailable | None]


def with_key_uses(connection: AwsConnection, snapshot: Snapshot, budget: int) -> Snapshot:
    """The snapshot with the newest use of each key from the address of one of its instances.

    Two calls for each key in use, within `budget` or not at all. What can't be read is said.
    """
    uses: tuple[KeyUse, ...] | None = None
    needed = (Part.INSTANCES, Part.CREDENTIAL_REPORT)
    missing = next((each for each in needed if each not in snapshot.parts), None)
    if missing:
        unread = snapshot.unavailable.get(missing)
        unread = replace(unread, part=Part.KEY_USES) if unread else None
    else:
        try:
            uses, unread = _read(connection, snapshot, budget)
        except ReadFailedError as error:
            unread = error.gap(Part.KEY_USES)
    parts = {**snapshot.parts, **({} if uses is None else {Part.KEY_USES: uses})}
    gaps = {**snapshot.unavailable, **({Part.KEY_USES: unread} if unread else {})}
    return replace(snapshot, parts=parts, unavailable=gaps)


def _read(connection: AwsConnection, snapshot: Snapshot, budget: int) -> _Seen:
    instances = snapshot.parts.get(Part.INSTANCES, {})
    homes = {
        address: each for here in instances.values() for each in here for address in each.addresses
    }
    keys = _in_use(snapshot) if homes else []
    if len(keys) * 2 > budget:
        why = (
            f"{len(keys)} keys in use take two calls each, and inventory.listing_budget allows "
            f"{budget}"
        )
        return (), Unavailable(Part.KEY_USES, "cloudtrail:LookupEvents", why, "")
    found: list[KeyUse] = []
    unread: Unavailable | None = None
    for key in keys:
        try:
            found += _uses(connection, key, homes, snapshot.taken_at)
        except ReadFailedError as error:
            unread = error.gap(Part.KEY_USES, f"of keys of {key.user}")
    newest = {each.key_id: each for each in sorted(found, key=lambda each: each.at)}
    return tuple(newest.values()), unread


def _in_use(snapshot: Snapshot) -> list[AccessKey]:
    """By the report, which knows no ids: one for each user and Region is enough."""
    since = snapshot.taken_at - RECENT
    used = [
        key
        for row in snapshot.credential_report.users
        for key in row.keys
        if key.active and key.last_used and key.last_used >= since
    ]
    return [*{(key.user_id, key.last_used_region): key for key in used}.values()]


def _uses(
    connection: AwsConnection, key: AccessKey, homes: Mapping[str, Instance], now: datetime
) -> Iterator[KeyUse]:
    listed: Any = read(connection, Call("iam", "ListAccessKeys", {"UserName": key.user}))
    for entry in (listed or {}).get("AccessKeyMetadata") or ():
        if entry["Status"] != "Active":
            continue
        key_id = entry["AccessKeyId"]
        for at, address in _events(connection, key_id, key.last_used_region, now):
            instance = homes.get(address)
            if instance:
                yield KeyUse(key_id, key.user_id, instance.id, instance.region, at)


def _events(
    connection: AwsConnection, key_id: str, region: str | None, now: datetime
) -> Iterator[tuple[datetime, str]]:
    """When and from where the newest calls with a key came, of one page."""
    named = [{"AttributeKey": "AccessKeyId", "AttributeValue": key_id}]
    asked: Any = {"LookupAttributes": named, "StartTime": iso(now - RECENT)}
    known = region and "-" in region
    where = region if known else next(iter(regions_of(connection, ())))
    for event in next(pages(connection, Call("cloudtrail", "LookupEvents", asked, where)), {}).get(
        "Events", ()
    ):
        try:
            record = json.loads(event.get("CloudTrailEvent") or "")
            yield datetime.fromisoformat(record["eventTime"]), str(record["sourceIPAddress"])
        except (ValueError, KeyError, TypeError):
            continue  # a record without an address is of no use here
