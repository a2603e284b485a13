"""What is due is done, each by itself: no mistake in one stops another."""

import logging
from datetime import datetime, timedelta

import pytest

from bot.engine.ticking import Ticker, every
from bot.errors import StoreError
from bot.store import dues
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import NOON, StandingClock

HOUR = timedelta(hours=1)


def set_due(store: Store, kind: str, subject: str, at: timedelta = timedelta()) -> Due:
    with store.write() as tx:
        dues.set_due(tx, kind, subject, NOON + at)
    return Due(kind, subject, NOON + at)


def all_due(store: Store) -> list[Due]:
    with store.read() as tx:
        return dues.all_due(tx)


def taking(store: Store, done: list[str]) -> Ticker:
    """A ticker that notes what it does, and whose kind `bad` has a mistake in it."""

    def do(due: Due) -> bool:
        with store.write() as tx:
            done.append(due.subject)
            return dues.take(tx, due)

    def bad(due: Due) -> bool:
        raise ValueError(f"a mistake about {due.subject}")

    def silent(_due: Due) -> bool:
        raise StoreError("no room")

    return Ticker(store, {"do": do, "bad": bad, "silent": silent})


@pytest.mark.parametrize("kind", ["bad", "silent", "nobody's"])
def test_what_fails_is_put_off_and_said_and_stops_no_other(
    store: Store, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing = set_due(store, kind, "p-1", -HOUR)
    set_due(store, "do", "p-2")
    done: list[str] = []

    with caplog.at_level(logging.WARNING):
        assert [each.subject for each in taking(store, done).tick()] == ["p-2"]

    assert done == ["p-2"]
    assert all_due(store) == [Due(kind, failing.subject, NOON + timedelta(minutes=5))]
    assert f"{kind} of p-1" in caplog.text


def test_it_waits_longer_each_time_and_forgets_that_once_it_works(
    store: Store, clock: StandingClock
) -> None:
    broken = True

    def handle(due: Due) -> bool:
        if broken:
            raise StoreError("no room")
        with store.write() as tx:
            return dues.take(tx, due)

    set_due(store, "k", "s")
    ticker = Ticker(store, {"k": handle})
    for minutes in (5, 10, 20, 40, 60, 60):
        ticker.tick()
        (put_off,) = all_due(store)
        assert put_off.at == clock() + timedelta(minutes=minutes)
        clock.pass_time(minutes=minutes)

    broken = False
    ticker.tick()
    broken = True
    with store.write() as tx:
        dues.set_due(tx, "k", "s", clock())
    ticker.tick()

    (again,) = all_due(store)
    assert again.at == clock() + timedelta(minutes=5)


def test_what_another_process_put_off_meanwhile_stays_as_it_is(store: Store) -> None:
    def handle(due: Due) -> bool:
        with store.write() as tx:
            dues.set_due(tx, due.kind, due.subject, NOON + HOUR)
        raise StoreError("too late")

    set_due(store, "k", "s")
    Ticker(store, {"k": handle}).tick()

    assert all_due(store) == [Due("k", "s", NOON + HOUR)]


def test_what_is_not_due_is_left(store: Store) -> None:
    later = set_due(store, "do", "p-1", HOUR)

    assert taking(store, []).tick() == []
    assert all_due(store) == [later]


def test_a_repeated_thing_that_fails_comes_at_its_next_time(store: Store) -> None:
    """The next time is set first: a crash, or a mistake, loses one turn at most."""

    def scan() -> None:
        assert all_due(store) == [Due("scan", "own", NOON + 6 * HOUR)]
        raise StoreError("no room")

    set_due(store, "scan", "own")
    Ticker(store, {"scan": every(store, 6 * HOUR, scan)}).tick()

    assert all_due(store) == [Due("scan", "own", NOON + 6 * HOUR)]


def test_a_doubled_tick_repeats_nothing(store: Store) -> None:
    scans: list[int] = []
    due = set_due(store, "scan", "own")
    handle = every(store, HOUR, lambda: scans.append(1))

    assert (handle(due), handle(due)) == (True, False)
    assert scans == [1]


def test_what_has_a_later_turn_waits_and_holds_up_nothing(
    store: Store, clock: StandingClock
) -> None:
    for number in range(150):
        set_due(store, "waits", f"w-{number:03}", -HOUR)
    set_due(store, "do", "p-1")
    done: list[str] = []

    def do(due: Due) -> bool:
        with store.write() as tx:
            done.append(due.subject)
            return dues.take(tx, due)

    def turn(due: Due) -> datetime:
        return NOON + HOUR if due.kind == "waits" else due.at

    ticker = Ticker(store, {"do": do, "waits": do}, turn)
    ticker.tick()
    assert done == ["p-1"]
    assert all(each.at == NOON - HOUR for each in all_due(store))

    clock.pass_time(hours=1)
    ticker.tick()
    ticker.tick()
    assert len(done) == 151
