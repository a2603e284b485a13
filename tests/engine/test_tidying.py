"""Housekeeping removes what was kept long enough, and nothing that anyone still needs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.announcing import ANCHOR, FROZEN
from bot.engine.recovery import recover
from bot.engine.tidying import HOUSEKEEPING, Retention, Tidied, Tidying
from bot.model import ExecutionRecord, Manual, ProposalState, Verdict
from bot.store import (
    audit,
    executions,
    findings,
    freezes,
    graces,
    messages,
    proposals,
    scans,
    tables,
    watches,
)
from bot.store.database import Store
from bot.store.messages import NewMessage
from tests.conftest import StandingClock
from tests.engine.bench import ALICE, BOB, Bench
from tests.engine.plans import ACCOUNT as HERE
from tests.engine.plans import (
    BILLING,
    allow,
    deactivate_key,
    delete_key,
    new_version,
    plan,
    two_steps,
)
from tests.store.samples import ACCOUNT, observe, only, question, seen

_S = ProposalState
DAYS = timedelta(days=100)
ALL = Retention(findings=DAYS, executions=DAYS, messages=DAYS, observations=DAYS)


def tidy(store: Store, kept: Retention = ALL) -> Tidied:
    return Tidying(store, kept).tidy()


def count(store: Store, table: str) -> int:
    with store.read() as tx:
        counted = select(func.count()).select_from(tables.metadata.tables[table])
        return int(tx.connection.execute(counted).scalar_one())


def proposed(store: Store, subject: str = "AKIA1", finding_id: str | None = None) -> str:
    with store.write() as tx:
        if finding_id is None:
            observe(tx)
        (made,) = proposals.propose_many(tx, [question(subject, finding_id)], ALICE)
    return made.id


def ended(store: Store, state: _S, subject: str = "AKIA1") -> str:
    proposal_id = proposed(store, subject)
    with store.write() as tx:
        if state is _S.DENIED:
            now = proposals.get_proposal(tx, proposal_id)
            proposals.decide(tx, proposal_id, now.digest, Verdict.DENY, ALICE, "no")
        proposals.move(tx, proposal_id, expected=_S.PROPOSED, to=state, why="it ended", actor=ALICE)
    return proposal_id


class TestMessages:
    def tell(self, store: Store, key: str, kind: str = "notice", **more: Any) -> str:
        with store.write() as tx:
            return messages.tell(tx, NewMessage(key, kind, "C1", **more)).id

    def posted(self, store: Store, message_id: str) -> None:
        with store.write() as tx:
            messages.posted(tx, message_id, "C1", "1.0", 1, "digest")

    def left(self, store: Store) -> list[str]:
        with store.read() as tx:
            return sorted(tx.connection.execute(select(tables.message.c.key)).scalars())

    def test_what_was_sent_long_ago_goes(self, store: Store, clock: StandingClock) -> None:
        self.posted(store, self.tell(store, "old"))
        clock.pass_time(days=100)
        self.posted(store, self.tell(store, "at the limit"))
        clock.pass_time(seconds=1)

        assert tidy(store).messages == 1
        assert self.left(store) == ["at the limit"]

    def test_what_is_not_sent_yet_stays(self, store: Store, clock: StandingClock) -> None:
        self.tell(store, "untold")
        on_its_way = self.tell(store, "on its way")
        self.posted(store, on_its_way)
        with store.write() as tx:
            messages.begin(tx, on_its_way)
        clock.pass_time(days=101)

        assert tidy(store).messages == 0

    def test_those_about_an_open_question_stay(self, store: Store, clock: StandingClock) -> None:
        proposal_id = proposed(store)
        self.posted(store, self.tell(store, "card", "card", proposal_id=proposal_id))
        clock.pass_time(days=101)

        assert tidy(store).messages == 0
        with store.write() as tx:
            proposals.move(
                tx, proposal_id, expected=_S.PROPOSED, to=_S.EXPIRED, why="late", actor=ALICE
            )
            tx.connection.execute(update(tables.message).values(told=tables.message.c.wanted))
        assert tidy(store).messages == 1

    def test_a_thread_goes_from_its_end(self, store: Store, clock: StandingClock) -> None:
        head = self.tell(store, "head")
        reply = self.tell(store, "reply", thread=head)
        below = self.tell(store, "below", thread=reply)
        for each in (head, reply):
            self.posted(store, each)
        clock.pass_time(days=101)

        assert tidy(store).messages == 0
        self.posted(store, below)
        assert tidy(store).messages == 3

    def test_of_an_ended_question_what_never_went_out_goes_too(
        self, store: Store, clock: StandingClock
    ) -> None:
        proposal_id = ended(store, _S.EXPIRED)
        self.tell(store, "waiting", messages.NEVER_SENT, proposal_id=proposal_id)
        given_up = self.tell(store, "given up", "card", proposal_id=proposal_id)
        with store.write() as tx:
            messages.give_up(tx, given_up, "not_in_channel")
        clock.pass_time(days=101)

        assert tidy(store).messages == 2

    def test_anchors_and_the_word_of_a_freeze_in_force_stay(
        self, store: Store, clock: StandingClock
    ) -> None:
        for kind in (ANCHOR, FROZEN):
            self.posted(store, self.tell(store, kind, kind))
        with store.write() as tx:
            freezes.freeze(tx, "an incident", ALICE)
        clock.pass_time(days=101)

        tidy(store)
        assert self.left(store) == [ANCHOR, FROZEN]
        with store.write() as tx:
            freezes.unfreeze(tx, BOB)
        tidy(store)
        assert self.left(store) == [ANCHOR]


class TestProposals:
    @pytest.mark.parametrize("state", [_S.DENIED, _S.EXPIRED, _S.STALE, _S.CANCELLED, _S.BLOCKED])
    def test_what_ended_long_ago_goes_with_its_decisions(
        self, store: Store, clock: StandingClock, state: _S
    ) -> None:
        ended(store, state)
        clock.pass_time(days=101)

        assert tidy(store).proposals == 1
        assert count(store, "proposal") == count(store, "decision") == 0

    def test_what_hangs_on_it_goes_with_it(self, store: Store, clock: StandingClock) -> None:
        """Whoever adds a table that points to proposals or findings has to say what of it stays."""
        proposal_id = ended(store, _S.EXPIRED)
        with store.write() as tx:
            graces.begin_grace(tx, proposal_id, "sandbox-keys", "2d")
        clock.pass_time(days=101)

        assert tidy(store).proposals == 1
        assert count(store, "grace") == 0
        pointing = {
            target: {
                table.name
                for table in tables.metadata.sorted_tables
                for key in table.foreign_keys
                if key.column.table.name == target
            }
            for target in ("proposal", "finding", "execution")
        }
        assert pointing == {
            "proposal": {"decision", "execution", "exemption_request", "grace", "message"},
            "finding": {"exemption_request", "finding_alias", "proposal"},
            "execution": {"step_event", "watch"},
        }

    def test_a_watch_goes_once_it_has_ended(self, store: Store, clock: StandingClock) -> None:
        proposal_id = ended(store, _S.STALE)
        with store.write() as tx:
            asked = proposals.get_proposal(tx, proposal_id)
            execution_id = executions.start_execution(tx, asked, ALICE)
            executions.finish_execution(tx, execution_id, _S.STALE, "it differs")
            watches.begin_watch(tx, execution_id)
        clock.pass_time(days=101)
        assert tidy(store).proposals == 0

        with store.write() as tx:
            watches.end_watch(tx, execution_id, "it is over")
        assert tidy(store).proposals == 1
        assert count(store, "watch") == count(store, "execution") == 0

    def test_what_is_open_stays(self, store: Store, clock: StandingClock) -> None:
        proposed(store)
        clock.pass_time(days=1000)

        assert tidy(store).proposals == 0

    def test_one_with_a_message_that_stays_stays(self, store: Store, clock: StandingClock) -> None:
        proposal_id = ended(store, _S.EXPIRED)
        with store.write() as tx:
            messages.tell(tx, NewMessage("card", "card", "C1", proposal_id))
        clock.pass_time(days=101)

        assert tidy(store, Retention(executions=DAYS)).proposals == 0

    def test_a_no_holds_for_its_cool_off(self, store: Store, clock: StandingClock) -> None:
        ended(store, _S.DENIED)
        clock.pass_time(days=101)
        patient = Retention(executions=DAYS, cool_off=timedelta(days=200))

        assert tidy(store, patient).proposals == 0
        clock.pass_time(days=100)
        assert tidy(store, patient).proposals == 1

    def test_more_than_a_page(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            observe(tx)
            made = proposals.propose_many(tx, [question(f"AKIA{n}") for n in range(700)], ALICE)
            proposals.move_many(
                tx,
                [proposals.Move(one.id, {_S.PROPOSED}, _S.EXPIRED, "late") for one in made],
                actor=ALICE,
            )
        clock.pass_time(days=101)

        assert tidy(store).proposals == 700


class TestFindings:
    def test_what_was_resolved_long_ago_goes(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            observe(tx, seen("AKIA1", "AKIA0"), seen("AKIA2"))
            observe(tx, seen("AKIA2"))
        clock.pass_time(days=101)

        assert tidy(store).findings == 1
        assert count(store, "finding") == 1
        assert count(store, "finding_alias") == 1

    def test_one_that_a_proposal_is_about_stays_as_long(
        self, store: Store, clock: StandingClock
    ) -> None:
        with store.write() as tx:
            record = only(observe(tx, seen("AKIA1")))
        proposed(store, "AKIA1", record.id)
        with store.write() as tx:
            observe(tx)
        clock.pass_time(days=101)

        assert tidy(store).findings == 0

    @pytest.mark.parametrize("why", ["held", "exempt"])
    def test_one_that_is_held_or_exempt_stays(
        self, store: Store, clock: StandingClock, why: str
    ) -> None:
        with store.write() as tx:
            record = only(observe(tx, seen("AKIA1")))
            if why == "held":
                findings.hold(tx, record.id, ALICE)
            else:
                until = clock() + timedelta(days=400)
                findings.exempt(tx, record.id, "a test", until, ALICE)
            observe(tx)
        clock.pass_time(days=101)

        assert tidy(store).findings == 0


def test_old_scans_go_but_the_newest_of_each_account(store: Store, clock: StandingClock) -> None:
    def scan() -> None:
        with store.write() as tx:
            observe(tx)
            scans.record_scan(
                tx,
                ACCOUNT.id,
                started_at=clock(),
                finished_at=clock(),
                calls={},
                unavailable={},
                not_evaluated={},
                findings=0,
                offline=False,
                actor=ALICE,
            )

    scan()
    clock.pass_time(days=1)
    scan()
    clock.pass_time(days=101)

    assert tidy(store).observations == 1
    assert tidy(store).observations == 0
    with store.read() as tx:
        assert scans.last_scan(tx, ACCOUNT.id) is not None


def test_without_a_limit_nothing_goes(store: Store, clock: StandingClock) -> None:
    ended(store, _S.DENIED)
    with store.write() as tx:
        observe(tx, seen("AKIA1"))
        observe(tx)
    clock.pass_time(days=10_000)

    assert tidy(store, Retention()) == Tidied()


def test_the_log_stays_whole_and_says_how_much_went(store: Store, clock: StandingClock) -> None:
    ended(store, _S.DENIED)
    clock.pass_time(days=101)
    before = count(store, "audit")

    tidy(store)
    tidy(store)

    with store.read() as tx:
        assert audit.verify(tx).ok
        (event,) = audit.events(tx, limit=1)
    assert (event.event, event.actor, event.data) == (
        "database.tidied",
        str(HOUSEKEEPING),
        {"proposals": 1},
    )
    assert count(store, "audit") == before + 1, "and says nothing where nothing went"


@pytest.mark.parametrize("table", ["decision", "step_event"])
def test_afterwards_rows_cant_be_removed_again(
    store: Store, clock: StandingClock, table: str
) -> None:
    ended(store, _S.DENIED, "AKIA1")
    clock.pass_time(days=101)
    tidy(store)
    ended(store, _S.DENIED, "AKIA2")
    clock.pass_time(days=99)
    tidy(store)

    assert count(store, "decision") == 1
    with store.read() as tx:
        opened = tx.connection.execute(select(tables.housekeeping.c.older_than)).scalar()
    assert opened is None
    with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
        tx.connection.execute(text("DELETE FROM decision"))


def settle(bench: Bench, record: ExecutionRecord) -> None:
    """A person closes what Locksmith could not."""
    assert record.state is _S.NEEDS_HUMAN
    with bench.store.write() as tx:
        proposals.move(
            tx,
            record.proposal_id,
            expected=_S.NEEDS_HUMAN,
            to=_S.CANCELLED,
            why="settled",
            actor=ALICE,
        )


class TestWhatCanBeUndone:
    """What was done, on a simulated account."""

    def test_it_stays_and_can_be_undone_then(self, bench: Bench, carols_key: str) -> None:
        record = bench.apply(plan(deactivate_key("carol", carols_key)))
        bench.clock.pass_time(days=3650)

        assert tidy(bench.store).proposals == 0
        assert bench.undo(record).state is _S.DONE
        assert bench.key_status("carol") == "Active"

    def test_what_was_undone_stays_with_its_undo(self, bench: Bench, carols_key: str) -> None:
        bench.undo(bench.apply(plan(deactivate_key("carol", carols_key))))
        bench.clock.pass_time(days=3650)

        assert tidy(bench.store).proposals == 0

    def test_an_undo_without_a_way_back_stays_with_what_it_undid(self, bench: Bench) -> None:
        arn = bench.account.policy("wide", allow("s3:*"))
        narrow = new_version(arn, json.dumps(allow("s3:GetObject")), "v1")
        bench.undo(bench.apply(plan(narrow)))
        bench.clock.pass_time(days=3650)

        assert tidy(bench.store).proposals == 0

    def test_the_half_that_holds_of_what_a_person_settled_stays(self, bench: Bench) -> None:
        """Its undo is possible still, though its proposal has ended."""
        bench.account.attach(BILLING, user="carol")
        bench.cloud.fault("iam:DetachUserPolicy", "error:AccessDenied")
        record = bench.apply(two_steps())
        settle(bench, record)
        bench.clock.pass_time(days=3650)

        assert tidy(bench.store).proposals == 0

    def test_what_nobody_could_tell_stays(self, bench: Bench) -> None:
        arn = bench.account.policy("wide", allow("s3:*"))
        bench.cloud.fault("iam:CreatePolicyVersion", "drop_after")
        bench.apply(plan(new_version(arn, json.dumps(allow("s3:GetObject")), "v1")))
        (record,) = recover(bench.executor(), HERE, ALICE)
        settle(bench, record)
        bench.clock.pass_time(days=3650)

        assert tidy(bench.store).proposals == 0

    def test_what_someone_asks_to_take_back_stays(
        self, bench: Bench, carols_key: str, cloud: SimulatedAccount
    ) -> None:
        cloud.client().update_access_key(
            UserName="carol", AccessKeyId=carols_key, Status="Inactive"
        )
        record = bench.apply(plan(delete_key("carol", carols_key)))
        bench.propose(Manual(HERE, "AKIA", "no way back", ("Make one",)), undoes=record.id)
        bench.clock.pass_time(days=101)

        assert tidy(bench.store).proposals == 0

    def test_what_has_no_way_back_goes(
        self, bench: Bench, carols_key: str, cloud: SimulatedAccount
    ) -> None:
        cloud.client().update_access_key(
            UserName="carol", AccessKeyId=carols_key, Status="Inactive"
        )
        record = bench.apply(plan(delete_key("carol", carols_key)))
        assert record.state is _S.DONE
        bench.clock.pass_time(days=101)

        assert tidy(bench.store).proposals == 1
        for table in ("proposal", "execution", "step_event", "decision"):
            assert count(bench.store, table) == 0, table

    def test_what_left_nothing_goes(self, bench: Bench, carols_key: str) -> None:
        bench.cloud.fault("iam:UpdateAccessKey", "error:AccessDenied")
        record = bench.apply(plan(deactivate_key("carol", carols_key)))
        assert record.state is _S.FAILED
        bench.clock.pass_time(days=101)

        assert tidy(bench.store).proposals == 1

    def test_by_hand_goes(self, bench: Bench) -> None:
        manual = Manual(ACCOUNT, "root", "no API", ("Sign in",))
        proposal_id = bench.propose(manual)
        with bench.store.write() as tx:
            proposals.move(
                tx, proposal_id, expected=_S.PROPOSED, to=_S.DONE, why="seen", actor=ALICE
            )
        bench.clock.pass_time(days=101)

        assert tidy(bench.store).proposals == 1
