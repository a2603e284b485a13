"""Which slot of the report is which key: only where it is plain, never by chance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.key_slots import still_valid, with_slots
from bot.model import AccessKey, CredentialReport, ReportRow

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
OBSERVED = START + 100 * DAY
USER_ID = "AIDA1"


def key(
    key_id: str,
    day: float,
    *,
    active: bool = True,
    used: float | None = None,
    slot: int | None = None,
) -> AccessKey:
    """A listed key, created and last used on these days."""
    return AccessKey(
        user="alice",
        user_id=USER_ID,
        created=START + day * DAY,
        active=active,
        last_used=None if used is None else START + used * DAY,
        last_used_service=None if used is None else "live",
        slot=slot,
        key_id=key_id,
        seen_live=OBSERVED,
    )


def slot(number: int, day: float, *, active: bool = True, used: float | None = None) -> AccessKey:
    """A slot of the report, last changed and used on these days."""
    return AccessKey(
        user="alice",
        user_id=USER_ID,
        created=START + day * DAY,
        active=active,
        last_used=None if used is None else START + used * DAY,
        last_used_service=None if used is None else "report",
        slot=number,
    )


@pytest.mark.parametrize(
    ("keys", "slots", "numbers"),
    [
        ([key("A", 1)], [slot(1, 1)], [1]),
        ([key("A", 1), key("B", 2)], [slot(1, 2), slot(2, 1)], [2, 1]),
        ([key("A", 1), key("B", 2)], [slot(1, 9), slot(2, 2)], [1, 2]),
        ([key("A", 1)], [slot(2, 9)], [2]),
        ([key("A", 1), key("B", 2)], [slot(1, 8), slot(2, 9)], [None, None]),
        ([key("A", 1), key("B", 2, active=False)], [slot(1, 8, active=False), slot(2, 9)], [2, 1]),
        ([key("A", 1, used=5), key("B", 2)], [slot(1, 8), slot(2, 9, used=5)], [2, 1]),
        ([key("A", 1), key("B", 1)], [slot(1, 1), slot(2, 1)], [None, None]),
        ([key("A", 1)], [slot(1, 1), slot(2, 9)], [1]),
        ([key("A", 1)], [slot(1, 8), slot(2, 9)], [None]),
        ([key("B", 9)], [slot(1, 1)], [None]),
        ([key("A", 1), key("B", 2), key("C", 3)], [slot(1, 1), slot(2, 9)], [1, None, None]),
        ([key("A", 1)], [], [None]),
        ([], [slot(1, 1)], []),
    ],
    ids=[
        "by creation",
        "by creation, swapped",
        "the one left",
        "changed since creation",
        "two changed",
        "two changed, told apart by status",
        "two changed, told apart by use",
        "created in one second",
        "one was deleted",
        "one was deleted, the other changed",
        "a slot older than the key",
        "three keys",
        "no slot",
        "no key",
    ],
)
def test_slots_of_listed_keys(
    keys: list[AccessKey], slots: list[AccessKey], numbers: list[int | None]
) -> None:
    found = with_slots(tuple(keys), tuple(slots))
    assert [each.slot for each in found] == numbers
    assert [replace(each, slot=None) for each in found] == keys


@given(st.data())
def test_no_slot_is_given_twice(data: st.DataObject) -> None:
    days = st.integers(0, 4)
    keys = tuple(
        key(name, data.draw(days), active=data.draw(st.booleans()))
        for name in "ABC"[: data.draw(st.integers(0, 3))]
    )
    slots = tuple(
        slot(number, data.draw(days), active=data.draw(st.booleans()))
        for number in range(1, data.draw(st.integers(1, 3)))
    )
    numbers = [each.slot for each in with_slots(keys, slots) if each.slot]
    assert len(numbers) == len(set(numbers))


def report(*slots: AccessKey, day: float = 101) -> CredentialReport:
    """A report made on this day, with alice's row."""
    row = ReportRow(
        user="alice",
        arn="arn:aws:iam::123456789012:user/alice",
        created=START,
        password_enabled=False,
        password_last_used=None,
        password_last_changed=None,
        mfa_active=False,
        keys=slots,
    )
    return CredentialReport(START + day * DAY, None, (row,))


def remembered(*keys: AccessKey) -> dict[str, tuple[datetime, tuple[AccessKey, ...]]]:
    """What was listed on OBSERVED."""
    return {USER_ID: (OBSERVED, keys)}


@pytest.mark.parametrize("day", [50, 100])
def test_a_report_older_than_the_listing_contradicts_nothing(day: float) -> None:
    keys = (key("A", 1), key("B", 2, active=False))
    valid = still_valid(remembered(*keys), report(slot(1, 1), day=day))
    assert valid == {USER_ID: keys}


def test_an_older_report_leaves_a_user_without_keys_so() -> None:
    assert still_valid(remembered(), report(slot(1, 1), day=50)) == {USER_ID: ()}


@pytest.mark.parametrize("day", [50, 101])
def test_a_memory_does_not_bring_a_deleted_user_back(day: float) -> None:
    """Who was deleted has no row: a live snapshot keeps rows of existing users only."""
    without = replace(report(day=day), users=())
    assert still_valid(remembered(key("A", 1)), without) == {}


def test_a_newer_report_brings_status_and_use() -> None:
    valid = still_valid(
        remembered(key("A", 1, used=3)), report(slot(2, 1, active=False, used=100.5))
    )
    (renewed,) = valid[USER_ID]
    assert renewed.key_id == "A"
    assert renewed.slot == 2
    assert not renewed.active
    assert renewed.last_used == START + 100.5 * DAY
    assert renewed.last_used_service == "report"
    assert renewed.created == START + DAY
    assert renewed.seen_live == OBSERVED


@pytest.mark.parametrize("used", [None, 3])
def test_a_use_that_was_seen_live_is_not_forgotten(used: float | None) -> None:
    (renewed,) = still_valid(remembered(key("A", 1, used=99)), report(slot(1, 1, used=used)))[
        USER_ID
    ]
    assert renewed.last_used == START + 99 * DAY
    assert renewed.last_used_service == "live"


@pytest.mark.parametrize(
    ("keys", "slots", "ids"),
    [
        ([key("A", 1), key("B", 2)], [slot(1, 2), slot(2, 1)], {1: "B", 2: "A"}),
        ([key("A", 1), key("B", 2)], [slot(1, 50), slot(2, 2)], {1: "A", 2: "B"}),
        ([key("A", 1)], [slot(1, 50)], {1: "A"}),
        (
            [key("A", 1, slot=1), key("B", 2, slot=2)],
            [slot(1, 50), slot(2, 60)],
            {1: "A", 2: "B"},
        ),
    ],
    ids=["by creation", "one changed before", "changed before", "both changed before"],
)
def test_slots_that_match_keep_their_ids(
    keys: list[AccessKey], slots: list[AccessKey], ids: dict[int, str]
) -> None:
    valid = still_valid(remembered(*keys), report(*slots))
    assert {each.slot: each.key_id for each in valid[USER_ID]} == ids


@pytest.mark.parametrize(
    ("keys", "slots"),
    [
        ([key("A", 1)], [slot(1, 100.5)]),
        ([key("A", 1), key("B", 2)], [slot(1, 1), slot(2, 100.5)]),
        ([key("A", 1)], [slot(1, 1), slot(2, 100.5)]),
        ([key("A", 1), key("B", 2)], [slot(1, 1)]),
        ([key("A", 1)], []),
        ([], [slot(1, 1)]),
        ([key("A", 1), key("B", 2)], [slot(1, 50), slot(2, 60)]),
        ([key("A", 1), key("B", 2), key("C", 3)], [slot(1, 1), slot(2, 2)]),
    ],
    ids=[
        "changed or replaced since",
        "one changed or replaced since",
        "one more",
        "one less",
        "none left",
        "none before",
        "two that can't be told apart",
        "a third key that no slot shows",
    ],
)
def test_whoever_does_not_match_stays_provisional(
    keys: list[AccessKey], slots: list[AccessKey]
) -> None:
    assert still_valid(remembered(*keys), report(*slots)) == {}


def test_a_report_of_unknown_age_must_match() -> None:
    undated = replace(report(slot(1, 1)), generated=None)
    assert set(still_valid(remembered(key("A", 1)), undated)) == {USER_ID}
    assert still_valid(remembered(key("A", 1), key("B", 2)), undated) == {}
