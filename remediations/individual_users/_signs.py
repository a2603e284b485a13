"""What shows that several people, or people and programs, use one user."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.credentials import is_older, owned_keys, password_used_at, with_password
from bot.model import AccessKey, ReportRow, Severity, Snapshot, User
from remediations._subjects import is_named


@dataclass(frozen=True, slots=True)
class Limits:
    """Names that stand for no one person, and the days within which things count as used."""

    names: tuple[str, ...]
    used: int
    overlap: int
    daily: int


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that shows it, in words, and how strongly."""

    words: str
    severity: Severity


def signs_of(snapshot: Snapshot, limits: Limits) -> Mapping[str, tuple[Sign, ...]]:
    """The signs at each user that has any, by unique id."""
    rows = {user.id: (user, row) for user, row in with_password(snapshot)}
    keys: dict[str, list[AccessKey]] = defaultdict(list)
    for user, key in owned_keys(snapshot):
        if key.active and key.last_used is not None:
            keys[user.id].append(key)
    found: dict[str, tuple[Sign, ...]] = {}
    for user in snapshot.users:
        signs = [*_two_keys(keys[user.id], limits, snapshot.taken_at)] if user.id in keys else []
        if user.id in rows:
            signs += _with_password(*rows[user.id], keys.get(user.id, ()), limits, snapshot)
        if signs:
            found[user.id] = tuple(signs)
    return found


def _two_keys(keys: Sequence[AccessKey], limits: Limits, now: datetime) -> Iterator[Sign]:
    """Two keys that are both in use in different places, for longer than a rotation takes."""
    used = [key for key in keys if key.last_used and not is_older(key.last_used, limits.used, now)]
    places = {(key.last_used_service, key.last_used_region) for key in used}
    known = all(all(place) for place in places)
    settled = all(is_older(key.created, limits.overlap, now) for key in used)
    if len(used) > 1 and len(places) > 1 and known and settled:
        where = sorted(f"{service} in {region}" for service, region in places)
        words = f"its keys are in use from different places: {', '.join(where)}"
        yield Sign(words, Severity.MEDIUM)


def _with_password(
    user: User,
    row: ReportRow,
    keys: Sequence[AccessKey],
    limits: Limits,
    snapshot: Snapshot,
) -> Iterator[Sign]:
    if is_named(user.name, limits.names):
        yield Sign("it has a password and a name that is nobody's", Severity.MEDIUM)
    now, signed_in = snapshot.taken_at, password_used_at(user, row, snapshot)
    if signed_in is None or is_older(signed_in, limits.daily, now):
        return
    if any(
        key.last_used
        and not is_older(key.last_used, limits.daily, now)
        and is_older(key.created, limits.overlap, now)
        for key in keys
    ):
        yield Sign("its password and a key are both in use every day", Severity.LOW)
