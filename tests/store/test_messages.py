"""Messages: each once, told anew when what they tell changes, never lost, never sent twice."""

from datetime import timedelta

import pytest

from bot.model import MessageRecord, ProposalState, Verdict
from bot.store import audit, messages, proposals
from bot.store.database import Store
from bot.store.messages import NEVER_SENT, NewMessage
from tests.conftest import NOON, StandingClock
from tests.store.racing import at_once, then_fail
from tests.store.samples import ALICE, approve, move, propose

MINUTE = timedelta(minutes=1)


def tell(
    store: Store,
    key: str = "card:p:U1",
    *,
    kind: str = "card",
    recipient: str = "U1",
    proposal: str | None = None,
    thread: str | None = None,
    not_before: timedelta | None = None,
) -> MessageRecord:
    at = None if not_before is None else NOON + not_before
    with store.write() as tx:
        new = NewMessage(key, kind, recipient, proposal, {"n": 1}, thread, at)
        return messages.tell(tx, new)


def asked(store: Store, subject: str = "AKIA1") -> str:
    with store.write() as tx:
        return propose(tx, subject).id


def now(store: Store, message: MessageRecord) -> MessageRecord:
    with store.read() as tx:
        found = messages.get_message(tx, message.id)
    assert found is not None
    return found


def untold(store: Store) -> list[str]:
    with store.read() as tx:
        return [each.key for each in messages.untold(tx)]


def send(store: Store, message: MessageRecord, ts: str = "1.0") -> None:
    """Say that this was posted as it is wanted now."""
    wanted = now(store, message).wanted
    with store.write() as tx:
        messages.begin(tx, message.id)
        messages.posted(tx, message.id, "D1", ts, wanted, "d")


class TestTelling:
    def test_comes_back_as_it_was_made(self, store: Store) -> None:
        made = tell(store, proposal=asked(store), thread="m-parent", not_before=MINUTE)

        assert now(store, made) == made
        assert made.id.startswith("m-")
        assert (made.wanted, made.told, made.data) == (1, 0, {"n": 1})
        assert (made.created_at, made.not_before) == (NOON, NOON + MINUTE)
        assert (made.channel, made.ts, made.sending_since, made.tries) == (None, None, None, 0)

    def test_a_key_is_told_once_and_what_it_says_stays(self, store: Store) -> None:
        made = tell(store)

        with store.write() as tx:
            again = messages.tell(tx, NewMessage("card:p:U1", "notice", "U2", data={"n": 2}))

        assert again == made

    def test_at_once_it_is_told_once(self, store: Store) -> None:
        told = at_once(store, lambda tx: messages.tell(tx, NewMessage("k", "card", "U1")).id)

        assert len(set(told)) == 1
        assert untold(store) == ["k"]

    def test_is_there_only_if_what_it_tells_is(self, store: Store) -> None:
        then_fail(store, lambda tx: messages.tell(tx, NewMessage("k", "card", "U1")))

        assert untold(store) == []


class TestChange:
    @pytest.mark.parametrize("change", ["move", "decide", "retell"])
    def test_whatever_changes_about_a_question_is_told_anew(
        self, store: Store, change: str
    ) -> None:
        proposal = asked(store)
        message, other = tell(store, proposal=proposal), tell(store, "other")
        with store.write() as tx:
            record = proposals.get_proposal(tx, proposal)
            if change == "move":
                move(tx, record, ProposalState.PENDING)
            elif change == "decide":
                proposals.decide(tx, record.id, record.digest, Verdict.APPROVE, ALICE, "")
            else:
                messages.retell(tx, [proposal])

        assert now(store, message).wanted == 2
        assert now(store, other).wanted == 1

    def test_nothing_is_told_of_a_change_that_was_not_saved(self, store: Store) -> None:
        proposal = asked(store)
        message = tell(store, proposal=proposal)

        then_fail(store, lambda tx: approve(tx, proposals.get_proposal(tx, proposal)))

        assert now(store, message).wanted == 1

    def test_the_digest_above_is_told_anew_and_its_other_cards_are_not(self, store: Store) -> None:
        one, two = asked(store, "A"), asked(store, "B")
        digest = tell(store, "digest", kind="digest")
        first = tell(store, "one", proposal=one, thread=digest.id)
        second = tell(store, "two", proposal=two, thread=digest.id)

        with store.write() as tx:
            messages.retell(tx, [one])

        assert [now(store, each).wanted for each in (digest, first, second)] == [2, 2, 1]

    def test_more_than_fit_into_one_statement_are_all_told_anew(self, sqlite_store: Store) -> None:
        proposal = asked(sqlite_store)
        message = tell(sqlite_store, proposal=proposal)

        with sqlite_store.write() as tx:
            messages.retell(tx, [*(f"p-{number:05}" for number in range(40_000)), proposal])

        assert now(sqlite_store, message).wanted == 2

    def test_one_can_be_told_anew_with_other_data(self, store: Store) -> None:
        one, other = tell(store, "one"), tell(store, "other")

        with store.write() as tx:
            messages.retell_one(tx, one.id, data={"n": 2})
            messages.retell_one(tx, other.id)

        assert (now(store, one).data, now(store, one).wanted) == ({"n": 2}, 2)
        assert (now(store, other).data, now(store, other).wanted) == ({"n": 1}, 2)

    def test_changes_at_once_are_all_counted(self, store: Store) -> None:
        message = tell(store)

        at_once(store, lambda tx: messages.retell_one(tx, message.id), times=8)

        assert now(store, message).wanted == 9


class TestSending:
    def test_a_confirmed_message_is_not_sent_again_until_it_changes(self, store: Store) -> None:
        message = tell(store)
        send(store, message)
        assert untold(store) == []

        with store.write() as tx:
            messages.retell_one(tx, message.id)
        assert untold(store) == [message.key]

        with store.write() as tx:
            messages.begin(tx, message.id)
            messages.edited(tx, message.id, 2, "d2")
        assert untold(store) == []
        sent = now(store, message)
        assert (sent.channel, sent.ts, sent.told, sent.told_digest) == ("D1", "1.0", 2, "d2")
        assert sent.tries == 0

    def test_what_changes_while_it_is_on_its_way_is_told_anew(self, store: Store) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)
        with store.write() as tx:
            messages.retell_one(tx, message.id)
        with store.write() as tx:
            messages.posted(tx, message.id, "D1", "1.0", 1, "d")

        assert untold(store) == [message.key]

    def test_one_whose_answer_was_lost_stays_to_be_looked_up(self, store: Store) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)

        assert now(store, message).sending_since == NOON
        assert now(store, message).tries == 1
        assert untold(store) == [message.key]

    def test_even_when_what_it_told_was_told(self, store: Store) -> None:
        """An edit whose answer was lost, of a message that says already what it must."""
        message = tell(store)
        send(store, message)
        with store.write() as tx:
            messages.begin(tx, message.id)

        assert untold(store) == [message.key]

    def test_one_that_certainly_did_not_arrive_waits_its_time(
        self, store: Store, clock: StandingClock
    ) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)
            messages.not_sent(tx, message.id, NOON + MINUTE)

        assert untold(store) == []
        clock.pass_time(minutes=1)
        assert untold(store) == [message.key]
        assert now(store, message).sending_since is None
        assert now(store, message).tries == 1

    def test_one_that_is_put_off_is_still_not_known(
        self, store: Store, clock: StandingClock
    ) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)
            messages.put_off(tx, message.id, NOON + MINUTE)

        assert untold(store) == []
        clock.pass_time(minutes=1)
        assert untold(store) == [message.key]
        assert now(store, message).sending_since == NOON

    def test_one_that_was_given_up_is_kept_with_the_reason(self, store: Store) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)
            messages.give_up(tx, message.id, "channel_not_found")
            messages.retell_one(tx, message.id)

        assert untold(store) == []
        with store.read() as tx:
            (lost,) = messages.given_up(tx)
        assert (lost.id, lost.error) == (message.id, "channel_not_found")

    def test_one_that_was_given_up_is_tried_again_once_someone_wants_it(
        self, store: Store, clock: StandingClock
    ) -> None:
        lost, fine = tell(store, "lost"), tell(store, "fine")
        with store.write() as tx:
            messages.begin(tx, lost.id)
            messages.not_sent(tx, lost.id, NOON + MINUTE)
            messages.give_up(tx, lost.id, "channel_not_found")

        with store.write() as tx:
            assert messages.try_again(tx, ALICE) == 1
            assert messages.try_again(tx, ALICE) == 0

        assert untold(store) == [lost.key, fine.key]
        assert (now(store, lost).error, now(store, lost).tries) == ("", 0)
        with store.read() as tx:
            (event,) = audit.events(tx)
        assert (event.event, event.actor, event.data["messages"]) == (
            "messages.retried", str(ALICE), 1,
        )  # fmt: skip

    def test_one_that_may_have_arrived_is_looked_for_when_it_is_tried_again(
        self, store: Store
    ) -> None:
        message = tell(store)
        with store.write() as tx:
            messages.begin(tx, message.id)
            messages.give_up(tx, message.id, "can't be looked up")
            messages.try_again(tx, ALICE)

        assert now(store, message).sending_since == NOON


class TestReading:
    def test_gives_the_oldest_first_and_no_more_than_asked(self, store: Store) -> None:
        keys = [tell(store, f"k{number}").key for number in (3, 1, 2)]

        assert untold(store) == keys
        with store.read() as tx:
            assert [each.key for each in messages.untold(tx, limit=2)] == keys[:2]

    def test_tells_when_the_next_may_be_sent(self, store: Store) -> None:
        with store.read() as tx:
            assert messages.next_untold(tx) is None
        tell(store, "late", not_before=2 * MINUTE)
        soon = tell(store, "soon", not_before=MINUTE)
        tell(store, "noted", kind=NEVER_SENT)

        assert untold(store) == []
        with store.read() as tx:
            assert messages.next_untold(tx) == NOON + MINUTE
        send(store, soon)
        with store.read() as tx:
            assert messages.next_untold(tx) == NOON + 2 * MINUTE

    def test_finds_by_place_proposal_recipient_and_thread(
        self, store: Store, clock: StandingClock
    ) -> None:
        proposal = asked(store)
        parent = tell(store, "parent")
        clock.pass_time(minutes=1)
        card = tell(store, "card", proposal=proposal, thread=parent.id)
        tell(store, "note", kind="notice", recipient="U2")
        send(store, parent, "1.0")
        send(store, card, "2.0")

        with store.read() as tx:
            at = messages.posted_at(tx, "D1", "2.0")
            assert at is not None
            assert at.id == card.id
            assert messages.posted_at(tx, "D2", "2.0") is None
            assert messages.by_key(tx, "no such") is None
            assert messages.get_message(tx, "m-none") is None
            assert [each.id for each in messages.messages_of(tx, proposal)] == [card.id]
            assert [each.id for each in messages.in_thread(tx, parent.id)] == [card.id]
            to = [each.id for each in messages.messages_to(tx, "U1", "card")]
            since = messages.messages_to(tx, "U1", "card", since=NOON + MINUTE)
        assert to == [parent.id, card.id]
        assert [each.id for each in since] == [card.id]

    def test_counts_questions_that_still_wait(self, store: Store) -> None:
        ids = [asked(store, subject) for subject in ("A", "B", "C")]
        for number, proposal in enumerate(ids):
            tell(store, f"card{number}", proposal=proposal)
        with store.write() as tx:
            for proposal in ids[:2]:
                move(tx, proposals.get_proposal(tx, proposal), ProposalState.PENDING)
            approve(tx, proposals.get_proposal(tx, ids[0]))

        with store.read() as tx:
            assert messages.open_cards(tx, "U1") == 1
            assert messages.open_cards(tx, "U2") == 0


def test_a_note_on_who_will_be_asked_is_never_sent_and_can_be_forgotten(store: Store) -> None:
    proposal, other = asked(store, "A"), asked(store, "B")
    for reader in ("U1", "U2"):
        tell(store, f"w:{reader}", kind=NEVER_SENT, recipient=reader, proposal=proposal)
    tell(store, "w:other", kind=NEVER_SENT, proposal=other)
    tell(store, "card", recipient="U1", proposal=proposal)
    with store.write() as tx:
        messages.retell(tx, [proposal, other])
    assert untold(store) == ["card"]

    with store.write() as tx:
        messages.forget_waiting(tx, proposal, but=["U2"])

    with store.read() as tx:
        assert [each.key for each in messages.messages_of(tx, proposal)] == ["w:U2", "card"]
        assert len(messages.messages_of(tx, other)) == 1
    with store.write() as tx:
        messages.forget_waiting(tx, proposal)
    with store.read() as tx:
        assert [each.key for each in messages.messages_of(tx, proposal)] == ["card"]


def test_a_word_on_a_freeze_goes_before_questions(store: Store) -> None:
    with store.write() as tx:
        for number, kind in enumerate(["card", "frozen", "card", "notice"]):
            messages.tell(tx, NewMessage(f"{kind}:{number}", kind, "C0SECURITY"))

    with store.read() as tx:
        assert [each.kind for each in messages.untold(tx)] == ["frozen", "notice", "card", "card"]
        assert [each.key for each in messages.untold(tx, limit=1)] == ["frozen:1"]
