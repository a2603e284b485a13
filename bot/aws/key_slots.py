"""Which slot of the credential report is which key, where that is plain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import AccessKey, CredentialReport


def with_slots(keys: tuple[AccessKey, ...], slots: tuple[AccessKey, ...]) -> tuple[AccessKey, ...]:
    """The listed keys with the report's slot number where it is plain which slot is whose.

    Plain is: created when the slot says; or, with as many keys as slots, the only pair left, or
    the only one with that status and last use. A slot's time is never before its key's creation.
    """
    pairs = _by_creation(keys, slots)
    if len(keys) == len(slots):
        _pair_rest(pairs, keys, slots)
    numbers = {key_id: slot.slot for key_id, slot in pairs.items()}
    return tuple(replace(key, slot=numbers.get(key.key_id)) for key in keys)


def still_valid(
    remembered: Mapping[str, tuple[datetime, tuple[AccessKey, ...]]], report: CredentialReport
) -> dict[str, tuple[AccessKey, ...]]:
    """Which earlier listings (when, and what) the report bears out, so that no call is needed.

    A report older than the listing can't contradict it. In a newer one there must be as many
    slots as keys, and each slot be one of them: created just then, or unchanged since the listing
    and plainly the one left over. Status and last use are then the report's. Whoever doesn't
    match is left out: their keys stay provisional until they are listed anew. So is whoever has
    no key in the report, which a live snapshot keeps to users who exist: a memory must not bring
    a deleted user's keys back.
    """
    slots = {key.user_id: row.keys for row in report.users for key in row.keys}
    valid: dict[str, tuple[AccessKey, ...]] = {}
    for user_id, (observed, keys) in remembered.items():
        if user_id not in slots:
            continue
        if report.generated is not None and report.generated <= observed:
            valid[user_id] = keys
            continue
        renewed = _renewed(keys, slots[user_id], observed)
        if renewed is not None:
            valid[user_id] = renewed
    return valid


def _renewed(
    keys: tuple[AccessKey, ...], slots: tuple[AccessKey, ...], observed: datetime
) -> tuple[AccessKey, ...] | None:
    if len(keys) != len(slots):
        return None
    pairs = _by_creation(keys, slots)
    if all(slot.created <= observed for slot in slots if slot not in pairs.values()):
        _pair_rest(pairs, keys, slots)
    if len(pairs) != len(keys):
        return None
    return tuple(_as_reported(key, pairs[key.key_id]) for key in keys)


def _by_creation(
    keys: Sequence[AccessKey], slots: Sequence[AccessKey]
) -> dict[str | None, AccessKey]:
    """Slots by key id where exactly one key and one slot share a time."""
    pairs: dict[str | None, AccessKey] = {}
    for key in keys:
        same_keys = [other for other in keys if other.created == key.created]
        same_slots = [slot for slot in slots if slot.created == key.created]
        if len(same_keys) == len(same_slots) == 1:
            pairs[key.key_id] = same_slots[0]
    return pairs


def _pair_rest(
    pairs: dict[str | None, AccessKey], keys: Sequence[AccessKey], slots: Sequence[AccessKey]
) -> None:
    """Add the pairs that are plain once those in `pairs` are taken away."""
    for alike in (_same_slot, _same_use, _possible):
        left = [key for key in keys if key.key_id not in pairs]
        free = [slot for slot in slots if slot not in pairs.values()]
        for key in left:
            mine = [slot for slot in free if _possible(key, slot) and alike(key, slot)]
            rivals = [other for other in left if mine and alike(other, mine[0])]
            if len(mine) == len(rivals) == 1:
                pairs[key.key_id] = mine[0]


def _possible(key: AccessKey, slot: AccessKey) -> bool:
    return slot.created >= key.created


def _same_slot(key: AccessKey, slot: AccessKey) -> bool:
    return key.slot == slot.slot


def _same_use(key: AccessKey, slot: AccessKey) -> bool:
    return (key.active, key.last_used) == (slot.active, slot.last_used)


def _as_reported(key: AccessKey, slot: AccessKey) -> AccessKey:
    """The key as the newer report has it; a last use that was seen live is never forgotten."""
    renewed = replace(key, active=slot.active, slot=slot.slot)
    if slot.last_used is None or (key.last_used and key.last_used > slot.last_used):
        return renewed
    return replace(
        renewed,
        last_used=slot.last_used,
        last_used_service=slot.last_used_service,
        last_used_region=slot.last_used_region,
    )
