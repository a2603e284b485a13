"""Whose turn it is, what was decided, and whether it gets better."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.overview import Overview, Queue, Waits
from bot.model import Actor, OwnerSource, ProposalState, Severity, Verdict
from bot.store import accounts, executions, exemptions, findings, messages, proposals, scans
from bot.store.database import Store
from bot.store.messages import NewMessage
from tests.conftest import NOON, StandingClock
from tests.engine.askings import ANN, CHANNEL, Askings, askings, claim
from tests.store.samples import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT, finding, observe, seen

CONTROL = "unused-access-key"
TOPICS = {CONTROL: "unused_credentials", "root-without-mfa": "mfa"}
HER = Actor("slack", "T0HOME/UANN")
S = Severity


@pytest.fixture
def desk(store: Store, clock: StandingClock) -> Askings:
    return askings(store, clock)


@pytest.fixture
def overview(store: Store) -> Overview:
    return Overview(store, TOPICS)


class TestQueue:
    def test_has_the_worst_and_oldest_first_and_what_waits_for_room(
        self, desk: Askings, overview: Overview, clock: StandingClock
    ) -> None:
        mild = desk.ask(*(f"A{number}" for number in range(10)))
        clock.pass_time(minutes=1)
        (worst,) = desk.propose("B", severity=S.CRITICAL)
        (late,) = desk.ask("C")

        queue = overview.queue_of("UANN")
        assert set(queue.asked) == {each.id for each in mild}
        assert queue.waiting == (worst.id, late.id)

        desk.tick(days=1)
        queue = overview.queue_of("UANN")
        assert queue.asked[0] == worst.id
        assert queue.asked[-1] == late.id
        assert queue.waiting == ()

    def test_has_nothing_that_was_answered_handed_on_or_only_told(
        self, desk: Askings, overview: Overview
    ) -> None:
        answered, handed, open_ = desk.ask("A", "B", "C")
        desk.ask("D", claims=(claim("UANN", OwnerSource.CREATOR), claim("UBEN")))
        desk.answer(answered)
        desk.hand_over(handed, "UBEN")

        assert overview.queue_of("UANN") == Queue((open_.id,), ())
        assert handed.id in overview.queue_of("UBEN").asked

    def test_has_no_note_of_what_was_asked_elsewhere_since(
        self, desk: Askings, overview: Overview
    ) -> None:
        desk.ask(*(f"A{number}" for number in range(11)))
        (late,) = overview.queue_of("UANN").waiting
        with desk.store.read() as tx:
            record = proposals.get_proposal(tx, late)

        desk.hand_over(record, "UBEN")
        desk.asker.ask(ACCOUNT.id)

        assert overview.queue_of("UANN").waiting == ()
        assert overview.queue_of("UBEN").asked == (late,)

    def test_of_a_stranger_is_empty(self, desk: Askings, overview: Overview) -> None:
        desk.ask("A")

        assert overview.queue_of("USTRANGER") == Queue((), ())

    def test_of_everyone_names_whom_each_question_waits_for(
        self, desk: Askings, overview: Overview
    ) -> None:
        desk.directory.groups["STEAM"] = {"UANN", "UBEN"}
        (ours,) = desk.ask("A", claims=(claim("STEAM"),))
        (anns,) = desk.ask("B", claims=(claim("UBEN", OwnerSource.CREATOR), ANN))
        (nobodys,) = desk.propose("C", severity=S.HIGH)

        waits = overview.everyone()

        assert waits[0] == Waits(nobodys.id, ())
        assert set(waits[1:]) == {Waits(ours.id, ("UANN", "UBEN")), Waits(anns.id, ("UANN",))}
        assert overview.waits_for() == (("UANN", 2), ("UBEN", 1))

    def test_counts_escalated_questions_for_both(self, desk: Askings, overview: Overview) -> None:
        desk.ask("A")
        desk.tick(days=10)

        assert overview.waits_for() == ((CHANNEL, 1), ("UANN", 1))


class TestDecided:
    def decide(self, desk: Askings, subject: str, actor: Actor) -> str:
        (asked,) = desk.propose(subject)
        with desk.store.write() as tx:
            proposals.decide(tx, asked.id, asked.digest, Verdict.DENY, actor, "we need it")
        desk.answer(asked)
        return asked.id

    def test_lists_the_newest_of_one_person_only(self, desk: Askings, overview: Overview) -> None:
        hers = [self.decide(desk, f"A{number}", HER) for number in range(3)]
        self.decide(desk, "B", Actor("local", HER.name))
        self.decide(desk, "C", BOB)

        decided = overview.decided_by(HER, limit=2)

        assert [each.proposal.id for each in decided] == hers[:0:-1]
        assert [each.decision.proposal_id for each in decided] == hers[:0:-1]
        assert {(each.decision.reason, each.decision.actor) for each in decided} == {
            ("we need it", HER)
        }
        assert {(each.proposal.state, each.undone) for each in decided} == {
            (ProposalState.DENIED, False)
        }

    def test_says_what_was_taken_back_since(self, desk: Askings, overview: Overview) -> None:
        asked = self.decide(desk, "A", HER)
        (undo,) = desk.propose("B")
        with desk.store.write() as tx:
            made = executions.start_execution(tx, proposals.get_proposal(tx, asked), HER)
            executions.mark_undone(tx, made, executions.start_execution(tx, undo, HER))

        assert [each.undone for each in overview.decided_by(HER)] == [True]

    def test_counts_how_questions_ended(
        self, desk: Askings, overview: Overview, clock: StandingClock
    ) -> None:
        self.decide(desk, "A", HER)
        clock.pass_time(days=1)
        since = clock()
        self.decide(desk, "B", HER)
        desk.ask("C")

        assert overview.ended_since(since) == {ProposalState.DENIED: 1}
        assert overview.ended_since(NOON) == {ProposalState.DENIED: 2}


class TestExemptions:
    def exempt(self, desk: Askings, subject: str, days: int, actor: Actor) -> str:
        (asked,) = desk.propose(subject)
        assert asked.finding_id is not None
        with desk.store.write() as tx:
            until = tx.now + timedelta(days=days)
            findings.exempt(tx, asked.finding_id, "on purpose", until, actor)
        return asked.finding_id

    def test_that_end_soon_are_listed_soonest_first(
        self, desk: Askings, overview: Overview
    ) -> None:
        late = self.exempt(desk, "A", 14, HER)
        soon = self.exempt(desk, "B", 3, BOB)
        self.exempt(desk, "C", 15, HER)

        ending = overview.exemptions_ending(timedelta(days=14))

        assert [each.id for each in ending] == [soon, late]
        mine = overview.exemptions_ending(timedelta(days=14), HER)
        assert [each.id for each in mine] == [late]

    def test_are_theirs_too_who_asked_for_them(self, desk: Askings, overview: Overview) -> None:
        (asked,) = desk.propose("A")
        with desk.store.write() as tx:
            until = tx.now + timedelta(days=3)
            request = exemptions.request_exemption(tx, asked, until, "on purpose", HER)
            exemptions.answer_request(tx, request, "granted", BOB, ACCOUNT.id)
            findings.exempt(tx, request.finding_id, "on purpose", until, BOB)

        for actor in (HER, BOB):
            (found,) = overview.exemptions_ending(timedelta(days=30), actor)
            assert found.id == asked.finding_id
        assert overview.exemptions_ending(timedelta(days=30), ALICE) == ()


class TestPosture:
    def look(self, store: Store, *subjects: str, severity: Severity = S.HIGH) -> None:
        items = [replace(seen(each), finding=finding(each, severity=severity)) for each in subjects]
        with store.write() as tx:
            observe(tx, *items)

    def test_counts_what_is_open_and_what_was(
        self, store: Store, overview: Overview, clock: StandingClock
    ) -> None:
        self.look(store, "A", "B", "C", "D")
        clock.pass_time(days=25)
        self.look(store, "A", "B")
        clock.pass_time(days=10)
        self.look(store, "A", "B", "E", severity=S.LOW)

        mfa, unused = overview.posture()

        assert (unused.topic, unused.open, unused.count) == ("unused_credentials", {S.LOW: 3}, 3)
        assert (unused.week_ago, unused.month_ago) == (2, 4)
        assert (mfa.topic, mfa.count, mfa.not_evaluated) == ("mfa", 0, 0)

    def test_accepting_a_violation_is_no_progress(
        self, store: Store, overview: Overview, clock: StandingClock
    ) -> None:
        self.look(store, "A", "B")
        clock.pass_time(days=40)
        with store.write() as tx:
            exempt = findings.list_findings(tx)[0]
            findings.exempt(tx, exempt.id, "on purpose", tx.now + timedelta(days=1), ALICE)

        _, unused = overview.posture()

        assert (unused.count, unused.exempt, unused.week_ago, unused.month_ago) == (1, 1, 1, 1)

    def test_files_tell_nothing_of_the_account(self, store: Store, overview: Overview) -> None:
        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            findings.observe(
                tx, ACCOUNT, [seen("A")], complete_controls=(), actor=ALICE, from_files=True
            )

        assert [each.count for each in overview.posture()] == [0, 0]

    def test_says_where_nobody_could_look(self, store: Store, overview: Overview) -> None:
        """A topic without findings isn't fine when its control could not look."""
        with store.write() as tx:
            for account in (ACCOUNT, OTHER_ACCOUNT):
                accounts.ensure_account(tx, account)
            for account, offline in ((ACCOUNT, False), (OTHER_ACCOUNT, True)):
                scans.record_scan(
                    tx,
                    account.id,
                    started_at=NOON,
                    finished_at=NOON,
                    calls={},
                    unavailable={},
                    not_evaluated={"root-without-mfa": "AccessDenied"},
                    findings=0,
                    offline=offline,
                    actor=ALICE,
                )

        assert [each.not_evaluated for each in overview.posture()] == [1, 0]
        assert [each.not_evaluated for each in overview.posture(OTHER_ACCOUNT.id)] == [0, 0]

    def test_of_one_account_is_its_own(self, store: Store, overview: Overview) -> None:
        self.look(store, "A")

        assert [each.count for each in overview.posture(OTHER_ACCOUNT.id)] == [0, 0]
        assert [each.count for each in overview.posture(ACCOUNT.id)] == [0, 1]


def test_tells_of_accounts_and_of_what_never_arrived(store: Store, overview: Overview) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, OTHER_ACCOUNT)
        accounts.ensure_account(tx, ACCOUNT)
        lost = messages.tell(tx, NewMessage("k", "notice", CHANNEL))
        messages.tell(tx, NewMessage("l", "notice", CHANNEL))
        messages.give_up(tx, lost.id, "channel_not_found")

    assert [each.account for each in overview.accounts()] == [ACCOUNT, OTHER_ACCOUNT]
    assert [each.error for each in overview.undelivered()] == ["channel_not_found"]
    assert overview.freeze() is None


def test_two_thousand_questions_are_counted_quickly(
    sqlite_store: Store, clock: StandingClock
) -> None:
    """Home is opened often: no plan is read for it."""
    desk = askings(sqlite_store, clock)
    desk.propose(*(f"A{number}" for number in range(2_000)), claims=(ANN,))
    with sqlite_store.write() as tx:
        tx.connection.exec_driver_sql("UPDATE proposal SET plan = 'unreadable'")
    overview = Overview(sqlite_store, TOPICS)

    assert len(overview.everyone()) == 2_000
    assert overview.queue_of("UANN") == Queue((), ())
