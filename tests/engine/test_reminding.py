"""Reminders, escalation and the end: at their time, once, and to whoever owns it by then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from bot.engine.asking import ESCALATE, EXPIRE, REMIND, AskingRules
from bot.engine.reminding import NOT_ENOUGH, Reminding
from bot.model import OwnerSource, ProposalState
from bot.store import dues
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import StandingClock
from tests.engine.askings import ANN, BEN, CHANNEL, Askings, askings, by_a_mapping, claim
from tests.engine.fake_directory import person


@pytest.fixture
def desk(store: Store, clock: StandingClock) -> Askings:
    return askings(store, clock)


class TestReminding:
    def test_waits_over_the_weekend(self, desk: Askings) -> None:
        desk.clock.now = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)  # a Thursday
        desk.ask("A")

        desk.tick(days=2)

        (reminder,) = desk.sent("UANN", "reminder")
        assert reminder.not_before == datetime(2026, 11, 30, 8, tzinfo=UTC)  # Monday, Berlin

    def test_comes_as_often_as_it_is_set_then_no_more(self, desk: Askings) -> None:
        desk.ask("A")

        for _ in range(13):
            desk.tick(days=1)

        reminders = desk.sent("UANN", "reminder")
        assert [each.data["number"] for each in reminders] == [1, 2, 3]
        days = [each.created_at - desk.card().created_at for each in reminders]
        assert days == list(AskingRules().remind_after)

    def test_after_a_long_silence_comes_once(self, desk: Askings) -> None:
        """Not three at once, when the process was down for a week."""
        (asked,) = desk.ask("A")

        desk.tick(days=9.5)

        (reminder,) = desk.sent("UANN", "reminder")
        assert reminder.data["number"] == 3
        assert desk.due(REMIND, asked.id) is None

    def test_a_channel_is_reminded_in_the_configurations_zone(self, desk: Askings) -> None:
        desk.clock.now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
        desk.ask("A", claims=())

        desk.tick(days=2)

        (reminder,) = desk.sent(CHANNEL, "reminder")
        assert reminder.not_before == datetime(2026, 11, 27, 9, tzinfo=UTC)

    def test_who_was_only_told_is_not_reminded(self, desk: Askings) -> None:
        desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))

        desk.tick(days=2)

        assert len(desk.sent("UANN", "reminder")) == 1
        assert desk.sent("UBEN", "reminder") == []

    def test_a_new_member_of_the_team_is_asked_and_nobody_is_said_to_be_gone(
        self, desk: Askings
    ) -> None:
        desk.directory.groups["STEAM"] = {"UANN"}
        desk.ask("A", claims=(claim("STEAM"),))
        desk.directory.groups["STEAM"].add("UBEN")

        desk.tick(days=2)

        assert len(desk.sent("UBEN")) == 1
        assert desk.sent("UANN", "notice") == []
        assert len(desk.sent("UANN", "reminder")) == 1

    def test_who_left_hands_on_and_it_is_said(self, desk: Askings) -> None:
        desk.ask("A", claims=(ANN, BEN))
        desk.directory.put(person("UANN", deactivated=True))

        desk.tick(days=2)

        assert desk.card("UBEN").data["passed_over"] == ["owner UANN (tag owner) is deactivated"]
        assert desk.card("UANN").data["handed_to"] == ["UBEN"]
        (notice,) = desk.sent("UANN", "notice")
        assert (notice.data["what"], notice.data["to"]) == ("passed-over", ["UBEN"])
        assert desk.sent("UANN", "reminder") == []

    def test_nobody_is_said_to_be_gone_who_was_passed_over_before(self, desk: Askings) -> None:
        desk.directory.put(person("UANN", deactivated=True))
        desk.directory.put(person("UZOE"))
        desk.directory.groups["STEAM"] = {"UBEN"}
        desk.ask("A", claims=(ANN, claim("STEAM")))
        desk.directory.groups["STEAM"] = {"UBEN", "UZOE"}

        desk.tick(days=2)

        assert len(desk.sent("UZOE")) == 1
        assert desk.sent("UBEN", "notice") == []

    def test_who_left_a_team_that_others_joined_is_said_nothing_untrue_of(
        self, desk: Askings
    ) -> None:
        """They can be reached, and own it no more: their card says where it went."""
        desk.directory.groups["STEAM"] = {"UANN"}
        desk.ask("A", claims=(claim("STEAM"),))
        desk.directory.groups["STEAM"] = {"UBEN"}

        desk.tick(days=2)

        assert desk.card("UANN").data["handed_to"] == ["UBEN"]
        assert desk.sent("UANN", "notice") == []

    def test_a_creator_who_owns_it_by_now_is_asked_before_being_reminded(
        self, desk: Askings
    ) -> None:
        desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN, BEN))
        desk.directory.put(person("UANN", deactivated=True))

        desk.tick(days=2)
        assert desk.card("UBEN").data["role"] == "owner"
        assert desk.sent("UBEN", "reminder") == []

        desk.tick(days=3)
        assert len(desk.sent("UBEN", "reminder")) == 1


class TestEscalating:
    def test_no_manager_gets_more_than_the_cap(
        self, sqlite_store: Store, clock: StandingClock
    ) -> None:
        """Forty questions of eight owners, all unanswered, don't flood the security channel."""
        desk = askings(sqlite_store, clock)
        for owner in range(8):
            desk.directory.put(person(f"U{owner:04}X"))
            claims = (claim(f"U{owner:04}X"),)
            desk.propose(*(f"A{owner}-{number}" for number in range(5)), claims=claims)
        desk.asker.ask("111122223333")
        assert desk.counts()[CHANNEL] == 0

        desk.tick(days=10)
        assert desk.counts()[CHANNEL] == 10
        assert len(desk.sent(CHANNEL, "digest")) == 1

        desk.tick(days=3)  # over a weekend
        assert desk.counts()[CHANNEL] == 20

    def test_cards_say_when_others_will_really_be_asked(
        self, sqlite_store: Store, clock: StandingClock
    ) -> None:
        desk = askings(sqlite_store, clock, AskingRules(per_day=1))
        first, second = desk.ask("A"), desk.ask("B", claims=(BEN,))
        desk.tick(days=10)

        later = [desk.due(ESCALATE, each.id) for each in (*first, *second)]
        (put_off,) = [each for each in later if each is not None]
        cards = [desk.card("UANN"), desk.card("UBEN")]
        told = {each.proposal_id: each.data["escalates"] for each in cards}
        assert told.pop(put_off.subject) == put_off.at.isoformat()
        assert list(told.values()) == [None]

    def test_is_said_below_the_owners_card(self, desk: Askings) -> None:
        desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))

        desk.tick(days=10)

        (notice,) = desk.sent("UANN", "notice")
        assert notice.data == {"what": "escalated", "to": [CHANNEL], "role": "security"}
        assert notice.thread == desk.card("UANN").id
        assert desk.sent("UBEN", "notice") == []  # who was only told

    def test_the_security_channel_is_not_asked_twice(self, desk: Askings) -> None:
        desk.ask("A", claims=())

        desk.tick(days=10)

        assert len(desk.sent(CHANNEL)) == 1
        assert desk.sent(CHANNEL, "notice") == []

    def test_an_answered_question_goes_no_further(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.answer(asked, ProposalState.APPROVED)

        desk.tick(days=10)

        assert desk.sent(CHANNEL) == []
        assert desk.due(ESCALATE, asked.id) is None


class TestWhereTheOwnerMayNotApprove:
    @pytest.fixture
    def desk(self, sqlite_store: Store, clock: StandingClock) -> Askings:
        return askings(sqlite_store, clock, owner_approves=by_a_mapping)

    def test_the_security_channel_is_asked_too_at_once(self, desk: Askings) -> None:
        desk.ask("A")
        assert desk.sent(CHANNEL) == []

        desk.tick()

        card = desk.card(CHANNEL)
        assert card.data["role"] == "security"
        assert str(card.data["because"]).startswith(NOT_ENOUGH)
        assert desk.card("UANN").data["role"] == "owner"
        assert desk.sent("UANN", "notice") == []  # nothing is late

    def test_whose_manager_is_not_asked_instead(self, desk: Askings) -> None:
        boss = claim("UBOSS", OwnerSource.MAPPING)
        desk.ask("A", claims=(claim("UANN", OwnerSource.HANDED_OVER), BEN, boss))

        desk.tick()

        assert desk.counts() == {"UANN": 1, CHANNEL: 1}

    def test_the_others_are_asked_as_ever(self, desk: Askings) -> None:
        desk.ask("A", claims=(claim("UANN", OwnerSource.MAPPING),))
        desk.ask("B", claims=())

        desk.tick()

        assert desk.counts() == {"UANN": 1, CHANNEL: 1}

    def test_a_hand_over_to_such_an_owner_asks_it_too(self, desk: Askings) -> None:
        (asked,) = desk.ask("A", claims=(claim("UANN", OwnerSource.MAPPING),))
        desk.hand_over(asked, "UBEN")

        desk.tick()

        assert desk.counts() == {"UANN": 1, "UBEN": 1, CHANNEL: 1}


class TestDoubled:
    """Two ticks at once, or a tick between whose look and word the question is answered."""

    @pytest.mark.parametrize(("kind", "days"), [(REMIND, 2), (ESCALATE, 10), (EXPIRE, 14)])
    def test_each_is_done_once(self, desk: Askings, kind: str, days: int) -> None:
        (asked,) = desk.ask("A")
        due = desk.due(kind, asked.id)
        assert due is not None
        desk.clock.pass_time(days=days)
        handle = getattr(Reminding(desk.asker), kind)
        together = Barrier(2)

        def one(_number: int) -> bool:
            together.wait()
            return bool(handle(due))

        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(one, range(2)))

        assert sorted(done) == [False, True]

    @pytest.mark.parametrize(("kind", "days"), [(REMIND, 2), (ESCALATE, 10)])
    def test_an_answer_between_look_and_word_wins(
        self, desk: Askings, kind: str, days: int
    ) -> None:
        (asked,) = desk.ask("A")
        due = desk.due(kind, asked.id)
        assert due is not None
        desk.clock.pass_time(days=days)
        look = desk.directory.member

        def answered(user: str, *, fresh: bool = False) -> object:
            if desk.state(asked) is ProposalState.PENDING:
                desk.answer(asked, ProposalState.APPROVED)
            return look(user, fresh=fresh)

        desk.directory.member = answered  # type: ignore[assignment,method-assign]

        assert not getattr(Reminding(desk.asker), kind)(due)
        assert desk.sent(CHANNEL) == desk.sent("UANN", "reminder") == []
        assert desk.state(asked) is ProposalState.APPROVED

    def test_a_restart_between_ticks_tells_nothing_twice(self, desk: Askings) -> None:
        desk.ask("A", "B")
        for days in (2, 0, 3, 0, 5, 0):
            desk.tick(days)
            desk.asker.ask("111122223333")
        before = [desk.sent("UANN", kind) for kind in ("card", "reminder", "notice")]

        desk.tick()

        assert [desk.sent("UANN", kind) for kind in ("card", "reminder", "notice")] == before
        assert [len(each) for each in before] == [2, 6, 2]


def test_what_expired_says_after_how_long(store: Store, clock: StandingClock) -> None:
    desk = askings(store, clock, AskingRules(deadline=timedelta(days=3), remind_after=()))
    (asked,) = desk.ask("A")
    before = desk.card().wanted

    desk.tick(days=3)

    assert desk.state(asked) is ProposalState.EXPIRED
    assert desk.card().wanted > before
    with store.read() as tx:
        assert dues.all_due(tx) == []


def test_a_due_of_yesterdays_question_is_no_due_of_todays(desk: Askings) -> None:
    """What was put off since isn't done by a tick that read it before."""
    (asked,) = desk.ask("A")
    stale = desk.due(EXPIRE, asked.id)
    assert stale is not None
    with desk.store.write() as tx:
        dues.set_due(tx, EXPIRE, asked.id, stale.at + timedelta(days=1))

    assert not Reminding(desk.asker).expire(stale)
    assert desk.due(EXPIRE, asked.id) == Due(EXPIRE, asked.id, stale.at + timedelta(days=1))
    assert desk.state(asked) is ProposalState.PENDING
