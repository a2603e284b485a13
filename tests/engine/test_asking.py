"""Asking, reminding, escalating, ending: each question once, no one flooded, nothing lost."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.engine.asking import ASK, ESCALATE, EXPIRE, REMIND, AskingRules
from bot.engine.reminding import Reminding
from bot.model import (
    OwnerClaim,
    OwnerSource,
    ProposalState,
    Severity,
)
from bot.store import dues, messages
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import StandingClock
from tests.engine.askings import ANN, BEN, CHANNEL, Askings, askings, claim
from tests.engine.fake_directory import person
from tests.store.samples import ACCOUNT


@pytest.fixture
def desk(store: Store, clock: StandingClock) -> Askings:
    return askings(store, clock)


def test_an_owner_gets_a_card_with_how_it_is_known(desk: Askings) -> None:
    (asked,) = desk.propose("AKIA1")

    assert desk.asker.ask(ACCOUNT.id).asked == [asked.id]

    (card,) = desk.sent()
    assert card.proposal_id == asked.id
    assert card.thread is None
    assert card.data["because"] == "tags says UANN"
    assert card.data["deadline"] == (desk.clock() + timedelta(days=14)).isoformat()
    assert desk.state(asked) is ProposalState.PENDING
    for kind, days in ((REMIND, 2), (ESCALATE, 10), (EXPIRE, 14)):
        assert desk.due(kind, asked.id) == Due(kind, asked.id, desk.clock() + timedelta(days=days))


def test_asking_again_asks_nothing_again(desk: Askings) -> None:
    desk.propose("AKIA1", "AKIA2")
    desk.asker.ask(ACCOUNT.id)

    assert desk.asker.ask(ACCOUNT.id).asked == []
    assert len(desk.sent()) == 2


def test_an_account_in_notify_mode_asks_nobody(desk: Askings) -> None:
    """The security channel is told once, however often it is scanned."""
    (asked,) = desk.propose("AKIA1", live=False)

    for _ in range(2):
        assert desk.asker.ask(ACCOUNT.id).asked == []

    assert desk.state(asked) is ProposalState.PROPOSED
    assert [each.data["what"] for each in desk.sent(CHANNEL, "notice")] == ["notify-mode"]


def test_an_owner_who_left_is_passed_over_visibly(desk: Askings) -> None:
    desk.directory.put(person("UANN", deactivated=True))
    desk.propose("AKIA1", claims=(ANN, BEN))
    desk.propose("AKIA2")

    desk.asker.ask(ACCOUNT.id)

    (to_ben,), (to_channel,) = desk.sent("UBEN"), desk.sent(CHANNEL)
    assert to_ben.data["passed_over"] == ["owner UANN (tag owner) is deactivated"]
    assert to_channel.data["owner_source"] == "security"
    assert desk.sent() == []


def test_slack_silent_asks_later(desk: Askings) -> None:
    (asked,) = desk.propose("AKIA1")
    desk.directory.down = True
    came = desk.asker.ask(ACCOUNT.id)
    assert came.asked == []
    assert asked.id in came.problems[0]

    desk.directory.down = False

    assert desk.asker.ask(ACCOUNT.id).asked == [asked.id]


class TestManyQuestions:
    def test_few_are_messages_of_their_own(self, desk: Askings) -> None:
        desk.propose("A1", "A2", "A3")
        desk.asker.ask(ACCOUNT.id)

        assert [each.thread for each in desk.sent()] == [None] * 3
        assert desk.sent(kind="digest") == []

    def test_more_go_into_the_thread_of_one_digest(self, desk: Askings) -> None:
        desk.propose("A1", "A2", "A3", "A4")
        desk.asker.ask(ACCOUNT.id)
        desk.propose("A5")
        desk.asker.ask(ACCOUNT.id)

        (digest,) = desk.sent(kind="digest")
        assert {each.thread for each in desk.sent()} == {digest.id}
        assert len(desk.sent()) == 5

    def test_a_digest_is_told_anew_when_one_of_its_questions_moves(self, desk: Askings) -> None:
        asked, *_ = desk.propose("A1", "A2", "A3", "A4")
        desk.asker.ask(ACCOUNT.id)
        (before,) = desk.sent(kind="digest")

        desk.answer(asked)

        (after,) = desk.sent(kind="digest")
        assert after.wanted > before.wanted

    def test_nobody_gets_more_than_the_cap_and_the_rest_comes_day_by_day(
        self, desk: Askings
    ) -> None:
        mild = desk.propose(*(f"A{number}" for number in range(20)))
        (worst,) = desk.propose("B1", severity=Severity.CRITICAL)

        first = desk.asker.ask(ACCOUNT.id)

        assert len(first.asked) == 10
        assert worst.id in first.asked
        assert len(first.waiting) == 11
        assert len(desk.sent(kind="waiting")) == 11
        assert desk.asker.ask(ACCOUNT.id).asked == []
        desk.clock.pass_time(days=1)
        desk.tick()
        assert len(desk.sent()) == 20
        desk.clock.pass_time(days=1)
        desk.tick()
        assert {each.proposal_id for each in desk.sent()} == {each.id for each in (*mild, worst)}

    def test_what_waits_is_never_sent(self, desk: Askings) -> None:
        desk.propose(*(f"A{number}" for number in range(12)))
        desk.asker.ask(ACCOUNT.id)

        with desk.store.read() as tx:
            kinds = Counter(each.kind for each in messages.untold(tx))
        assert kinds == {"card": 10, "digest": 1}


def test_many_questions_of_many_owners(sqlite_store: Store, clock: StandingClock) -> None:
    """A first scan of an old account floods nobody and loses nothing."""
    desk = askings(sqlite_store, clock)
    for number in range(30):
        owner = f"U{number:04}X"
        desk.directory.put(person(owner))
        desk.propose(
            *(f"{owner}-{n}" for n in range(12 if number == 0 else 5)), claims=(claim(owner),)
        )

    came = desk.asker.ask(ACCOUNT.id)

    assert (len(came.asked), len(came.waiting)) == (155, 2)
    assert max(desk.counts().values()) == 10
    assert sum(desk.counts().values()) == len(came.asked)
    again = desk.asker.ask(ACCOUNT.id)
    assert (again.asked, sorted(again.waiting)) == ([], sorted(came.waiting))


def test_while_slack_takes_no_more_look_ups_those_who_are_known_are_asked(desk: Askings) -> None:
    """The others are asked a minute later, and told of in one line."""
    desk.propose("A1", "A2", claims=(claim("UBUSY"),))
    (known,) = desk.propose("B1")
    desk.directory.busy.add("UBUSY")

    came = desk.asker.ask(ACCOUNT.id)

    assert came.asked == [known.id]
    assert came.problems == ["2 questions wait until Slack takes more look-ups"]
    desk.directory.busy.clear()
    desk.directory.put(person("UBUSY"))
    assert due_in(desk) == timedelta(minutes=1)
    desk.tick(1 / 24 / 60)
    assert len(desk.sent("UBUSY")) == 2


def due_in(desk: Askings) -> timedelta:
    """In what time the account's questions are asked again."""
    due = desk.due(ASK, ACCOUNT.id)
    assert due is not None
    return due.at - desk.clock()


class TestReminding:
    def test_comes_in_the_thread_in_working_hours_and_grows_apart(self, desk: Askings) -> None:
        (asked,) = desk.propose("AKIA1", claims=(BEN,))
        desk.asker.ask(ACCOUNT.id)
        desk.clock.pass_time(days=2)
        desk.tick()
        desk.tick()

        (first,) = desk.sent("UBEN", "reminder")
        (card,) = desk.sent("UBEN")
        assert first.thread == card.id
        assert f"{first.not_before:%H:%M}" == "14:00"  # nine o'clock in New York
        again = card.created_at + timedelta(days=5)
        assert desk.due(REMIND, asked.id) == Due(REMIND, asked.id, again)

    def test_an_answered_question_reminds_nobody(self, desk: Askings) -> None:
        (asked,) = desk.propose("AKIA1")
        desk.asker.ask(ACCOUNT.id)
        desk.answer(asked)
        desk.clock.pass_time(days=20)

        assert desk.tick() == []
        assert desk.sent(kind="reminder") == []
        assert desk.due(EXPIRE, asked.id) is None

    def test_someone_who_left_is_followed_by_the_next(self, desk: Askings) -> None:
        desk.propose("AKIA1", claims=(ANN, BEN))
        desk.asker.ask(ACCOUNT.id)
        desk.directory.put(person("UANN", deactivated=True))
        desk.clock.pass_time(days=2)
        desk.tick()

        assert len(desk.sent("UBEN")) == 1
        assert [each.data["what"] for each in desk.sent(kind="notice")] == ["passed-over"]
        assert desk.sent(kind="reminder") == []

    def test_slack_silent_puts_it_off(self, desk: Askings) -> None:
        (asked,) = desk.propose("AKIA1")
        desk.asker.ask(ACCOUNT.id)
        desk.clock.pass_time(days=2)
        desk.directory.down = True
        assert desk.tick() == []
        put_off = desk.due(REMIND, asked.id)
        assert put_off == Due(REMIND, asked.id, desk.clock() + timedelta(minutes=5))

        desk.directory.down = False
        desk.clock.pass_time(minutes=5)
        desk.tick()

        assert len(desk.sent(kind="reminder")) == 1


class TestEscalating:
    def test_goes_to_the_manager_and_says_so(self, desk: Askings) -> None:
        owner = OwnerClaim(OwnerSource.MAPPING, "UANN", "mapping file: *")
        boss = OwnerClaim(OwnerSource.MAPPING, "UBOSS", "manager in the mapping file: *")
        desk.propose("AKIA1", claims=(owner, boss))
        desk.asker.ask(ACCOUNT.id)
        desk.clock.pass_time(days=10)
        desk.tick()
        desk.tick()

        (card,) = desk.sent("UBOSS")
        assert card.data["role"] == "manager"
        assert "escalated" in [each.data["what"] for each in desk.sent(kind="notice")]

    def test_goes_to_the_security_channel_where_nobody_is_known(self, desk: Askings) -> None:
        desk.propose("AKIA1")
        desk.asker.ask(ACCOUNT.id)
        desk.clock.pass_time(days=10)
        desk.tick()

        (card,) = desk.sent(CHANNEL)
        assert card.data["role"] == "security"


class TestTheEnd:
    def test_a_question_that_nobody_answers_expires(self, desk: Askings) -> None:
        (asked,) = desk.propose("AKIA1")
        desk.asker.ask(ACCOUNT.id)
        before = desk.sent()[0].wanted
        desk.clock.pass_time(days=14)
        desk.tick()

        assert desk.state(asked) is ProposalState.EXPIRED
        assert desk.sent()[0].wanted > before
        with desk.store.read() as tx:
            assert dues.all_due(tx) == []

    def test_an_answer_in_the_last_moment_counts(self, desk: Askings) -> None:
        (asked,) = desk.propose("AKIA1")
        desk.asker.ask(ACCOUNT.id)
        desk.clock.pass_time(days=14)
        expiry = desk.due(EXPIRE, asked.id)
        assert expiry is not None
        desk.answer(asked, ProposalState.APPROVED)

        assert not Reminding(desk.asker).expire(expiry)
        assert desk.state(asked) is ProposalState.APPROVED


def test_handed_over_questions_reach_the_new_owner(desk: Askings) -> None:
    (asked,) = desk.propose("AKIA1")
    desk.asker.ask(ACCOUNT.id)

    assert desk.hand_over(asked, "UBEN") == ("UBEN",)
    assert desk.asker.re_ask(asked.id) == ()
    assert len(desk.sent("UBEN")) == 1


def test_the_security_channel_hears_of_some_controls_from_the_start(
    store: Store, clock: StandingClock
) -> None:
    """Beside the owner, who is asked as ever; once where it is asked anyway."""
    desk = askings(store, clock, AskingRules(security_hears={"unused-access-key": "look at it"}))
    desk.propose("AKIA1")
    desk.propose("AKIA2", claims=())

    desk.asker.ask(ACCOUNT.id)

    (to_ann,), to_channel = desk.sent(), desk.sent(CHANNEL)
    assert to_ann.data["role"] == "owner"
    beside = next(each for each in to_channel if each.proposal_id == to_ann.proposal_id)
    assert (beside.data["role"], beside.data["because"]) == ("security", "look at it")
    assert beside.data["owner_source"] == to_ann.data["owner_source"]
    assert len(to_channel) == 2
