"""What counts once counts once, also when it comes several times at once."""

from datetime import timedelta

from sqlalchemy import func, select

from bot.store import once, tables
from bot.store.database import Store
from bot.store.once import REMEMBERED
from tests.conftest import StandingClock
from tests.store.racing import at_once, then_fail


def admit(store: Store, key: str) -> bool:
    with store.write() as tx:
        return once.admit(tx, key)


def use(store: Store, person: str, step: int) -> bool:
    with store.write() as tx:
        return once.use_code(tx, person, step)


class TestRequests:
    def test_a_replay_is_not_let_in(self, store: Store) -> None:
        assert admit(store, "v0=a")
        assert not admit(store, "v0=a")
        assert admit(store, "v0=b")

    def test_at_once_one_is_let_in(self, store: Store) -> None:
        let_in = at_once(store, lambda tx: once.admit(tx, "v0=a"), times=6)

        assert sorted(let_in) == [False] * 5 + [True]

    def test_is_remembered_longer_than_a_signature_is_good_for(
        self, store: Store, clock: StandingClock
    ) -> None:
        """Five minutes to either side of our clock; only then is it forgotten."""
        admit(store, "v0=a")
        clock.now += REMEMBERED
        assert not admit(store, "v0=a")
        assert timedelta(minutes=10) < REMEMBERED

        clock.pass_time(seconds=1)
        admit(store, "v0=b")

        with store.read() as tx:
            keys = tx.connection.execute(select(tables.admitted.c.key)).scalars().all()
        assert keys == ["v0=b"]

    def test_one_whose_transaction_failed_may_come_again(self, store: Store) -> None:
        then_fail(store, lambda tx: once.admit(tx, "v0=a"))

        assert admit(store, "v0=a")


class TestCodes:
    def test_a_code_counts_once_for_its_person(self, store: Store) -> None:
        assert use(store, "ann", 1_000)
        assert not use(store, "ann", 1_000)
        assert use(store, "ben", 1_000)
        assert use(store, "ann", 1_001)

    def test_at_once_it_counts_once(self, store: Store) -> None:
        used = at_once(store, lambda tx: once.use_code(tx, "ann", 1_000), times=6)

        assert sorted(used) == [False] * 5 + [True]

    def test_old_ones_are_forgotten_and_recent_ones_are_not(self, store: Store) -> None:
        for step in (1_000, 1_060, 1_101):
            use(store, "ann", step)

        with store.read() as tx:
            kept = tx.connection.execute(select(func.min(tables.used_code.c.step))).scalar()
        assert kept == 1_060
        assert not use(store, "ann", 1_060)


class TestWrongCodes:
    def test_the_newest_come_first_and_are_the_persons_own(
        self, store: Store, clock: StandingClock
    ) -> None:
        for person in ("ann", "ben", "ann", "ann"):
            clock.pass_time(minutes=1)
            with store.write() as tx:
                once.note_wrong_code(tx, person)

        with store.read() as tx:
            assert once.wrong_codes(tx, "ann", 2) == [clock(), clock() - timedelta(minutes=1)]
            assert len(once.wrong_codes(tx, "ann", 9)) == 3
            assert once.wrong_codes(tx, "carl", 9) == []

    def test_old_ones_are_forgotten(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            once.note_wrong_code(tx, "ann")
        clock.pass_time(hours=1, seconds=1)
        with store.write() as tx:
            once.note_wrong_code(tx, "ben")

        with store.read() as tx:
            assert once.wrong_codes(tx, "ann", 9) == []
            assert once.wrong_codes(tx, "ben", 9) == [clock()]
