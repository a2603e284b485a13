"""The freeze: one at a time, effective from its commit, and told who began and ended it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import FrozenError, RefusedError
from bot.model import Freeze
from bot.store import audit, freezes
from bot.store.database import Store, open_store
from tests.conftest import NOON, StandingClock
from tests.store.racing import at_once
from tests.store.samples import ALICE, BOB


def test_is_in_force_until_someone_ends_it(store: Store, clock: StandingClock) -> None:
    with store.write() as tx:
        freezes.refuse_if_frozen(tx)
        begun = freezes.freeze(tx, "an incident", ALICE)
    clock.pass_time(hours=1)

    with store.read() as tx:
        standing = freezes.current_freeze(tx)
        with pytest.raises(FrozenError, match=r"stopped by local:alice@desk.*an incident"):
            freezes.refuse_if_frozen(tx)
    assert standing is not None
    assert begun == Freeze(NOON, ALICE, "an incident")
    assert (standing.since, standing.by.name, standing.reason) == (NOON, ALICE.name, begun.reason)

    with store.write() as tx:
        ended = freezes.unfreeze(tx, BOB)
    assert (ended.since, ended.ended_at, ended.ended_by) == (NOON, clock(), BOB)
    with store.read() as tx:
        assert freezes.current_freeze(tx) is None
        freezes.refuse_if_frozen(tx)
        assert [each.event for each in audit.events(tx)] == ["freeze.begun", "freeze.ended"]
        assert audit.verify(tx).ok


def test_a_second_one_is_told_of_the_first(store: Store) -> None:
    with store.write() as tx:
        freezes.freeze(tx, "mine", ALICE)

    told = r"already, by local:alice@desk.*mine"
    with pytest.raises(RefusedError, match=told), store.write() as tx:
        freezes.freeze(tx, "also mine", BOB)


def test_nothing_stopped_cannot_be_ended(store: Store) -> None:
    with pytest.raises(RefusedError, match="nothing is stopped"), store.write() as tx:
        freezes.unfreeze(tx, ALICE)


def test_can_come_again(store: Store, clock: StandingClock) -> None:
    for reason in ("first", "second"):
        with store.write() as tx:
            freezes.freeze(tx, reason, ALICE)
        clock.pass_time(minutes=1)
        with store.read() as tx:
            standing = freezes.current_freeze(tx)
        assert standing is not None
        assert standing.reason == reason
        with store.write() as tx:
            freezes.unfreeze(tx, BOB)


def test_of_many_at_once_one_begins_and_one_ends(store: Store) -> None:
    begun = at_once(store, lambda tx: freezes.freeze(tx, "now", ALICE))
    assert sum(isinstance(each, Freeze) for each in begun) == 1
    assert sum("stopped already" in str(each) for each in begun) == 3

    ended = at_once(store, lambda tx: freezes.unfreeze(tx, BOB))
    assert sum(isinstance(each, Freeze) for each in ended) == 1
    with store.read() as tx:
        assert freezes.current_freeze(tx) is None


class TestStopFile:
    @pytest.fixture
    def stopped(self, tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
        url = f"sqlite:///{tmp_path / 'locksmith.db'}"
        with closing(open_store(url, clock=clock, stop_file=tmp_path / "STOP")) as store:
            yield store

    def test_stops_for_as_long_as_it_is_there(self, stopped: Store, tmp_path: Path) -> None:
        file = tmp_path / "STOP"
        with stopped.read() as tx:
            assert freezes.current_freeze(tx) is None
            freezes.refuse_if_frozen(tx)

        file.touch()
        with stopped.read() as tx, pytest.raises(FrozenError, match=f"stopped by file:{file}"):
            freezes.refuse_if_frozen(tx)
        with stopped.write() as tx, pytest.raises(RefusedError, match="stopped by file:"):
            freezes.unfreeze(tx, ALICE)

        file.unlink()
        with stopped.read() as tx:
            freezes.refuse_if_frozen(tx)

    def test_a_link_to_nowhere_is_one_too(self, stopped: Store, tmp_path: Path) -> None:
        (tmp_path / "STOP").symlink_to(tmp_path / "nothing")

        with stopped.read() as tx, pytest.raises(FrozenError):
            freezes.refuse_if_frozen(tx)

    def test_a_place_that_cannot_be_looked_at_stops(
        self, tmp_path: Path, clock: StandingClock
    ) -> None:
        (tmp_path / "file").touch()
        url = f"sqlite:///{tmp_path / 'locksmith.db'}"
        path = tmp_path / "file" / "STOP"
        with closing(open_store(url, clock=clock, stop_file=path)) as store, store.read() as tx:
            found = freezes.current_freeze(tx)

        assert found is not None
        assert found.reason == "whether it is there can't be told: Not a directory"

    def test_a_person_may_pause_too(self, stopped: Store, tmp_path: Path) -> None:
        (tmp_path / "STOP").touch()
        with stopped.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)
        (tmp_path / "STOP").unlink()

        with stopped.read() as tx, pytest.raises(FrozenError, match="an incident"):
            freezes.refuse_if_frozen(tx)
