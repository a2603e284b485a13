"""Cards say what is true of their question, and go on with it to whoever owns it by now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.engine.asking import ASK, CLOCK, ESCALATE, EXPIRE
from bot.engine.cards import is_asked
from bot.model import Origin, OwnerSource, ProposalRecord, ProposalState
from bot.store import executions, proposals, tables
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.askings import ANN, BEN, CHANNEL, Askings, askings, claim
from tests.engine.fake_directory import person
from tests.store.samples import ACCOUNT, ALICE, question


@pytest.fixture
def desk(store: Store, clock: StandingClock) -> Askings:
    return askings(store, clock)


def test_who_is_asked_since_no_owner_can_be_is_no_owner(desk: Askings) -> None:
    desk.directory.put(person("UANN", deactivated=True))
    desk.ask("A")

    assert desk.card(CHANNEL).data["role"] == "security"


def test_a_creator_is_told_and_decides_nothing(desk: Askings) -> None:
    desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))

    assert desk.card("UBEN").data["role"] == "told"
    assert not is_asked(desk.card("UBEN"))
    assert desk.card("UANN").data["role"] == "owner"


class TestHandedOver:
    def test_the_new_owner_gets_a_card_with_the_true_deadline(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.clock.pass_time(days=5)

        assert desk.hand_over(asked, "UBEN") == ("UBEN",)

        ends, escalates = desk.due(EXPIRE, asked.id), desk.due(ESCALATE, asked.id)
        assert ends is not None
        assert escalates is not None
        assert desk.card("UBEN").data["deadline"] == ends.at.isoformat()
        assert desk.card("UBEN").data["escalates"] == escalates.at.isoformat()

    def test_the_old_card_remembers_to_whom_and_is_told_anew(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        before = desk.card()

        desk.hand_over(asked, "UBEN")

        assert desk.card().data["handed_to"] == ["UBEN"]
        assert desk.card().data["handed_by"] == str(CLOCK)
        assert desk.card().data["handed_at"] == desk.clock().isoformat()
        assert desk.card().wanted > before.wanted

    def test_nobody_handed_over_what_its_owner_left_behind(self, desk: Askings) -> None:
        (asked,) = desk.ask("A", claims=(ANN, BEN))
        desk.directory.put(person("UANN", deactivated=True))

        desk.asker.re_ask(asked.id)

        assert desk.card().data["handed_to"] == ["UBEN"]
        assert "handed_by" not in desk.card().data
        assert not is_asked(desk.card())

    def test_others_who_are_asked_beside_the_owner_stay_asked(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.tick(days=10)

        desk.hand_over(asked, "UBEN")

        assert is_asked(desk.card(CHANNEL))
        assert not is_asked(desk.card("UANN"))

    def test_it_can_come_back(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.hand_over(asked, "UBEN")

        assert desk.hand_over(asked, "UANN") == ()

        assert is_asked(desk.card("UANN"))
        assert desk.card("UBEN").data["handed_to"] == ["UANN"]

    def test_a_creator_who_becomes_the_owner_is_asked(self, desk: Askings) -> None:
        (asked,) = desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))

        desk.hand_over(asked, "UBEN")

        assert desk.card("UBEN").data["role"] == "owner"

    def test_what_is_answered_goes_nowhere(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.answer(asked)

        assert desk.hand_over(asked, "UBEN") == ()
        assert desk.sent("UBEN") == []

    def test_reminders_go_to_the_new_owner_only(self, desk: Askings) -> None:
        (asked,) = desk.ask("A")
        desk.hand_over(asked, "UBEN")

        desk.tick(days=2)

        assert desk.sent("UANN", "reminder") == []
        assert len(desk.sent("UBEN", "reminder")) == 1


class TestUndo:
    def undo(self, desk: Askings) -> None:
        """An undo of what Ann and the security channel have cards about, asked."""
        (asked,) = desk.ask("A", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))
        desk.tick(days=10)
        desk.answer(asked, ProposalState.APPROVED)
        desk.answer(asked, ProposalState.DENIED)
        with desk.store.write() as tx:
            execution = executions.start_execution(tx, asked, ALICE)
            new = replace(question("A"), origin=Origin.UNDO, undoes=execution)
            proposals.propose_many(tx, [new], ALICE)
        desk.asker.ask(ACCOUNT.id)

    def test_is_asked_in_the_threads_of_the_original(self, desk: Askings) -> None:
        self.undo(desk)

        first, second = desk.sent("UANN")
        assert second.thread == first.id
        assert [each.thread for each in desk.sent(CHANNEL)] == [None, desk.sent(CHANNEL)[0].id]
        assert len(desk.sent("UBEN")) == 1  # who was told of the fix isn't asked about its undo

    def test_has_a_deadline_of_its_own_that_is_true(self, desk: Askings) -> None:
        self.undo(desk)

        card = desk.sent("UANN")[1]
        ends = desk.due(EXPIRE, card.proposal_id or "")
        assert ends is not None
        assert card.data["deadline"] == ends.at.isoformat()
        assert ends.at == desk.clock() + timedelta(days=14)

    def test_counts_for_no_day(self, desk: Askings) -> None:
        self.undo(desk)

        assert desk.sent("UANN")[1].data["day"] == ""


class TestSilentSlack:
    def test_what_could_not_be_asked_falls_due_soon(self, desk: Askings) -> None:
        desk.propose("A")
        desk.directory.down = True

        came = desk.asker.ask(ACCOUNT.id)

        again = desk.due(ASK, ACCOUNT.id)
        assert came.asked == []
        assert again is not None
        assert again.at == desk.clock() + timedelta(minutes=15)
        desk.directory.down = False
        desk.tick(days=0.02)
        assert len(desk.sent("UANN")) == 1

    def test_is_not_asked_for_each_of_two_thousand(self, desk: Askings) -> None:
        desk.propose(*(f"A{number}" for number in range(40)))
        desk.directory.down = True
        desk.directory.calls.clear()

        desk.asker.ask(ACCOUNT.id)

        assert sum(desk.directory.calls.values()) == 3

    def test_about_a_few_keeps_nobody_else_from_being_asked(self, desk: Askings) -> None:
        desk.directory.put(person("UZOE"))
        broken = [desk.propose(f"A{number}", claims=(claim("SGONE"),))[0] for number in range(4)]
        whole = [desk.propose(f"B{number}")[0] for number in range(4)]
        look = desk.directory.group

        def fails(_group: str, *, fresh: bool = False) -> frozenset[str]:
            desk.directory.down = True
            try:
                return look(_group, fresh=fresh)
            finally:
                desk.directory.down = False

        desk.directory.group = fails  # type: ignore[method-assign]
        in_turns = [each for pair in zip(broken, whole, strict=True) for each in pair]
        with desk.store.write() as tx:  # asked in this order
            for at, each in enumerate(in_turns):
                when = desk.clock() + timedelta(seconds=at)
                table = tables.proposal
                tx.connection.execute(
                    update(table).where(table.c.id == each.id).values(created_at=when)
                )

        came = desk.asker.ask(ACCOUNT.id)

        assert came.asked == [each.id for each in whole]
        assert len(came.problems) == 4


def the_one_that_waits(asked: list[ProposalRecord], desk: Askings) -> ProposalRecord:
    (waiting,) = desk.sent("UANN", "waiting")
    (found,) = [each for each in asked if each.id == waiting.proposal_id]
    return found


class TestWaiting:
    def test_an_owner_of_a_question_that_waits_can_change(self, desk: Askings) -> None:
        late = the_one_that_waits(desk.ask(*(f"A{number}" for number in range(11))), desk)
        desk.directory.put(person("UZOE"))

        assert desk.hand_over(late, "UZOE") == ()
        desk.asker.ask(ACCOUNT.id)

        assert [each.proposal_id for each in desk.sent("UZOE")] == [late.id]

    def test_it_waits_for_its_present_owner_only(self, desk: Askings) -> None:
        desk.directory.put(person("UZOE"))
        desk.ask(*(f"A{number}" for number in range(10)), claims=(claim("UZOE"),))
        late = the_one_that_waits(desk.ask(*(f"B{number}" for number in range(11))), desk)

        desk.hand_over(late, "UZOE")
        desk.asker.ask(ACCOUNT.id)

        assert desk.sent("UANN", "waiting") == []
        assert [each.proposal_id for each in desk.sent("UZOE", "waiting")] == [late.id]

    def test_a_question_for_several_waits_while_one_has_enough(self, desk: Askings) -> None:
        desk.directory.groups["STEAM"] = {"UANN", "UBEN"}
        desk.ask(*(f"A{number}" for number in range(10)))

        desk.ask("B", claims=(claim("STEAM"),))

        assert desk.sent("UBEN") == []
        assert len(desk.sent("UBEN", "waiting")) == 1
        desk.tick(days=1)
        assert len(desk.sent("UBEN")) == 1


@pytest.mark.parametrize(
    ("ended", "subject", "goes_on"),
    [
        (ProposalState.DONE, "A", True),
        (ProposalState.DONE, "B", False),
        (ProposalState.DENIED, "A", False),
        (ProposalState.EXPIRED, "A", False),
    ],
    ids=["the next stage", "another thing", "after a no", "after a silence"],
)
def test_what_follows_a_change_goes_on_in_its_thread(
    desk: Askings, ended: ProposalState, subject: str, goes_on: bool
) -> None:
    """The stages of a rotation are one story; what was not carried out is no stage."""
    (first,) = desk.ask("A")
    root = desk.card()
    desk.answer(first, ended)
    desk.ask(subject)
    assert desk.sent()[-1].thread == (root.id if goes_on else None)


def test_every_stage_is_in_the_thread_of_the_first(desk: Askings) -> None:
    for _ in range(3):
        (asked,) = desk.ask("A")
        desk.answer(asked, ProposalState.DONE)
    first, *others = desk.sent()
    assert [each.thread for each in others] == [first.id, first.id]
