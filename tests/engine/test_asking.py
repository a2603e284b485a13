"""Asking, reminding, escalating, ending: each question once, no one flooded, nothing lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.asking import ASK, CARD, CLOCK, ESCALATE, EXPIRE, REMIND, Asker, AskingRules
from bot.engine.owners import OwnerRules, Owners
from bot.engine.reminding import Reminding
from bot.engine.ticking import Ticker, every
from bot.model import (
    MessageRecord,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    ProposalState,
    Severity,
)
from bot.store import accounts, dues, messages, proposals
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import StandingClock
from tests.engine.askings import askings
from tests.engine.fake_directory import FakeDirectory, person, private_channel
from tests.store.samples import ACCOUNT, ALICE, finding, observe, question, seen

CHANNEL = "C0SECURITY"
ANN = OwnerClaim(OwnerSource.TAGS, "UANN", "tag owner = UANN", "owner")
BEN = OwnerClaim(OwnerSource.DEFAULT, "UBEN", "the default owner")


@pytest.fixture
def directory() -> FakeDirectory:
    people = [person("UANN"), person("UBEN", zone="America/New_York"), person("UBOSS")]
    return FakeDirectory(people, channels=[private_channel(CHANNEL)])


@pytest.fixture
def asker(store: Store, directory: FakeDirectory) -> Asker:
    rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
    owners = Owners(directory, rules, CHANNEL, frozenset())
    return Asker(store, owners, directory, AskingRules(), CHANNEL)


Propose = Callable[..., list[ProposalRecord]]


@pytest.fixture
def propose(store: Store) -> Propose:
    """Makes questions in a live account."""

    def of(
        *subjects: str,
        claims: tuple[OwnerClaim, ...] = (ANN,),
        severity: Severity = Severity.LOW,
        live: bool = True,
    ) -> list[ProposalRecord]:
        items = [replace(seen(each), finding=finding(each, severity=severity)) for each in subjects]
        with store.write() as tx:
            observation = observe(tx, *items, complete=frozenset())
            accounts.scanned(tx, ACCOUNT.id, tx.now)
            if live:
                accounts.go_live(tx, ACCOUNT.id, ALICE)
            by_subject = {each.finding.subject: each for each in observation.records.values()}
            new = [replace(question(each, by_subject[each].id), claims=claims) for each in subjects]
            return proposals.propose_many(tx, new, ALICE)

    return of


def sent(store: Store, kind: str = CARD, reader: str = "UANN") -> list[MessageRecord]:
    with store.read() as tx:
        return messages.messages_to(tx, reader, kind)


def state(store: Store, asked: ProposalRecord) -> ProposalState:
    with store.read() as tx:
        return proposals.get_proposal(tx, asked.id).state


def due(store: Store, kind: str, subject: str) -> Due | None:
    with store.read() as tx:
        return dues.get_due(tx, kind, subject)


def tick(store: Store, asker: Asker) -> list[Due]:
    reminding = Reminding(asker)
    handlers = {
        REMIND: reminding.remind,
        ESCALATE: reminding.escalate,
        EXPIRE: reminding.expire,
        ASK: every(store, timedelta(days=1), lambda: asker.ask(ACCOUNT.id)),
    }
    return Ticker(store, handlers).tick()


def test_an_owner_gets_a_card_with_how_it_is_known(
    asker: Asker, propose: Propose, store: Store, clock: StandingClock
) -> None:
    (asked,) = propose("AKIA1")

    assert asker.ask(ACCOUNT.id).asked == [asked.id]

    (card,) = sent(store)
    assert card.proposal_id == asked.id
    assert card.thread is None
    assert card.data["because"] == "tag owner = UANN"
    assert card.data["deadline"] == (clock() + timedelta(days=14)).isoformat()
    assert state(store, asked) is ProposalState.PENDING
    for kind, days in ((REMIND, 2), (ESCALATE, 10), (EXPIRE, 14)):
        assert due(store, kind, asked.id) == Due(kind, asked.id, clock() + timedelta(days=days))


def test_asking_again_asks_nothing_again(asker: Asker, propose: Propose, store: Store) -> None:
    propose("AKIA1", "AKIA2")
    asker.ask(ACCOUNT.id)

    assert asker.ask(ACCOUNT.id).asked == []
    assert len(sent(store)) == 2


def test_an_account_in_notify_mode_asks_nobody(
    asker: Asker, propose: Propose, store: Store
) -> None:
    """The security channel is told once, however often it is scanned."""
    (asked,) = propose("AKIA1", live=False)

    for _ in range(2):
        assert asker.ask(ACCOUNT.id).asked == []

    assert state(store, asked) is ProposalState.PROPOSED
    assert [each.data["what"] for each in sent(store, "notice", CHANNEL)] == ["notify-mode"]


def test_an_owner_who_left_is_passed_over_visibly(
    asker: Asker, propose: Propose, store: Store, directory: FakeDirectory
) -> None:
    directory.put(person("UANN", deactivated=True))
    propose("AKIA1", claims=(ANN, BEN))
    propose("AKIA2")

    asker.ask(ACCOUNT.id)

    (to_ben,), (to_channel,) = sent(store, reader="UBEN"), sent(store, reader=CHANNEL)
    assert to_ben.data["passed_over"] == ["owner UANN (tag owner) is deactivated"]
    assert to_channel.data["owner_source"] == "security"
    assert sent(store) == []


def test_slack_silent_asks_later(
    asker: Asker, propose: Propose, store: Store, directory: FakeDirectory
) -> None:
    (asked,) = propose("AKIA1")
    directory.down = True
    came = asker.ask(ACCOUNT.id)
    assert came.asked == []
    assert asked.id in came.problems[0]

    directory.down = False

    assert asker.ask(ACCOUNT.id).asked == [asked.id]


class TestManyQuestions:
    def test_few_are_messages_of_their_own(
        self, asker: Asker, propose: Propose, store: Store
    ) -> None:
        propose("A1", "A2", "A3")
        asker.ask(ACCOUNT.id)

        assert [each.thread for each in sent(store)] == [None] * 3
        assert sent(store, "digest") == []

    def test_more_go_into_the_thread_of_one_digest(
        self, asker: Asker, propose: Propose, store: Store
    ) -> None:
        propose("A1", "A2", "A3", "A4")
        asker.ask(ACCOUNT.id)
        propose("A5")
        asker.ask(ACCOUNT.id)

        (digest,) = sent(store, "digest")
        assert {each.thread for each in sent(store)} == {digest.id}
        assert len(sent(store)) == 5

    def test_a_digest_is_told_anew_when_one_of_its_questions_moves(
        self, asker: Asker, propose: Propose, store: Store
    ) -> None:
        asked, *_ = propose("A1", "A2", "A3", "A4")
        asker.ask(ACCOUNT.id)
        (before,) = sent(store, "digest")

        with store.write() as tx:
            proposals.move(
                tx,
                asked.id,
                expected=ProposalState.PENDING,
                to=ProposalState.DENIED,
                why="no",
                actor=ALICE,
            )

        (after,) = sent(store, "digest")
        assert after.wanted > before.wanted

    def test_nobody_gets_more_than_the_cap_and_the_rest_comes_day_by_day(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        mild = propose(*(f"A{number}" for number in range(20)))
        (worst,) = propose("B1", severity=Severity.CRITICAL)

        first = asker.ask(ACCOUNT.id)

        assert len(first.asked) == 10
        assert worst.id in first.asked
        assert len(first.waiting) == 11
        assert len(sent(store, "waiting")) == 11
        assert asker.ask(ACCOUNT.id).asked == []
        clock.pass_time(days=1)
        tick(store, asker)
        assert len(sent(store)) == 20
        clock.pass_time(days=1)
        tick(store, asker)
        assert {each.proposal_id for each in sent(store)} == {each.id for each in (*mild, worst)}

    def test_what_waits_is_never_sent(self, asker: Asker, propose: Propose, store: Store) -> None:
        propose(*(f"A{number}" for number in range(12)))
        asker.ask(ACCOUNT.id)

        with store.read() as tx:
            kinds = Counter(each.kind for each in messages.untold(tx))
        assert kinds == {"card": 10, "digest": 1}


def test_two_thousand_questions_of_three_hundred_owners(
    sqlite_store: Store, clock: StandingClock
) -> None:
    """A first scan of an old account floods nobody and loses nothing."""
    desk = askings(sqlite_store, clock)
    with sqlite_store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        accounts.scanned(tx, ACCOUNT.id, tx.now)
        accounts.go_live(tx, ACCOUNT.id, ALICE)
        new = []
        for number in range(2_000):
            owner = f"U{number % 300:04}X" if number % 7 else "U0000X"
            desk.directory.put(person(owner))
            claim = OwnerClaim(OwnerSource.TAGS, owner, f"tag owner = {owner}", "owner")
            new.append(replace(question(f"S{number}"), claims=(claim,)))
        proposals.propose_many(tx, new, ALICE)

    came = desk.asker.ask(ACCOUNT.id)

    assert len(came.asked) + len(came.waiting) == 2_000
    with sqlite_store.read() as tx:
        cards = Counter(
            each.recipient for each in messages.untold(tx, limit=5_000) if each.kind == CARD
        )
    assert max(cards.values()) == 10
    assert sum(cards.values()) == len(came.asked)
    again = desk.asker.ask(ACCOUNT.id)
    assert (again.asked, sorted(again.waiting)) == ([], sorted(came.waiting))


class TestReminding:
    def test_comes_in_the_thread_in_working_hours_and_grows_apart(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        (asked,) = propose("AKIA1", claims=(BEN,))
        asker.ask(ACCOUNT.id)
        clock.pass_time(days=2)
        tick(store, asker)
        tick(store, asker)

        (first,) = sent(store, "reminder", "UBEN")
        (card,) = sent(store, reader="UBEN")
        assert first.thread == card.id
        assert f"{first.not_before:%H:%M}" == "14:00"  # nine o'clock in New York
        again = card.created_at + timedelta(days=5)
        assert due(store, REMIND, asked.id) == Due(REMIND, asked.id, again)

    def test_an_answered_question_reminds_nobody(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        (asked,) = propose("AKIA1")
        asker.ask(ACCOUNT.id)
        with store.write() as tx:
            proposals.move(
                tx,
                asked.id,
                expected=ProposalState.PENDING,
                to=ProposalState.DENIED,
                why="no",
                actor=ALICE,
            )
        clock.pass_time(days=20)

        assert tick(store, asker) == []
        assert sent(store, "reminder") == []
        assert due(store, EXPIRE, asked.id) is None

    def test_someone_who_left_is_followed_by_the_next(
        self,
        asker: Asker,
        propose: Propose,
        store: Store,
        clock: StandingClock,
        directory: FakeDirectory,
    ) -> None:
        propose("AKIA1", claims=(ANN, BEN))
        asker.ask(ACCOUNT.id)
        directory.put(person("UANN", deactivated=True))
        clock.pass_time(days=2)
        tick(store, asker)

        assert len(sent(store, reader="UBEN")) == 1
        assert [each.data["what"] for each in sent(store, "notice")] == ["passed-over"]
        assert sent(store, "reminder") == []

    def test_slack_silent_puts_it_off(
        self,
        asker: Asker,
        propose: Propose,
        store: Store,
        clock: StandingClock,
        directory: FakeDirectory,
    ) -> None:
        (asked,) = propose("AKIA1")
        asker.ask(ACCOUNT.id)
        clock.pass_time(days=2)
        directory.down = True
        assert tick(store, asker) == []
        put_off = due(store, REMIND, asked.id)
        assert put_off == Due(REMIND, asked.id, clock() + timedelta(minutes=5))

        directory.down = False
        clock.pass_time(minutes=5)
        tick(store, asker)

        assert len(sent(store, "reminder")) == 1


class TestEscalating:
    def test_goes_to_the_manager_and_says_so(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        owner = OwnerClaim(OwnerSource.MAPPING, "UANN", "mapping file: *")
        boss = OwnerClaim(OwnerSource.MAPPING, "UBOSS", "manager in the mapping file: *")
        propose("AKIA1", claims=(owner, boss))
        asker.ask(ACCOUNT.id)
        clock.pass_time(days=10)
        tick(store, asker)
        tick(store, asker)

        (card,) = sent(store, reader="UBOSS")
        assert card.data["role"] == "manager"
        assert "escalated" in [each.data["what"] for each in sent(store, "notice")]

    def test_goes_to_the_security_channel_where_nobody_is_known(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        propose("AKIA1")
        asker.ask(ACCOUNT.id)
        clock.pass_time(days=10)
        tick(store, asker)

        (card,) = sent(store, reader=CHANNEL)
        assert card.data["role"] == "security"


class TestTheEnd:
    def test_a_question_that_nobody_answers_expires(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        (asked,) = propose("AKIA1")
        asker.ask(ACCOUNT.id)
        before = sent(store)[0].wanted
        clock.pass_time(days=14)
        tick(store, asker)

        assert state(store, asked) is ProposalState.EXPIRED
        assert sent(store)[0].wanted > before
        with store.read() as tx:
            assert dues.all_due(tx) == []

    def test_an_answer_in_the_last_moment_counts(
        self, asker: Asker, propose: Propose, store: Store, clock: StandingClock
    ) -> None:
        (asked,) = propose("AKIA1")
        asker.ask(ACCOUNT.id)
        clock.pass_time(days=14)
        expiry = due(store, EXPIRE, asked.id)
        assert expiry is not None
        with store.write() as tx:
            proposals.move(
                tx,
                asked.id,
                expected=ProposalState.PENDING,
                to=ProposalState.APPROVED,
                why="yes",
                actor=ALICE,
            )

        assert not Reminding(asker).expire(expiry)
        assert state(store, asked) is ProposalState.APPROVED


def test_handed_over_questions_reach_the_new_owner(
    asker: Asker, propose: Propose, store: Store
) -> None:
    (asked,) = propose("AKIA1")
    asker.ask(ACCOUNT.id)
    word = OwnerClaim(OwnerSource.HANDED_OVER, "UBEN", "handed over by slack:T/UANN")
    with store.write() as tx:
        proposals.claim_first(tx, asked, word, CLOCK)

    assert asker.re_ask(asked.id) == ("UBEN",)
    assert asker.re_ask(asked.id) == ()
    assert len(sent(store, reader="UBEN")) == 1
