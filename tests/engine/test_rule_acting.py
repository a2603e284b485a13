"""A rule acts after its grace, tells first, and stops for whatever changed in between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.engine.announcing import TELL_FREEZE, tell_freeze
from bot.engine.approvals import Approvals
from bot.engine.asking import CARD, ESCALATE, EXPIRE, GRACE, NOTICE, REMIND
from bot.engine.grace_clock import COUNT, GraceClock, note_outage
from bot.engine.guardrails import Guardrails, confirmed_mark, known_of
from bot.engine.protecting import Guard
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.room import Hold, Limits
from bot.engine.rule_acting import RuleActing
from bot.engine.ticking import Ticker
from bot.engine.timetable import Cron, Schedule, Timetable
from bot.model import (
    Decision,
    Grace,
    GraceRecord,
    MessageRecord,
    Occasion,
    ProposalRecord,
    ProposalState,
    Protection,
    RemediationMode,
    Verdict,
)
from bot.scheduler import wall_times
from bot.store import (
    audit,
    dues,
    executions,
    exemptions,
    freezes,
    graces,
    marks,
    messages,
    proposals,
    scans,
)
from bot.store.database import Store, Transaction
from bot.store.dues import Due
from tests.conftest import StandingClock
from tests.engine.askings import BEN, CHANNEL, Askings, askings
from tests.store.samples import ACCOUNT, ALICE, CONTROL, manual, question

RULE = RemediationRule(
    "keys",
    RemediationMode.AUTO,
    frozenset({CONTROL}),
    frozenset({ACCOUNT.id}),
    grace=Grace(timedelta(days=5)),
)
WIDE = Limits(canary=1_000, per_scan=1_000, per_hour=1_000, share_percent=100)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Ruled:
    """Askings with rules, a Slack that takes messages or not, and time that passes minute-wise."""

    desk: Askings
    rules: RemediationRules
    limits: Limits = WIDE
    silent: str | None = None
    delivers: bool = True
    woken: list[str] = field(default_factory=list)
    timetable: Timetable = field(default_factory=Timetable)

    @property
    def store(self) -> Store:
        return self.desk.store

    def scan(self, findings: int = 3) -> None:
        with self.store.write() as tx:
            scans.record_scan(
                tx, ACCOUNT.id, started_at=tx.now, finished_at=tx.now, calls={}, unavailable={},
                not_evaluated={}, findings=findings, offline=False, actor=ALICE, principals=1_000,
            )  # fmt: skip

    def ask(self, *subjects: str) -> list[ProposalRecord]:
        made = self.desk.propose(*subjects)
        self.scan(len(subjects))
        self.desk.asker.ask(ACCOUNT.id)
        return made

    def deliver(self) -> None:
        """Slack takes whatever waits to be told."""
        with self.store.write() as tx:
            for each in messages.untold(tx):
                messages.posted(tx, each.id, each.recipient, f"1.{each.id}", each.wanted, "")

    def acting(self) -> RuleActing:
        """What looks at a grace that is over."""
        return RuleActing(
            self.desk.asker,
            self.rules,
            self.limits,
            GraceClock(self.store, lambda: self.silent),
            lambda: self.woken.append("woken"),
            self.timetable,
        )

    def look_now(self, asked: ProposalRecord) -> None:
        """Its grace is looked at now, whenever it ends and before anything else is."""
        with self.store.write() as tx:
            dues.set_due(tx, GRACE, asked.id, tx.now)
        self.acting().look(Due(GRACE, asked.id, self.desk.clock.now))

    def pass_time(self, span: timedelta, *, step: timedelta = HOUR) -> None:
        """Time goes by in steps, as a process that runs all the time sees it."""
        acting = self.acting()
        clock = acting.clock
        ticker = Ticker(
            self.store,
            {
                GRACE: acting.look,
                COUNT: clock.look,
                TELL_FREEZE: lambda due: tell_freeze(self.store, CHANNEL, due),
            },
        )
        until = self.desk.clock.now + span
        with self.store.write() as tx:
            dues.set_due(tx, COUNT, "own", tx.now)
        while True:
            if self.delivers:
                self.deliver()
            _count_in_between(clock, self.desk.clock, self, step)
            ticker.tick()
            if self.desk.clock.now >= until:
                return
            self.desk.clock.now = min(until, self.desk.clock.now + step)

    def sleep(self, span: timedelta) -> None:
        """No process runs."""
        self.desk.clock.now += span

    def state(self, asked: ProposalRecord) -> ProposalState:
        return self.desk.state(asked)

    def grace(self, asked: ProposalRecord) -> GraceRecord:
        with self.store.read() as tx:
            found = graces.get_grace(tx, asked.id)
        assert found is not None
        return found

    def decisions(self, asked: ProposalRecord) -> list[Decision]:
        with self.store.read() as tx:
            return list(proposals.decisions(tx, asked.id))

    def notices(self, what: str, reader: str = CHANNEL) -> list[MessageRecord]:
        return [each for each in self.desk.sent(reader, NOTICE) if each.data["what"] == what]


def _count_in_between(clock: GraceClock, now: StandingClock, ruled: Ruled, step: timedelta) -> None:
    """What a process that counts every minute has counted by now."""
    if ruled.silent is None:
        with ruled.store.write() as tx:
            last = marks.get_mark(tx, "grace-clock")
            if last is not None and freezes.current_freeze(tx) is None and now.now - last <= step:
                marks.set_mark(tx, "grace-clock", now.now - timedelta(minutes=1))
    clock.count()


@pytest.fixture
def ruled(store: Store, clock: StandingClock) -> Ruled:
    rules = RemediationRules(rules=(RULE,))
    return Ruled(askings(store, clock, remediation=rules), rules)


def test_whoever_looks_too_early_changes_nothing(ruled: Ruled) -> None:
    (asked,) = ruled.ask("A")
    ruled.pass_time(5 * DAY - HOUR)

    ruled.look_now(asked)
    assert ruled.state(asked) is ProposalState.PENDING

    ruled.pass_time(2 * HOUR)
    assert ruled.state(asked) is ProposalState.APPROVED


def test_a_grace_that_ended_while_nothing_ran_is_lengthened_first(ruled: Ruled) -> None:
    """Whichever of the two is looked at first when a process is there again."""
    (asked,) = ruled.ask("A")
    ruled.pass_time(5 * DAY - HOUR)
    ruled.sleep(2 * DAY)

    ruled.look_now(asked)
    assert ruled.state(asked) is ProposalState.PENDING

    ruled.pass_time(20 * HOUR)
    assert ruled.state(asked) is ProposalState.PENDING
    ruled.pass_time(6 * HOUR)
    assert ruled.state(asked) is ProposalState.APPROVED


def test_acts_when_the_grace_is_over_and_nobody_objected(ruled: Ruled) -> None:
    (asked,) = ruled.ask("A")

    ruled.pass_time(5 * DAY - HOUR)
    assert ruled.state(asked) is ProposalState.PENDING

    ruled.pass_time(2 * HOUR)
    assert ruled.state(asked) is ProposalState.APPROVED
    (decision,) = ruled.decisions(asked)
    assert (decision.actor, decision.verdict) == (RULE.actor, Verdict.APPROVE)
    assert decision.reason.startswith("nobody objected in 5d from 2026-11-24")
    assert len(ruled.woken) == 2  # when the grace began, and when it was over


def test_a_grace_ends_at_a_turn_which_is_told(ruled: Ruled) -> None:
    mondays = Schedule(Cron(wall_times("0 10 * * mon"), ZoneInfo("UTC")))
    ruled.timetable = Timetable(others={Occasion.GRACES: mondays})
    (asked,) = ruled.ask("A")  # on a Tuesday, for five days

    ruled.pass_time(5 * DAY + 20 * HOUR)
    assert ruled.grace(asked).until == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert ruled.state(asked) is ProposalState.PENDING
    ruled.pass_time(3 * HOUR)
    assert ruled.state(asked) is ProposalState.APPROVED


def test_the_log_names_the_rule_and_its_whole_digest(ruled: Ruled) -> None:
    (asked,) = ruled.ask("A")
    ruled.pass_time(6 * DAY, step=6 * HOUR)

    with ruled.store.read() as tx:
        events = {each.event: each for each in audit.events(tx, subject=asked.id)}
    assert events["grace.begun"].data["rule"] == RULE.digest
    assert events["rule.approved"].data == {"digest": asked.digest, "rule": RULE.digest}
    assert events["rule.approved"].actor == str(RULE.actor)


def test_a_question_of_a_rule_neither_reminds_nor_expires(ruled: Ruled) -> None:
    (asked,) = ruled.ask("A")

    assert all(ruled.desk.due(each, asked.id) is None for each in (REMIND, ESCALATE, EXPIRE))
    assert ruled.desk.due(GRACE, asked.id) is not None


def test_working_days_are_the_owners(store: Store, clock: StandingClock) -> None:
    rules = RemediationRules(rules=(replace(RULE, grace=Grace(working_days=2)),))
    ruled = Ruled(askings(store, clock, remediation=rules), rules)
    clock.now = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)  # Friday, 14:00 in New York
    (asked,) = ruled.desk.ask("A", claims=(BEN,))
    ruled.pass_time(HOUR)

    assert ruled.grace(asked).until == datetime(2026, 12, 1, 20, 0, tzinfo=UTC)


class TestTelling:
    def test_grace_begins_when_a_message_has_arrived(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.delivers = False
        ruled.pass_time(DAY)
        assert ruled.grace(asked).told_at is None

        ruled.delivers = True
        ruled.pass_time(HOUR)
        told = ruled.grace(asked).told_at
        assert told is not None
        assert ruled.grace(asked).until == told + 5 * DAY

    def test_whoever_cannot_be_told_is_asked_and_that_shows(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.delivers = False
        wanted = ruled.desk.card().wanted
        ruled.pass_time(3 * DAY, step=6 * HOUR)

        assert ruled.state(asked) is ProposalState.PENDING
        assert ruled.grace(asked).stopped == "no message has reached its owner"
        assert ruled.desk.due(EXPIRE, asked.id) is not None
        assert ruled.desk.card().wanted > wanted
        ruled.delivers = True
        ruled.pass_time(20 * DAY, step=6 * HOUR)
        assert ruled.decisions(asked) == []

    def test_what_was_given_up_has_not_arrived(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.delivers = False
        with ruled.store.write() as tx:
            messages.give_up(tx, ruled.desk.card().id, "cannot_dm_bot")
        ruled.pass_time(3 * DAY, step=6 * HOUR)

        assert ruled.grace(asked).stopped


class TestObjecting:
    def test_a_no_stops_it(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        ruled.desk.answer(asked, ProposalState.DENIED)
        ruled.pass_time(10 * DAY, step=6 * HOUR)

        assert ruled.state(asked) is ProposalState.DENIED
        assert ruled.decisions(asked) == []

    def test_a_grace_that_was_stopped_never_ends(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        with ruled.store.write() as tx:
            exemptions.request_exemption(tx, asked, tx.now + 30 * DAY, "a batch job", ALICE)
            assert graces.stop_grace(tx, asked.id, "someone wants to keep it")
            assert not graces.stop_grace(tx, asked.id, "again")
        ruled.pass_time(10 * DAY, step=6 * HOUR)

        assert ruled.state(asked) is ProposalState.PENDING
        assert ruled.decisions(asked) == []


class TestOtherRules:
    def test_new_words_begin_anew(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(4 * DAY)
        other = replace(RULE, grace=Grace(timedelta(days=3)))
        ruled.rules = RemediationRules(rules=(other,))
        ruled.pass_time(DAY + 2 * HOUR)

        assert ruled.state(asked) is ProposalState.PENDING
        assert ruled.grace(asked).rule == other.actor.name
        ruled.pass_time(3 * DAY, step=6 * HOUR)
        assert [each.actor for each in ruled.decisions(asked)] == [other.actor]

    @pytest.mark.parametrize(
        "rules", [(), (replace(RULE, mode=RemediationMode.ASK),)], ids=["gone", "asks now"]
    )
    def test_no_rule_any_more_asks_as_usual(
        self, ruled: Ruled, rules: tuple[RemediationRule, ...]
    ) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(4 * DAY, step=6 * HOUR)
        ruled.rules = RemediationRules(rules=rules)
        ruled.pass_time(3 * DAY, step=6 * HOUR)

        assert ruled.state(asked) is ProposalState.PENDING
        assert "not in force" in ruled.grace(asked).stopped
        assert ruled.desk.card().data["deadline"] is not None
        assert ruled.decisions(asked) == []

    def test_an_approval_of_the_old_rule_carries_nothing(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        other = RemediationRules(rules=(replace(RULE, grace=Grace(timedelta(days=9))),))
        now = ruled.desk.clock.now

        said = Approvals(remediation=ruled.rules).authorise(asked, ruled.decisions(asked), now)
        assert said is None
        said = Approvals(remediation=other).authorise(asked, ruled.decisions(asked), now)
        assert said is not None
        assert "not in force" in said


class TestTimeThatDoesNotCount:
    @pytest.mark.parametrize("how", ["frozen", "silent", "asleep"])
    def test_is_added_and_told(self, ruled: Ruled, how: str) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        before = ruled.grace(asked).until
        assert before is not None
        if how == "frozen":
            with ruled.store.write() as tx:
                freezes.freeze(tx, "an incident", ALICE)
            ruled.pass_time(2 * DAY)
            with ruled.store.write() as tx:
                freezes.unfreeze(tx, ALICE)
        elif how == "silent":
            ruled.silent = "Slack has been silent"
            ruled.pass_time(2 * DAY)
            ruled.silent = None
        else:
            ruled.sleep(2 * DAY)
        ruled.pass_time(timedelta())

        until = ruled.grace(asked).until
        assert until is not None
        assert timedelta() <= until - before - 2 * DAY <= timedelta(minutes=2)
        (notice,) = ruled.notices("regraced", "UANN")
        assert notice.data["until"] == until.isoformat()

    def test_a_freeze_from_the_very_beginning_is_no_less_one(self, ruled: Ruled) -> None:
        """Nothing was ever counted, so nothing says from when on nothing was."""
        with ruled.store.write() as tx:
            freezes.freeze(tx, "not before the audit", ALICE)
        (asked,) = ruled.ask("A")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        with ruled.store.write() as tx:
            freezes.unfreeze(tx, ALICE)

        ruled.pass_time(5 * DAY - HOUR, step=6 * HOUR)
        assert ruled.state(asked) is ProposalState.PENDING
        ruled.pass_time(3 * HOUR)
        assert ruled.state(asked) is ProposalState.APPROVED

    def test_nothing_fires_when_it_is_over(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(5 * DAY - HOUR)
        ruled.sleep(30 * DAY)

        ruled.pass_time(23 * HOUR)
        assert ruled.state(asked) is ProposalState.PENDING
        ruled.pass_time(3 * HOUR)
        assert ruled.state(asked) is ProposalState.APPROVED

    def test_a_short_gap_counts(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        before = ruled.grace(asked).until
        ruled.sleep(timedelta(minutes=8))
        ruled.pass_time(HOUR)

        assert ruled.grace(asked).until == before
        assert ruled.notices("regraced", "UANN") == []


class TestGoingOn:
    def freeze(self, ruled: Ruled, span: timedelta) -> None:
        with ruled.store.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)
        ruled.sleep(span)
        with ruled.store.write() as tx:
            freezes.unfreeze(tx, ALICE)

    def test_no_freeze_is_too_short_to_be_told(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(5 * DAY - HOUR)
        self.freeze(ruled, timedelta(minutes=2))
        ruled.pass_time(3 * HOUR)

        assert ruled.state(asked) is ProposalState.PENDING
        assert len(ruled.notices("regraced", "UANN")) == 1
        ruled.pass_time(DAY)
        assert ruled.state(asked) is ProposalState.APPROVED

    def test_what_was_approved_before_is_asked_anew(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        assert ruled.state(asked) is ProposalState.APPROVED
        self.freeze(ruled, timedelta(minutes=2))

        with ruled.store.write() as tx:
            held = at_claim(tx, WIDE, asked)
        assert held is not None
        assert held.what == "unheard"
        ruled.pass_time(HOUR)
        assert ruled.state(asked) is ProposalState.STALE
        with ruled.store.read() as tx:
            assert "its owner is told again" in proposals.get_proposal(tx, asked.id).why

    def test_what_people_approved_goes_on(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        ruled.desk.answer(asked, ProposalState.APPROVED)
        self.freeze(ruled, DAY)
        ruled.pass_time(HOUR)

        assert ruled.state(asked) is ProposalState.APPROVED

    def test_begins_with_one_in_the_first_hour(self, ruled: Ruled) -> None:
        asked = ruled.ask("A", "B", "C", "D")
        ruled.pass_time(5 * DAY - HOUR)
        self.freeze(ruled, HOUR)

        def approved() -> int:
            return sum(ruled.state(each) is ProposalState.APPROVED for each in asked)

        counts = []
        ruled.pass_time(DAY)
        for _ in range(4):
            counts.append(approved())
            ruled.pass_time(HOUR)
        assert counts == [1, 3, 4, 4]
        (notice,) = ruled.notices("held")
        assert "begin slowly again" in str(notice.data["why"])

    def test_an_account_that_was_out_of_reach_is_asked_anew(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        with ruled.store.write() as tx:
            note_outage(tx, "999999999999")
        assert ruled.state(asked) is ProposalState.APPROVED

        with ruled.store.write() as tx:
            note_outage(tx, ACCOUNT.id)
            assert known_of(tx, ACCOUNT.id, waiting=True).resumed_here == tx.now
        assert ruled.state(asked) is ProposalState.STALE


def at_claim(tx: Transaction, limits: Limits, proposal: ProposalRecord) -> Hold | None:
    """What the executor is told in the transaction of its claim."""
    return Guardrails(Guard(Protection()), limits, CHANNEL).hold(tx, proposal)


class TestLimits:
    def test_what_is_held_up_is_told_once_and_goes_on(self, ruled: Ruled) -> None:
        ruled.limits = replace(WIDE, per_day=1)
        first, second = ruled.ask("A", "B")
        ruled.pass_time(5 * DAY + 3 * HOUR)

        states = {ruled.state(first), ruled.state(second)}
        assert states == {ProposalState.APPROVED, ProposalState.PENDING}
        (notice,) = ruled.notices("held")
        assert "at most 1 change a day" in str(notice.data["why"])

    def test_a_freeze_keeps_a_rule_from_approving(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(DAY)
        with ruled.store.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)
        ruled.pass_time(20 * DAY, step=6 * HOUR)

        assert ruled.decisions(asked) == []

    def test_an_account_that_was_never_confirmed_waits(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        for count in (3, 3, 3, 40):
            ruled.scan(count)
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        assert ruled.decisions(asked) == []

        with ruled.store.write() as tx:
            marks.set_mark(tx, confirmed_mark(ACCOUNT.id), tx.now)
        ruled.pass_time(2 * HOUR)
        assert ruled.state(asked) is ProposalState.APPROVED

    def test_just_before_the_write_they_hold_again(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        assert ruled.state(asked) is ProposalState.APPROVED

        with ruled.store.write() as tx:
            assert at_claim(tx, WIDE, asked) is None
            held = at_claim(tx, replace(WIDE, per_hour=0), asked)
        assert held is not None
        assert "at most 0 changes" in held.why
        (notice,) = ruled.notices("held")
        assert notice.data["why"] == held.why

    def test_what_people_approve_is_not_limited(self, ruled: Ruled) -> None:
        (asked,) = ruled.ask("A")
        with ruled.store.write() as tx:
            proposals.decide(tx, asked.id, asked.digest, Verdict.APPROVE, ALICE, "")
            assert at_claim(tx, replace(WIDE, per_hour=0), asked) is None

    def test_a_change_that_was_sent_counts_and_one_that_was_not_does_not(
        self, ruled: Ruled
    ) -> None:
        first, second = ruled.ask("A", "B")
        ruled.pass_time(6 * DAY, step=6 * HOUR)
        narrow = replace(WIDE, per_day=1)
        with ruled.store.write() as tx:
            assert at_claim(tx, narrow, second) is None
            execution = executions.start_execution(tx, first, ALICE)
            executions.finish_execution(tx, execution, ProposalState.STALE, "it differs")
            assert at_claim(tx, narrow, second) is None
        with ruled.store.write() as tx:
            again = executions.start_execution(tx, first, ALICE)
            executions.intend(tx, again, 0, "deactivate", {})
            assert at_claim(tx, narrow, second) is not None


class TestOtherModes:
    @pytest.fixture
    def told(self, store: Store, clock: StandingClock) -> Callable[[RemediationMode], Ruled]:
        def make(mode: RemediationMode) -> Ruled:
            rules = RemediationRules(mode)
            return Ruled(askings(store, clock, remediation=rules), rules)

        return make

    def test_off_tells_nobody(self, told: Callable[[RemediationMode], Ruled]) -> None:
        ruled = told(RemediationMode.OFF)
        (asked,) = ruled.ask("A")

        assert ruled.state(asked) is ProposalState.PROPOSED
        assert ruled.desk.sent() == []

    def test_notify_tells_once_and_asks_nothing(
        self, told: Callable[[RemediationMode], Ruled]
    ) -> None:
        ruled = told(RemediationMode.NOTIFY)
        (asked,) = ruled.ask("A")
        ruled.desk.asker.ask(ACCOUNT.id)
        ruled.pass_time(20 * DAY, step=6 * HOUR)

        assert ruled.state(asked) is ProposalState.PROPOSED
        card = ruled.desk.card()
        assert (card.kind, card.data["role"]) == (CARD, "notified")
        assert ruled.desk.due(EXPIRE, asked.id) is None

    def test_what_a_rule_may_not_do_is_asked(self, ruled: Ruled) -> None:
        ruled.desk.propose("A")
        with ruled.store.write() as tx:
            (made,) = proposals.propose_many(tx, [question("root", of=manual())], ALICE)
        ruled.desk.asker.ask(ACCOUNT.id)

        assert ruled.desk.due(EXPIRE, made.id) is not None
        assert ruled.desk.due(GRACE, made.id) is None
