"""What falls due: one of a kind and subject, and whoever takes it does it."""

from datetime import timedelta

from bot.store import dues
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import NOON, StandingClock
from tests.store.racing import at_once

HOUR = timedelta(hours=1)


def set_due(store: Store, kind: str = "remind", subject: str = "p-1", hours: int = 0) -> Due:
    with store.write() as tx:
        dues.set_due(tx, kind, subject, NOON + hours * HOUR)
    return Due(kind, subject, NOON + hours * HOUR)


def test_falls_due_at_its_time(store: Store, clock: StandingClock) -> None:
    late, soon, now = (set_due(store, subject=f"p-{hours}", hours=hours) for hours in (2, 1, 0))

    with store.read() as tx:
        assert dues.due_now(tx) == [now]
        assert dues.all_due(tx) == [now, soon, late]
        assert dues.next_due(tx) == NOON
    clock.pass_time(hours=2)
    with store.read() as tx:
        assert dues.due_now(tx) == [now, soon, late]


def test_nothing_is_due_where_nothing_was_set(store: Store) -> None:
    with store.read() as tx:
        assert dues.due_now(tx) == []
        assert dues.next_due(tx) is None
        assert dues.get_due(tx, "remind", "p-1") is None


def test_setting_it_again_puts_it_elsewhere(store: Store) -> None:
    set_due(store)
    moved = set_due(store, hours=1)

    with store.read() as tx:
        assert dues.all_due(tx) == [moved]
        assert dues.get_due(tx, "remind", "p-1") == moved


def test_is_taken_by_one_of_many(store: Store) -> None:
    due = set_due(store)

    taken = at_once(store, lambda tx: dues.take(tx, due), times=6)

    assert sorted(taken) == [False] * 5 + [True]
    with store.read() as tx:
        assert dues.all_due(tx) == []


def test_set_at_once_it_is_there_once(store: Store) -> None:
    at_once(store, lambda tx: dues.set_due(tx, "scan", "own", NOON))

    with store.read() as tx:
        assert dues.all_due(tx) == [Due("scan", "own", NOON)]


def test_one_that_was_put_off_since_is_not_taken(store: Store) -> None:
    old = set_due(store)
    new = set_due(store, hours=1)

    with store.write() as tx:
        assert not dues.take(tx, old)
        assert dues.get_due(tx, "remind", "p-1") == new
        assert dues.take(tx, new)


def test_a_time_to_the_microsecond_is_taken_too(store: Store) -> None:
    odd = Due("remind", "p-1", NOON + timedelta(microseconds=123_457))
    with store.write() as tx:
        dues.set_due(tx, odd.kind, odd.subject, odd.at)

    with store.write() as tx:
        assert dues.get_due(tx, "remind", "p-1") == odd
        assert dues.take(tx, odd)


def test_dropping_one_or_all_leaves_the_others(store: Store) -> None:
    for kind in ("remind", "escalate", "expire"):
        set_due(store, kind)
    other = set_due(store, subject="p-2")

    with store.write() as tx:
        dues.drop_due(tx, "remind", "p-1")
        assert [each.kind for each in dues.all_due(tx) if each != other] == ["escalate", "expire"]
        dues.drop_all(tx, "p-1")

    with store.read() as tx:
        assert dues.all_due(tx) == [other]
