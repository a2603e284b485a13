"""One writer per account, with a fence that only grows."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.errors import LostRaceError
from bot.store import audit, leases
from bot.store.database import Store
from bot.store.leases import Lease
from tests.conftest import NOON, StandingClock

ACCOUNT = "111122223333"
MINUTE = timedelta(minutes=1)


def acquire(store: Store, holder: str = "one") -> Lease:
    with store.write() as tx:
        return leases.acquire(tx, ACCOUNT, holder, MINUTE)


def check(store: Store, lease: Lease) -> None:
    with store.read() as tx:
        leases.check(tx, lease)


def test_is_held_by_one(store: Store) -> None:
    lease = acquire(store)

    with pytest.raises(LostRaceError, match="being changed by one") as caught:
        acquire(store, "two")

    assert lease == Lease(ACCOUNT, "one", 1, NOON + MINUTE)
    assert "12:01:00 UTC" in caught.value.hint
    check(store, lease)


def test_not_even_by_its_holder_twice(store: Store) -> None:
    """Two threads of one process are two writers."""
    acquire(store)

    with pytest.raises(LostRaceError):
        acquire(store)


def test_other_accounts_are_free(store: Store) -> None:
    acquire(store)

    with store.write() as tx:
        assert leases.acquire(tx, "444455556666", "two", MINUTE).fence == 1


def test_the_fence_grows_through_release_and_expiry(store: Store, clock: StandingClock) -> None:
    first = acquire(store)
    with store.write() as tx:
        leases.release(tx, first)
    second = acquire(store, "two")
    clock.pass_time(minutes=1)
    third = acquire(store, "three")

    assert [lease.fence for lease in (first, second, third)] == [1, 2, 3]
    for old in (first, second):
        with pytest.raises(LostRaceError, match="three holds it now"):
            check(store, old)
    check(store, third)


def test_renewing_holds_it_for_the_whole_time(store: Store, clock: StandingClock) -> None:
    lease = acquire(store)
    clock.pass_time(seconds=59)
    with store.write() as tx:
        lease = leases.renew(tx, lease)
    clock.pass_time(seconds=59)

    check(store, lease)
    assert lease.until == NOON + timedelta(seconds=119)


def test_one_that_ran_out_writes_nothing_until_it_is_renewed(
    store: Store, clock: StandingClock
) -> None:
    lease = acquire(store)
    clock.pass_time(minutes=1)

    with pytest.raises(LostRaceError, match="ran out"):
        check(store, lease)

    with store.write() as tx:
        lease = leases.renew(tx, lease)
    check(store, lease)


def test_one_that_was_taken_cannot_be_renewed_or_released(
    store: Store, clock: StandingClock
) -> None:
    old = acquire(store)
    clock.pass_time(minutes=2)
    new = acquire(store, "two")

    with pytest.raises(LostRaceError, match="two holds it now"), store.write() as tx:
        leases.renew(tx, old)
    with store.write() as tx:
        leases.release(tx, old)

    check(store, new)


def test_an_old_fence_of_the_same_holder_is_refused(store: Store, clock: StandingClock) -> None:
    """A thread that slept through its lease, while another of its process took it anew."""
    old = acquire(store)
    clock.pass_time(minutes=1)
    new = acquire(store)

    with pytest.raises(LostRaceError):
        check(store, old)
    check(store, new)


def test_a_released_one_is_nobodys(store: Store) -> None:
    lease = acquire(store)
    with store.write() as tx:
        leases.release(tx, lease)

    with pytest.raises(LostRaceError, match="nobody holds it now"):
        check(store, lease)


class TestDeadHolders:
    def test_a_dead_process_is_taken_over_at_once(self, store: Store) -> None:
        script = "from bot.store.leases import this_process; print(this_process())"
        dead = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.strip()
        acquire(store, dead)

        lease = acquire(store, leases.this_process())

        assert lease.fence == 2
        with store.read() as tx:
            (event,) = audit.events(tx)
        assert event.event == "lease.taken-over"
        assert event.data["from"] == dead

    def test_a_killed_process_that_nobody_waited_for_is_dead(self, store: Store) -> None:
        script = (
            "from bot.store.leases import this_process; print(this_process(), flush=True); "
            "import time; time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            holder = process.stdout.readline().strip()
            acquire(store, holder)
            with pytest.raises(LostRaceError):
                acquire(store, "two")
            process.kill()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # leaves it a zombie

            assert acquire(store, "two").fence == 2

    def test_a_living_process_is_not(self, store: Store) -> None:
        acquire(store, leases.this_process())

        with pytest.raises(LostRaceError):
            acquire(store, "two")

    def test_a_process_id_that_was_given_away_is(self, store: Store) -> None:
        """The same number as ours, started at another time."""
        host, pid, start = leases.this_process().split("/")
        acquire(store, f"{host}/{pid}/{int(start) - 1}")

        assert acquire(store, "two").fence == 2

    def test_a_process_of_another_host_cannot_be_judged(self, store: Store) -> None:
        acquire(store, "elsewhere/999999999/1")

        with pytest.raises(LostRaceError):
            acquire(store, "two")

    def test_without_a_known_start_the_number_decides(self, store: Store) -> None:
        """On systems without /proc."""
        host = leases.this_process().split("/")[0]
        acquire(store, f"{host}/{os.getpid()}/unknown")
        with pytest.raises(LostRaceError):
            acquire(store, "two")
        with store.write() as tx:
            leases.acquire(tx, "444455556666", f"{host}/{2**22 + 1}/unknown", MINUTE)

            assert leases.acquire(tx, "444455556666", "two", MINUTE).fence == 2
