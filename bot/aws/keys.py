"""Names access keys: from the report's slots to ids, live status and live last use, on a budget.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.key_slots import still_valid, with_slots
from bot.aws.reading import ReadFailedError, read
from bot.model import AccessKey, Call, Json, Part, Snapshot, Unavailable

__all__ = ["KeyNames", "merge_listed", "name_keys", "still_valid"]

#: IAM throttles per account: more workers than a few only wait for each other.
WORKERS = 3
#: What a user may cost before we know better: the listing, and AWS's quota of keys.
_USUAL_KEYS = 2
_REFUSALS = 3


@dataclass(frozen=True, slots=True)
class KeyNames:
    """What came of naming keys.

    `listed` maps a user's id to all their keys, none for a user who is gone; `left` are the
    (name, id) of users whose calls no longer fit the budget or who could not be read;
    `unavailable` says why where AWS refused.
    """

    listed: Mapping[str, tuple[AccessKey, ...]] = field(default_factory=dict)
    calls_used: int = 0
    left: tuple[tuple[str, str], ...] = ()
    unavailable: Unavailable | None = None


def name_keys(
    connection: AwsConnection,
    users: Sequence[tuple[str, str]],
    *,
    budget: int,
    snapshot: Snapshot,
    clock: Callable[[], datetime],
) -> KeyNames:
    """Look up all keys of these users (name, unique id), in this order, within `budget` calls.

    A user is only begun while a listing and a look at each key fit, so nobody is half known.
    After three refusals the rest is left: whoever may not look has no use for the budget.
    Raises CredentialsError where the session ends on the way.
    """
    naming = _Naming(connection, budget, _slots(snapshot), clock)
    with ThreadPoolExecutor(max_workers=WORKERS) as workers:
        found = list(workers.map(naming.user, users))
    listed = {user[1]: keys for user, keys in zip(users, found, strict=True) if keys is not None}
    return KeyNames(
        listed=listed,
        calls_used=naming.used,
        left=tuple(user for user in users if user[1] not in listed),
        unavailable=naming.refusals[0] if naming.refusals else None,
    )


def merge_listed(snapshot: Snapshot, listed: Mapping[str, tuple[AccessKey, ...]]) -> Snapshot:
    """The snapshot that also knows these users' keys; they win over what it knew."""
    return replace(snapshot, live_keys={**snapshot.live_keys, **listed})


class _Naming:
    """One lookup, shared by its workers: the budget, and what AWS has refused."""

    def __init__(
        self,
        connection: AwsConnection,
        budget: int,
        slots: Mapping[str, tuple[AccessKey, ...]],
        clock: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._unreserved = budget
        self._slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        self.used = 0
        self.refusals: list[Unavailable] = []

    def user(self, user: tuple[str, str]) -> tuple[AccessKey, ...] | None:
        """All keys of one user, or None where they were not, or not wholly, looked up."""
        name, user_id = user
        slots = self._slots.get(user_id, ())
        expected = 1 + (len(slots) or _USUAL_KEYS)
        if len(self.refusals) >= _REFUSALS or not self._reserve(expected):
            return None
        made = 0
        try:
            seen_live = self._clock()
            made += 1
            entries = self._asked("ListAccessKeys", {"UserName": name})
            found = (entries or {}).get("AccessKeyMetadata", ())
            # More keys than the quota allows do exist: concurrent creation gets around it.
            more = 1 + len(found) - expected
            if more > 0 and not self._reserve(more):
                return None
            expected = max(expected, 1 + len(found))
            keys: list[AccessKey] = []
            for entry in found:
                made += 1
                key = self._key(user_id, entry, seen_live)
                keys += [key] if key else []
        except ReadFailedError as error:
            self._refused(error)
            return None
        finally:
            self._settle(expected, made)
        return with_slots(tuple(keys), slots)

    def _key(self, user_id: str, entry: Mapping[str, Any], seen_live: datetime) -> AccessKey | None:
        answer = self._asked("GetAccessKeyLastUsed", {"AccessKeyId": entry["AccessKeyId"]})
        if answer is None:
            return None
        used = answer["AccessKeyLastUsed"]
        when = used.get("LastUsedDate")
        return AccessKey(
            user=entry["UserName"],
            user_id=user_id,
            created=moment(entry["CreateDate"]),
            active=entry["Status"] == "Active",
            last_used=moment(when) if when else None,
            last_used_service=_known(used.get("ServiceName")),
            last_used_region=_known(used.get("Region")),
            key_id=entry["AccessKeyId"],
            seen_live=seen_live,
        )

    def _asked(self, operation: str, params: Mapping[str, Json]) -> Any:
        return read(self._connection, Call("iam", operation, params))

    def _reserve(self, calls: int) -> bool:
        with self._lock:
            if calls > self._unreserved:
                return False
            self._unreserved -= calls
            return True

    def _settle(self, reserved: int, made: int) -> None:
        with self._lock:
            self.used += made
            self._unreserved += reserved - made

    def _refused(self, error: ReadFailedError) -> None:
        with self._lock:
            self.refusals.append(error.gap(Part.KEY_NAMES))


def _slots(snapshot: Snapshot) -> dict[str, tuple[AccessKey, ...]]:
    report = snapshot.parts.get(Part.CREDENTIAL_REPORT)
    rows = report.users if report else ()
    return {key.user_id: row.keys for row in rows for key in row.keys}


def _known(word: str | None) -> str | None:
    return None if word in (None, "N/A") else word
