"""Working hours: in the reader's own zone, over weekends and clock changes."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.hours import WorkingHours

OFFICE = WorkingHours()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "zone", "expected"),
    [
        ("2026-11-25T12:00", "UTC", "2026-11-25T12:00"),  # a Wednesday at noon
        ("2026-11-25T08:00", "UTC", "2026-11-25T09:00"),
        ("2026-11-25T17:00", "UTC", "2026-11-26T09:00"),  # the end is not within
        ("2026-11-27T18:00", "UTC", "2026-11-30T09:00"),  # over the weekend
        ("2026-11-25T12:00", "Asia/Kolkata", "2026-11-26T03:30"),  # 17:30 there
        ("2026-11-25T05:00", "America/New_York", "2026-11-25T14:00"),
        ("2026-10-25T05:00", "Europe/Berlin", "2026-10-26T08:00"),  # clocks went back
        ("2026-03-29T05:00", "Europe/Berlin", "2026-03-30T07:00"),  # and forward
        ("2026-11-25T12:00", "No/Where", "2026-11-25T12:00"),  # falls back to the default
        ("2026-11-25T12:00", None, "2026-11-25T12:00"),
    ],
)
def test_the_next_working_time(after: str, zone: str | None, expected: str) -> None:
    assert OFFICE.next(at(after), zone) == at(expected)


def test_an_hour_that_clocks_skip_begins_where_the_day_goes_on() -> None:
    early = WorkingHours(time(2, 15), time(4), frozenset(range(7)), "Europe/Berlin")

    assert early.next(at("2026-03-29T00:00")) == at("2026-03-29T01:15")


@given(
    st.integers(0, 730 * 24 * 60).map(lambda n: at("2026-01-01T00:00") + timedelta(minutes=n)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]),
)
def test_it_is_never_before_and_always_within(after: datetime, zone: str) -> None:
    found = OFFICE.next(after, zone)

    assert after <= found <= after + timedelta(days=4)
    assert OFFICE.next(found, zone) == found


def test_the_configurations_words() -> None:
    read = WorkingHours.read("08:30-12:00", ["sun", "mon"], "Europe/Berlin")

    assert read == WorkingHours(time(8, 30), time(12), frozenset({6, 0}), "Europe/Berlin")


def test_a_day_is_the_readers() -> None:
    moment = at("2026-11-25T23:30")

    assert OFFICE.day_of(moment, "Asia/Tokyo") == "2026-11-26"
    assert OFFICE.morning_after(moment, "Asia/Tokyo") == at("2026-11-27T00:00")
