"""The scheduler only calls: after a tick that fails comes another, and silence is noticed."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import StoreError
from bot.scheduler import Scheduler

SOON = timedelta(milliseconds=20)


def real() -> datetime:
    return datetime.now(UTC)


def test_ticks_go_on_after_one_that_failed() -> None:
    ticks: list[int] = []
    enough = threading.Event()

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            enough.set()
        raise RuntimeError("this tick is broken")

    scheduler = Scheduler(tick, SOON, real)
    scheduler.start()
    try:
        assert enough.wait(10)
        assert scheduler.problem() is None
    finally:
        assert scheduler.stop(timedelta(seconds=5))


def test_what_is_no_mistake_of_ours_is_said_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """A database that is locked for long, say."""
    ticked = threading.Event()

    def tick() -> None:
        ticked.set()
        raise StoreError("the database is locked")

    scheduler = Scheduler(tick, SOON, real)
    scheduler.start()
    assert ticked.wait(10)
    assert scheduler.stop(timedelta(seconds=5))
    (said, *_) = [each for each in caplog.records if each.name == "bot.scheduler"]
    assert said.getMessage() == "A tick failed; the next one goes on: the database is locked"
    assert said.exc_info is None


def test_a_tick_that_runs_is_waited_for() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def tick() -> None:
        began.set()
        may_end.wait(10)
        ended.set()

    scheduler = Scheduler(tick, SOON, real)
    scheduler.start()
    assert began.wait(10)

    assert not scheduler.stop(timedelta(milliseconds=50))
    may_end.set()
    assert scheduler.stop(timedelta(seconds=5))
    assert ended.is_set()


def test_silence_is_a_problem() -> None:
    now = [datetime(2026, 11, 25, tzinfo=UTC)]
    scheduler = Scheduler(lambda: None, timedelta(hours=1), lambda: now[0])
    assert "not started" in (scheduler.problem() or "")
    scheduler.start()
    try:
        assert scheduler.problem() is None
        now[0] += timedelta(hours=4)
        assert "has not ticked since" in (scheduler.problem() or "")
    finally:
        scheduler.stop(timedelta(seconds=5))


def test_a_tick_that_hangs_is_a_problem() -> None:
    now = [datetime(2026, 11, 25, tzinfo=UTC)]
    began, may_end = threading.Event(), threading.Event()

    def tick() -> None:
        began.set()
        may_end.wait(10)

    scheduler = Scheduler(tick, timedelta(hours=9), lambda: now[0])
    scheduler.start()
    try:
        assert began.wait(10)
        now[0] += timedelta(minutes=59)
        assert scheduler.problem() is None
        now[0] += timedelta(minutes=2)
        assert "hangs since 2026-11-25 00:00:00 UTC" in (scheduler.problem() or "")
    finally:
        may_end.set()
        assert scheduler.stop(timedelta(seconds=5))


def test_nothing_ticks_after_the_stop() -> None:
    """A call that APScheduler had handed to a thread already finds the door closed."""
    ticks: list[int] = []
    scheduler = Scheduler(lambda: ticks.append(1), timedelta(hours=1), real)

    assert scheduler.stop(timedelta(seconds=1))
    scheduler._ticked()

    assert ticks == []
