"""When rules may act: hours, days, holidays, and clock changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.windows import Window

BERLIN = Window(frozenset({"1"}), zone="Europe/Berlin", holidays=frozenset({date(2026, 12, 25)}))


@pytest.mark.parametrize(
    ("now", "is_open", "opens"),
    [
        (
            datetime(2026, 11, 24, 7, 59, 59, tzinfo=UTC),
            False,
            datetime(2026, 11, 24, 8, tzinfo=UTC),
        ),
        (datetime(2026, 11, 24, 8, tzinfo=UTC), True, datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (
            datetime(2026, 11, 24, 15, 59, tzinfo=UTC),
            True,
            datetime(2026, 11, 24, 15, 59, tzinfo=UTC),
        ),
        (datetime(2026, 11, 24, 16, tzinfo=UTC), False, datetime(2026, 11, 25, 8, tzinfo=UTC)),
        (datetime(2026, 11, 27, 20, tzinfo=UTC), False, datetime(2026, 11, 30, 8, tzinfo=UTC)),
        (datetime(2026, 12, 25, 10, tzinfo=UTC), False, datetime(2026, 12, 28, 8, tzinfo=UTC)),
        (datetime(2026, 3, 27, 20, tzinfo=UTC), False, datetime(2026, 3, 30, 7, tzinfo=UTC)),
    ],
    ids=["before", "at its begin", "at its last minute", "at its end", "Friday", "holiday", "DST"],
)
def test_opens_and_closes(now: datetime, is_open: bool, opens: datetime) -> None:
    assert BERLIN.is_open(now) is is_open
    assert BERLIN.opens_after(now) == opens


def test_holidays_without_end_are_asked_about_again() -> None:
    start = date(2026, 11, 24)
    closed = Window(
        frozenset(), holidays=frozenset(start + timedelta(days=each) for each in range(800))
    )
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert closed.opens_after(now) == now + timedelta(days=366)


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 21),
    st.integers(1, 2),
)
def test_is_open_when_it_says_that_it_opens(
    now: datetime, days: set[int], begins: int, length: int
) -> None:
    window = Window(
        frozenset(),
        time(begins),
        time(begins + length),
        frozenset(days),
        "America/New_York",
    )
    opens = window.opens_after(now)

    assert opens >= now
    skipped = not window.is_open(opens)  # an hour that a clock change leaves out
    assert not skipped or opens.month == 3
    assert window.is_open(now) == (opens == now) or skipped
