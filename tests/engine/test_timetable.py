"""When accounts are looked at next, over clocks that are put forward and back, and over gaps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.engine.timetable import Cron, Every, Schedule, Timetable
from bot.model import Occasion
from bot.scheduler import wall_times

A = "111111111111"
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(cron: str, zone: str, start: str, count: int) -> list[str]:
    """The next times in UTC, each after the one before."""
    rhythm, moment, found = Cron(wall_times(cron), ZoneInfo(zone)), utc(start), []
    for _ in range(count):
        moment = rhythm.after(moment)
        found.append(f"{moment:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "start", "expected"),
    [
        # 02:30 doesn't exist on the day that the clock is put forward: an hour later by its hand.
        (
            "30 2 * * *",
            BERLIN,
            "2026-03-27T12:00",
            ["03-28 01:30", "03-29 01:30", "03-30 00:30"],
        ),
        (
            "30 2 * * *",
            NEW_YORK,
            "2026-03-06T12:00",
            ["03-07 07:30", "03-08 07:30", "03-09 06:30"],
        ),
        # 02:30 exists twice on the day that it is put back, 01:30 in New York: the first counts.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00", ["10-25 00:30", "10-26 01:30"]),
        ("30 1 * * *", NEW_YORK, "2026-10-31T12:00", ["11-01 05:30", "11-02 06:30"]),
        # Asked between the two, and in the hour that comes again.
        ("30 1 * * *", NEW_YORK, "2026-11-01T05:45", ["11-02 06:30"]),
        ("30 1 * * *", NEW_YORK, "2026-11-01T06:15", ["11-02 06:30"]),
        # Half an hour forward.
        ("15 2 * * *", LORD_HOWE, "2026-10-02T20:00", ["10-03 15:45", "10-04 15:15"]),
        # Asked after the hour that doesn't exist, before what is put off by it.
        ("30 2 * * *", BERLIN, "2026-03-29T01:10", ["03-29 01:30"]),
        # What is put off by the change doesn't hide what comes before it.
        ("10,35 2 * * *", LORD_HOWE, "2026-10-03T14:00", ["10-03 15:35", "10-03 15:40"]),
        ("45 2 * * *", BERLIN, "2026-03-29T00:30", ["03-29 01:45"]),
        ("0,30 * * * *", BERLIN, "2026-03-29T00:40", ["03-29 01:00", "03-29 01:30"]),
        ("30 * * * *", BERLIN, "2026-10-24T23:00", ["10-24 23:30", "10-25 00:30", "10-25 02:30"]),
        ("0 9 * * mon-fri", "UTC", "2026-11-27T08:00", ["11-27 09:00", "11-30 09:00"]),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", ["02-29 00:00"]),
    ],
)
def test_times_of_a_wall_clock(cron: str, zone: str, start: str, expected: list[str]) -> None:
    assert times(cron, zone, start, len(expected)) == expected


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "61 * * * *", "0 0 30 2 *", "0 0 * * 1", "0 0 * * 0-4", "@daily"]
)
def test_what_is_no_time_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wall_times(cron)


def test_every_time_is_later_than_the_moment() -> None:
    """A day's worth of moments around both changes, for a cron as dense as there is."""
    for day in ("2026-03-28T22:00", "2026-10-24T22:00"):
        rhythm, moment = Cron(wall_times("*/20 * * * *"), ZoneInfo(BERLIN)), utc(day)
        for _ in range(30):
            following = rhythm.after(moment)
            assert timedelta(0) < following - moment <= timedelta(hours=1, minutes=20)
            moment += timedelta(minutes=13)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2026-11-24T12:00:00", "2026-11-24T18:00"),  # on the hour: the next turn
        ("2026-11-24T12:00:01", "2026-11-24T18:00"),
        ("2026-11-24T14:59:00", "2026-11-24T18:00"),
        ("2026-11-24T15:01:00", "2026-11-25T00:00"),  # nearer than half a turn: left out
        ("2026-11-27T13:00:00", "2026-11-27T18:00"),  # three days asleep: one, and not twelve
    ],
)
def test_intervals_are_the_same_for_every_process(asked: str, expected: str) -> None:
    assert Every(timedelta(hours=6)).after(utc(asked)) == utc(expected)


def test_jitter_is_bounded_spreads_accounts_and_is_always_the_same() -> None:
    jitter = timedelta(minutes=30)
    spread = Schedule(Every(timedelta(hours=6)), jitter)
    plain = Schedule(Every(timedelta(hours=6)))
    ids = [f"{number:012d}" for number in range(200)]
    moment = utc("2026-11-24T12:45")
    delays = {each: spread.after(each, moment) - plain.after(each, moment) for each in ids}

    assert all(timedelta(0) <= each <= jitter for each in delays.values())
    assert len(set(delays.values())) > 100
    assert delays == {each: spread.delay_of(each) for each in ids}
    for each in ids[:20]:
        first = spread.after(each, moment)
        assert spread.after(each, first) - first == timedelta(hours=6)


@pytest.mark.parametrize(
    ("now", "due", "expected"),
    [
        ("2026-11-24T12:10", "2026-11-24T18:00", "2026-11-24T18:00"),  # as it should be
        ("2026-11-24T10:10", "2026-11-24T18:00", "2026-11-24T18:00"),  # two hours back: as it was
        ("2026-11-24T18:10", "2026-11-24T18:00", "2026-11-24T18:00"),  # late: it comes, once
        ("2026-11-27T18:10", "2026-11-24T18:00", "2026-11-24T18:00"),  # very late
        # The clock was days ahead when it was set: it isn't waited for.
        ("2026-11-24T12:10", "2026-11-27T18:00", "2026-11-24T18:00"),
    ],
)
def test_a_clock_that_jumps_moves_nothing_by_more_than_a_turn(
    now: str, due: str, expected: str
) -> None:
    timetable = Timetable((Schedule(Every(timedelta(hours=6))),))
    assert timetable.kept(A, utc(due), utc(now)) == utc(expected)


def test_the_first_schedule_that_is_about_an_account_counts() -> None:
    nightly = Schedule(Cron(wall_times("0 1 * * *"), ZoneInfo("UTC")), accounts=frozenset({A}))
    timetable = Timetable((nightly, Schedule(Every(timedelta(hours=6)))))
    noon = utc("2026-11-24T12:00")

    assert timetable.after(A, noon) == utc("2026-11-25T01:00")
    assert timetable.after("2" * 12, noon) == utc("2026-11-24T18:00")
    assert timetable.overdue_at(A, noon) == utc("2026-11-26T01:00")
    assert timetable.gap(A, noon) == timedelta(days=1)
    assert timetable.gap("2" * 12, noon) == timedelta(hours=6)
    assert Timetable((nightly,)).gap("2" * 12, noon) is None
    assert Timetable((nightly,)).after("2" * 12, noon) is None
    assert Timetable((nightly,)).overdue_at("2" * 12, noon) is None


@pytest.mark.parametrize(
    ("due", "turn"),
    [
        ("2026-11-24T08:59", "2026-11-24T09:00"),
        ("2026-11-24T09:00", "2026-11-24T09:00"),  # to the instant
        ("2026-11-24T09:01", "2026-11-25T09:00"),
        ("2026-11-27T17:00", "2026-11-30T09:00"),  # over a weekend
    ],
)
def test_what_falls_due_waits_for_its_turn(due: str, turn: str) -> None:
    workdays = Schedule(Cron(wall_times("0 9 * * mon-fri"), ZoneInfo("UTC")))
    timetable = Timetable(others={Occasion.REMINDERS: workdays})

    assert timetable.turn(Occasion.REMINDERS, "p-1", utc(due)) == utc(turn)
    assert timetable.turn(Occasion.CHECKS, "p-1", utc(due)) == utc(due)


def test_a_turn_of_an_interval_is_the_first_however_near() -> None:
    often = Schedule(Every(timedelta(hours=6)), timedelta(minutes=10))
    delay = often.delay_of("p-1")
    noon, second = utc("2026-11-24T12:00"), timedelta(seconds=1)

    assert often.reached("p-1", noon + delay - second) == noon + delay
    assert often.reached("p-1", noon + delay) == noon + delay
    assert often.reached("p-1", noon + delay + second) == noon + delay + timedelta(hours=6)
