"""What people are told besides their cards: each end of an execution once, and every freeze."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine.announcing import (
    FROZEN,
    NOTICE,
    OUTCOME,
    TELL_FREEZE,
    freeze_of,
    tell_freeze,
    tell_freeze_soon,
    tell_live,
    tell_notify_mode,
    tell_outcome,
)
from bot.engine.grace_clock import GraceClock
from bot.model import Account, Actor, ExecutionRecord, MessageRecord, OwnerSource, ProposalState
from bot.store import dues, freezes, messages
from bot.store.database import Store, open_store
from bot.store.dues import Due
from tests.conftest import NOON, StandingClock
from tests.engine.askings import ANN, CHANNEL, Askings, askings, claim
from tests.engine.bench import ALICE, Bench
from tests.engine.plans import deactivate_key, plan

BOB = Actor("local", "bob@desk")
S = ProposalState


@pytest.fixture
def desk(store: Store, clock: StandingClock) -> Askings:
    return askings(store, clock)


def ended(proposal_id: str, state: ProposalState = S.DONE) -> ExecutionRecord:
    return ExecutionRecord(
        "x-1", proposal_id, Account("123456789012"), ALICE, NOON, NOON, state, "so"
    )


def told(desk: Askings, reader: str = "UANN") -> list[MessageRecord]:
    return desk.sent(reader, OUTCOME)


class TestOutcomes:
    @pytest.mark.parametrize(
        "state", [S.DONE, S.FAILED, S.UNKNOWN, S.NEEDS_HUMAN, S.STALE, S.BLOCKED]
    )
    def test_are_told_once_below_the_card(self, desk: Askings, state: ProposalState) -> None:
        (asked,) = desk.ask("A")
        for _ in range(2):
            with desk.store.write() as tx:
                tell_outcome(tx, ended(asked.id, state))

        (note,) = told(desk)
        assert (note.proposal_id, note.thread) == (asked.id, desk.card().id)

    @pytest.mark.parametrize("state", [S.APPROVED, S.DENIED])
    def test_are_not_told_where_nothing_ended(self, desk: Askings, state: ProposalState) -> None:
        (asked,) = desk.ask("A")
        with desk.store.write() as tx:
            tell_outcome(tx, ended(asked.id, state))

        assert told(desk) == []

    def test_that_were_unknown_are_told_again_once_they_are_known(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        with desk.store.write() as tx:
            tell_outcome(tx, ended(asked.id, S.UNKNOWN))
            tell_outcome(tx, ended(asked.id, S.DONE))

        assert [each.data["state"] for each in told(desk)] == ["unknown", "done"]

    def test_are_told_to_those_who_are_asked_by_now(self, desk: Askings) -> None:
        """Neither to who handed it over, nor to who was only told of it."""
        (asked,) = desk.ask("A", claims=(claim("UBOSS", OwnerSource.CREATOR), ANN))
        desk.hand_over(asked, "UBEN")
        with desk.store.write() as tx:
            tell_outcome(tx, ended(asked.id))

        assert [len(told(desk, each)) for each in ("UANN", "UBEN", "UBOSS")] == [0, 1, 0]

    def test_are_written_with_the_state(self, bench: Bench, carols_key: str) -> None:
        proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
        with bench.store.write() as tx:
            data = {"role": "owner"}
            messages.tell(tx, messages.NewMessage("k", "card", "UANN", proposal_id, data))

        bench.executor().apply(proposal_id, ALICE)

        with bench.store.read() as tx:
            (note,) = messages.messages_to(tx, "UANN", OUTCOME)
        assert note.data["state"] == bench.proposal(proposal_id).state == S.DONE


class TestFreezes:
    def tick(self, desk: Askings, channel: str | None = CHANNEL) -> bool:
        with desk.store.read() as tx:
            due = dues.get_due(tx, TELL_FREEZE, "all")
        return due is not None and tell_freeze(desk.store, channel, due)

    def pause(self, desk: Askings) -> None:
        desk.clock.pass_time(minutes=1)
        with desk.store.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)
            tell_freeze_soon(tx)

    def resume(self, desk: Askings) -> None:
        with desk.store.write() as tx:
            freezes.unfreeze(tx, BOB)
            tell_freeze_soon(tx)

    def test_are_told_once_and_anew_when_they_are_over(self, desk: Askings) -> None:
        self.pause(desk)
        assert self.tick(desk)
        assert not self.tick(desk)
        (before,) = desk.sent(CHANNEL, FROZEN)

        self.resume(desk)
        assert self.tick(desk)

        (after,) = desk.sent(CHANNEL, FROZEN)
        assert (after.id, after.wanted) == (before.id, before.wanted + 1)
        with desk.store.read() as tx:
            freeze = freeze_of(tx, after.data)
        assert freeze is not None
        assert freeze.ended_by == BOB

    def test_that_are_over_before_anyone_looked_are_not_told(self, desk: Askings) -> None:
        self.pause(desk)
        self.resume(desk)
        self.tick(desk)

        assert desk.sent(CHANNEL, FROZEN) == []

    def test_that_follow_each_other_are_each_told_and_ended(self, desk: Askings) -> None:
        self.pause(desk)
        self.tick(desk)
        self.resume(desk)
        self.pause(desk)
        self.tick(desk)

        first, second = desk.sent(CHANNEL, FROZEN)
        assert first.data["ended"] is True
        assert "ended" not in second.data

    def test_by_a_file_are_told_once_and_anew_when_it_is_gone(
        self, sqlite_url: str, tmp_path: Path, clock: StandingClock
    ) -> None:
        stop = tmp_path / "stop"
        with closing(open_store(sqlite_url, clock=clock, stop_file=stop)) as store:
            desk, counting = askings(store, clock), GraceClock(store)
            counting.count()
            stop.touch()
            for _ in range(3):
                clock.pass_time(minutes=1)
                counting.count()
                self.tick(desk)
            (before,) = desk.sent(CHANNEL, FROZEN)
            with store.read() as tx:
                standing = freeze_of(tx, before.data)
            assert standing is not None
            assert (standing.by, standing.ended_at) == (Actor("file", str(stop)), None)

            stop.unlink()
            clock.pass_time(minutes=1)
            counting.count()
            self.tick(desk)

            (after,) = desk.sent(CHANNEL, FROZEN)
            assert (after.id, after.wanted) == (before.id, before.wanted + 1)
            with store.read() as tx:
                over = freeze_of(tx, after.data)
            assert over is not None
            assert over.ended_at == clock.now

    def test_need_a_channel(self, desk: Askings) -> None:
        self.pause(desk)

        assert not self.tick(desk, None)
        assert desk.due(TELL_FREEZE, "all") is None

    def test_are_told_by_one_process_only(self, desk: Askings) -> None:
        self.pause(desk)
        due = desk.due(TELL_FREEZE, "all")
        assert due is not None
        stale = replace(due, at=due.at - timedelta(seconds=1))

        assert not tell_freeze(desk.store, CHANNEL, stale)
        assert desk.due(TELL_FREEZE, "all") == Due(TELL_FREEZE, "all", due.at)
        assert freeze_of_nothing(desk)


class TestNotifyMode:
    def test_is_told_once_and_anew_when_it_is_over(self, desk: Askings) -> None:
        with desk.store.write() as tx:
            for _ in range(2):
                tell_notify_mode(tx, "123456789012", CHANNEL, 3)
        (before,) = desk.sent(CHANNEL, NOTICE)

        with desk.store.write() as tx:
            for later in range(2):
                tell_live(tx, "123456789012", NOON + timedelta(days=later))

        (after,) = desk.sent(CHANNEL, NOTICE)
        assert (after.id, after.wanted) == (before.id, before.wanted + 1)
        assert after.data == {**before.data, "live": NOON.isoformat()}

    def test_that_nobody_was_told_of_is_not_told_over(self, desk: Askings) -> None:
        with desk.store.write() as tx:
            tell_live(tx, "123456789012", NOON)

        assert desk.sent(CHANNEL, NOTICE) == []


def freeze_of_nothing(desk: Askings) -> bool:
    with desk.store.read() as tx:
        return freeze_of(tx, {}) is None and freeze_of(tx, {"since": NOON.isoformat()}) is None
