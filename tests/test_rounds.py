"""Rounds: each account is looked at when it is due, once, whoever else does the same."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.engine.entering import Accounts, KnownAccount
from bot.engine.ticking import Ticker
from bot.engine.timetable import Every, Schedule, Timetable
from bot.engine.watching import SCAN, turn_to_look
from bot.errors import AwsError, LostRaceError
from bot.rounds import Rounds
from bot.store import dues
from bot.store.database import Store, open_store
from tests.conftest import NOON, StandingClock

A, B = "111111111111", "222222222222"
HOUR = timedelta(hours=1)
EVERY_SIX = Timetable((Schedule(Every(6 * HOUR)),))
PATIENCE = timedelta(seconds=20)


def nobody() -> Any:
    raise AssertionError("no account is entered here")


@dataclass
class Serving:
    """One process: its ticker, its rounds, and what it looked at."""

    store: Store
    timetable: Timetable = EVERY_SIX
    ids: tuple[str, ...] = (A, B)
    looked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _account: None
    rounds: Rounds = field(init=False)

    def __post_init__(self) -> None:
        """Begin, as a process does."""
        accounts = Accounts(nobody, tuple(KnownAccount(each, nobody) for each in self.ids))
        self.rounds = Rounds(self.store, accounts, self.timetable, self._look)
        self.rounds.keep_due()

    def _look(self, account_id: str) -> None:
        with turn_to_look(self.store, account_id, lambda _text: None):
            self.before(account_id)
            self.looked.append(account_id)

    def tick(self) -> None:
        """Tick, and wait for what that began."""
        Ticker(self.store, {SCAN: self.rounds.start}).tick()
        assert self.rounds.wait(PATIENCE)

    def next(self, account_id: str = A) -> datetime:
        """When that account is looked at next."""
        return self.rounds.next_times()[account_id]


@pytest.fixture
def serving(sqlite_store: Store) -> Iterator[Serving]:
    """One process."""
    made = Serving(sqlite_store)
    yield made
    assert made.rounds.end(PATIENCE)


def test_new_accounts_are_looked_at_at_once_and_then_in_time(
    serving: Serving, clock: StandingClock
) -> None:
    serving.tick()
    assert sorted(serving.looked) == [A, B]
    serving.tick()
    assert len(serving.looked) == 2
    assert serving.next() == NOON + 6 * HOUR
    clock.pass_time(hours=6)
    serving.tick()
    assert len(serving.looked) == 4


def test_after_three_days_asleep_it_is_done_once_and_goes_on(
    serving: Serving, clock: StandingClock
) -> None:
    serving.tick()
    serving.looked.clear()
    clock.pass_time(days=3, hours=1)
    for _ in range(3):
        serving.tick()
    assert sorted(serving.looked) == [A, B]
    assert serving.next() == NOON + timedelta(days=3, hours=6)


@pytest.mark.parametrize("back", [timedelta(seconds=30), 2 * HOUR, 5 * HOUR])
def test_a_clock_that_steps_back_doubles_nothing(
    serving: Serving, clock: StandingClock, back: timedelta
) -> None:
    serving.tick()
    clock.pass_time(hours=6)
    serving.tick()
    serving.looked.clear()
    clock.now -= back
    serving.rounds.keep_due()
    serving.tick()
    assert serving.looked == []
    assert serving.next() == NOON + 12 * HOUR


def test_a_clock_that_steps_back_during_a_look_doubles_nothing(
    serving: Serving, clock: StandingClock
) -> None:
    serving.tick()
    clock.pass_time(hours=6)

    def step_back(account_id: str) -> None:
        if account_id == A:
            clock.now -= 5 * HOUR

    serving.before = step_back
    serving.tick()
    assert serving.next() == NOON + 12 * HOUR


def test_a_clock_that_was_days_ahead_is_not_waited_for(
    serving: Serving, clock: StandingClock
) -> None:
    clock.pass_time(days=3)
    serving.tick()
    clock.now = NOON + timedelta(minutes=1)
    serving.rounds.keep_due()
    assert serving.next() == NOON + 6 * HOUR


def test_what_failed_is_tried_again_later_each_time(serving: Serving, clock: StandingClock) -> None:
    def fail(account_id: str) -> None:
        if account_id == A:
            raise AwsError("can't be entered")

    serving.before = fail
    delays = []
    for _ in range(6):
        serving.tick()
        delays.append((serving.next() - clock.now) // timedelta(minutes=1))
        clock.now = serving.next()
    assert delays == [5, 10, 20, 40, 60, 60]
    assert serving.looked == [B], "the other one is not held up"


def test_what_was_lost_with_its_process_comes_back(
    sqlite_store: Store, serving: Serving, clock: StandingClock
) -> None:
    with sqlite_store.read() as tx:
        due = dues.get_due(tx, SCAN, A)
    assert due is not None
    serving.rounds._pool.shutdown()
    with pytest.raises(RuntimeError):
        serving.rounds.start(due)
    assert serving.next() == NOON + timedelta(minutes=15)


def test_accounts_that_are_none_any_more_are_forgotten(sqlite_store: Store) -> None:
    Serving(sqlite_store)
    assert set(Serving(sqlite_store, ids=(B,)).rounds.next_times()) == {B}
    assert Serving(sqlite_store, timetable=Timetable()).rounds.next_times() == {}


def test_the_tick_goes_on_while_an_account_is_looked_at(serving: Serving) -> None:
    """And an account that takes long holds up no other."""
    begun, go_on = threading.Event(), threading.Event()

    def wait_at_a(account_id: str) -> None:
        if account_id == A:
            begun.set()
            assert go_on.wait(PATIENCE.total_seconds())

    serving.before = wait_at_a
    others: list[str] = []

    def note(due: dues.Due) -> bool:
        with serving.store.write() as tx:
            others.append(due.kind)
            return dues.take(tx, due)

    ticker = Ticker(serving.store, {SCAN: serving.rounds.start, "remind": note})
    ticker.tick()
    assert begun.wait(PATIENCE.total_seconds())
    with serving.store.write() as tx:
        dues.set_due(tx, "remind", "p-1", tx.now)
    ticker.tick()
    assert others == ["remind"]
    go_on.set()
    assert serving.rounds.wait(PATIENCE)
    assert sorted(serving.looked) == [A, B]


def test_two_processes_on_one_database_look_once(store_url: str, clock: StandingClock) -> None:
    """Ten turns of both at once: each account once a turn, by the one or the other."""
    with ExitStack() as opened:
        stores = [opened.enter_context(closing(open_store(store_url, clock=clock))) for _ in "12"]
        both = [Serving(store) for store in stores]
        tickers = [Ticker(each.store, {SCAN: each.rounds.start}) for each in both]
        for _ in range(10):
            gate = threading.Barrier(2)

            def tick(ticker: Ticker, gate: threading.Barrier = gate) -> None:
                gate.wait()
                ticker.tick()

            threads = [threading.Thread(target=tick, args=[each]) for each in tickers]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            assert all(each.rounds.wait(PATIENCE) for each in both)
            clock.pass_time(hours=6)
        looked = [account for each in both for account in each.looked]
        assert sorted(looked) == [A] * 10 + [B] * 10


def test_an_account_is_not_looked_at_twice_at_once(
    sqlite_store: Store, clock: StandingClock
) -> None:
    said: list[str] = []
    with turn_to_look(sqlite_store, A, said.append) as going_on:
        with (
            pytest.raises(LostRaceError, match="is being looked at by"),
            turn_to_look(sqlite_store, A, said.append),
        ):
            raise AssertionError("two look at it")
        with turn_to_look(sqlite_store, B, said.append):
            pass
        for _ in range(4):  # an hour of work keeps its turn by what it says
            clock.pass_time(minutes=15)
            going_on("reading")
            with pytest.raises(LostRaceError), turn_to_look(sqlite_store, A, said.append):
                raise AssertionError("two look at it")
    with turn_to_look(sqlite_store, A, said.append):
        pass
    assert said == ["reading"] * 4


def test_who_lost_its_turn_stops(sqlite_store: Store, clock: StandingClock) -> None:
    """A laptop that slept in the middle of a look doesn't write over a newer one."""

    def sleep_in_it() -> None:
        with turn_to_look(sqlite_store, A, lambda _text: None) as going_on:
            clock.pass_time(hours=1)
            with turn_to_look(sqlite_store, A, lambda _text: None):
                going_on("reading")

    with pytest.raises(LostRaceError, match="was lost"):
        sleep_in_it()
