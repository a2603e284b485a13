"""Executions and their journal: intended before the call, settled after it."""

from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import LostRaceError, NotFoundError
from bot.model import ExecutionRecord, Outcome, ProposalState, StepRecord
from bot.store import audit, executions
from bot.store.database import Store, Transaction
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT, approve, move, propose

S = ProposalState
#: How an outcome can be reached.
_JOURNALS: dict[Outcome, tuple[Outcome, ...]] = {
    Outcome.INTENDED: (),
    Outcome.ANSWERED: (Outcome.ANSWERED,),
    Outcome.HOLDS: (Outcome.ANSWERED, Outcome.HOLDS),
    Outcome.NOT_APPLIED: (Outcome.NOT_APPLIED,),
    Outcome.UNKNOWN: (Outcome.UNKNOWN,),
}
_MAY_FOLLOW = {
    Outcome.INTENDED: {Outcome.ANSWERED, Outcome.HOLDS, Outcome.NOT_APPLIED, Outcome.UNKNOWN},
    Outcome.ANSWERED: {Outcome.HOLDS, Outcome.NOT_APPLIED, Outcome.UNKNOWN},
    Outcome.UNKNOWN: {Outcome.HOLDS, Outcome.NOT_APPLIED, Outcome.UNKNOWN},
    Outcome.HOLDS: set(),
    Outcome.NOT_APPLIED: set(),
}


def start(tx: Transaction, subject: str = "AKIA1") -> str:
    proposal = move(tx, approve(tx, propose(tx, subject)), S.EXECUTING)
    return executions.start_execution(tx, proposal, ALICE)


def get(store: Store, execution_id: str) -> ExecutionRecord:
    with store.read() as tx:
        return executions.get_execution(tx, execution_id)


class TestJournal:
    def test_adds_up_to_what_is_known_of_each_step(
        self, store: Store, clock: StandingClock
    ) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "create", {"groups": ["a", None]})
        clock.pass_time(seconds=1)
        with store.write() as tx:
            executions.settle_step(
                tx, execution_id, 0, Outcome.ANSWERED, request_id="req-1", outputs={"id": "AGPA1"}
            )
        clock.pass_time(seconds=2)
        with store.write() as tx:
            executions.settle_step(tx, execution_id, 0, Outcome.HOLDS)
            executions.intend(tx, execution_id, 1, "attach", None)
            executions.settle_step(tx, execution_id, 1, Outcome.NOT_APPLIED, error="AccessDenied")

        record = get(store, execution_id)
        assert record.steps == (
            StepRecord(
                index=0,
                name="create",
                outcome=Outcome.HOLDS,
                intended_at=NOON,
                settled_at=clock.now,
                request_id="req-1",
                seen_before={"groups": ["a", None]},
                outputs={"id": "AGPA1"},
            ),
            StepRecord(
                index=1,
                name="attach",
                outcome=Outcome.NOT_APPLIED,
                intended_at=clock.now,
                settled_at=clock.now,
                error="AccessDenied",
            ),
        )

    def test_every_entry_is_an_event(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "create", {})
            executions.settle_step(tx, execution_id, 0, Outcome.UNKNOWN, error="timed out")
            executions.settle_step(tx, execution_id, 0, Outcome.NOT_APPLIED)
            executions.intend(tx, execution_id, 1, "attach", {})
            executions.settle_step(tx, execution_id, 1, Outcome.ANSWERED, request_id="req-2")
            executions.settle_step(tx, execution_id, 1, Outcome.HOLDS)

        with store.read() as tx:
            events = audit.events(tx, subject=execution_id)
        assert [event.event for event in events] == [
            "execution.started",
            "step.intended",
            "step.unknown",
            "step.not-applied",
            "step.intended",
            "step.answered",
            "step.holds",
        ]
        assert events[5].data["request_id"] == "req-2"
        assert {event.actor for event in events} == {"local:alice@desk"}

    def test_a_write_is_tried_once(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "create", {})
            with pytest.raises(ValueError, match="was intended before"):
                executions.intend(tx, execution_id, 0, "create", {})

    def test_the_database_itself_refuses_a_second_intent(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "create", {})
        again = text(
            "INSERT INTO step_event (execution_id, step, name, outcome, at) "
            "SELECT execution_id, step, name, outcome, at FROM step_event"
        )

        with pytest.raises(IntegrityError), store.write() as tx:
            tx.connection.execute(again)

    def test_what_came_too_early_is_sent_again_each_time_with_an_intent_of_its_own(
        self, store: Store, clock: StandingClock
    ) -> None:
        """The step is what came of the last sending; the newest error tells of those before."""
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "give", {"role": None})
            executions.settle_step(
                tx, execution_id, 0, Outcome.NOT_APPLIED, request_id="req-1", error="too early"
            )
        clock.pass_time(seconds=5)
        with store.write() as tx:
            executions.intend(tx, execution_id, 0, "give", {"role": "r"}, again=True)
        (step,) = get(store, execution_id).steps

        assert step == StepRecord(
            index=0,
            name="give",
            outcome=Outcome.INTENDED,
            intended_at=clock.now,
            error="too early",
            seen_before={"role": "r"},
        )
        with store.write() as tx:
            executions.settle_step(tx, execution_id, 0, Outcome.ANSWERED, request_id="req-2")
        (step,) = get(store, execution_id).steps
        assert (step.outcome, step.request_id) == (Outcome.ANSWERED, "req-2")

    @pytest.mark.parametrize("last", [None, *(each for each in Outcome if each != "not applied")])
    def test_nothing_else_is_sent_again(self, sqlite_store: Store, last: Outcome | None) -> None:
        with sqlite_store.write() as tx:
            execution_id = start(tx)
            if last is not None:
                executions.intend(tx, execution_id, 0, "give", {})
                for outcome in _JOURNALS[last]:
                    executions.settle_step(tx, execution_id, 0, outcome)

            with pytest.raises(ValueError, match="can't be sent again after"):
                executions.intend(tx, execution_id, 0, "give", {}, again=True)

    def test_an_entry_of_the_release_before_is_of_the_first_sending(self, store: Store) -> None:
        """It doesn't know that there can be more."""
        with store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "give", {})
            tx.connection.execute(
                text(
                    "INSERT INTO step_event (execution_id, step, name, outcome, at, error) "
                    "SELECT execution_id, step, name, 'not applied', at, 'no' FROM step_event"
                )
            )
        (step,) = get(store, execution_id).steps

        assert (step.outcome, step.error) == (Outcome.NOT_APPLIED, "no")

    @pytest.mark.parametrize(("last", "following"), list(product(Outcome, Outcome)), ids=str)
    def test_goes_on_only_as_knowledge_grows(
        self, sqlite_store: Store, last: Outcome, following: Outcome
    ) -> None:
        with sqlite_store.write() as tx:
            execution_id = start(tx)
            executions.intend(tx, execution_id, 0, "create", {})
            for outcome in _JOURNALS[last]:
                executions.settle_step(tx, execution_id, 0, outcome)

            if following in _MAY_FOLLOW[last]:
                executions.settle_step(tx, execution_id, 0, following)
                (step,) = executions.get_execution(tx, execution_id).steps
                assert step.outcome is following
            else:
                with pytest.raises(ValueError, match=f"can't be {following} after {last}"):
                    executions.settle_step(tx, execution_id, 0, following)

    def test_nothing_is_settled_that_was_not_intended(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            with pytest.raises(ValueError, match="after nothing"):
                executions.settle_step(tx, execution_id, 0, Outcome.HOLDS)

    def test_needs_an_execution(self, store: Store) -> None:
        with store.write() as tx, pytest.raises(NotFoundError):
            executions.intend(tx, "x-none", 0, "create", {})


class TestExecution:
    def test_starts(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)

        record = get(store, execution_id)
        assert execution_id.startswith("x-")
        assert record == ExecutionRecord(
            id=execution_id,
            proposal_id=record.proposal_id,
            account=ACCOUNT,
            actor=ALICE,
            started_at=NOON,
            finished_at=None,
            state=S.EXECUTING,
            why="",
        )

    def test_one_claim_at_a_time(self, store: Store) -> None:
        with store.write() as tx:
            proposal = move(tx, approve(tx, propose(tx)), S.EXECUTING)
            first = executions.start_execution(tx, proposal, ALICE)
            with pytest.raises(LostRaceError, match=f"carried out already, as {first}"):
                executions.start_execution(tx, proposal, BOB)
            executions.finish_execution(tx, first, S.APPROVED, "nothing was sent")

            second = executions.start_execution(tx, proposal, BOB)

            newest = executions.execution_of(tx, proposal.id)
        assert newest is not None
        assert newest.id == second != first

    def test_the_database_itself_refuses_a_second_claim(self, store: Store) -> None:
        with store.write() as tx:
            start(tx)
        again = text(
            "INSERT INTO execution (id, proposal_id, account_id, actor_kind, actor, started_at, "
            "state, why) SELECT 'x-second', proposal_id, account_id, actor_kind, actor, "
            "started_at, state, why FROM execution"
        )

        with pytest.raises(IntegrityError), store.write() as tx:
            tx.connection.execute(again)

    def test_ends_once(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            execution_id = start(tx)
        clock.pass_time(minutes=1)

        with store.write() as tx:
            ended = executions.finish_execution(tx, execution_id, S.DONE, "seen", actor=BOB)
            event = audit.events(tx)[-1]

        assert (ended.state, ended.finished_at, ended.why) == (S.DONE, clock.now, "seen")
        assert (event.event, event.actor) == ("execution.finished", "local:bob@desk")
        with pytest.raises(LostRaceError, match="is done already: seen"), store.write() as tx:
            executions.finish_execution(tx, execution_id, S.FAILED, "")

    def test_an_unknown_end_is_one_for_now(self, store: Store) -> None:
        with store.write() as tx:
            execution_id = start(tx)
            executions.finish_execution(tx, execution_id, S.UNKNOWN, "the answer was lost")
            assert [each.id for each in executions.unfinished(tx, ACCOUNT.id)] == [execution_id]

            executions.finish_execution(tx, execution_id, S.DONE, "a later look found it done")

            assert executions.unfinished(tx, ACCOUNT.id) == []

    def test_lists_the_newest_first(self, store: Store) -> None:
        with store.write() as tx:
            first, second = start(tx, "AKIA1"), start(tx, "AKIA2")
            executions.intend(tx, first, 0, "create", {})
            executions.finish_execution(tx, second, S.STALE, "used since")

            listed = executions.list_executions(tx)
            assert [each.id for each in listed] == [second, first]
            assert [len(each.steps) for each in listed] == [0, 1]
            assert [each.id for each in executions.unfinished(tx, ACCOUNT.id)] == [first]
            assert executions.unfinished(tx, OTHER_ACCOUNT.id) == []
            assert executions.list_executions(tx, account=OTHER_ACCOUNT.id) == []

    def test_names_the_nearest_id(self, store: Store) -> None:
        with store.write() as tx:
            known = start(tx)

        with pytest.raises(NotFoundError) as caught, store.read() as tx:
            executions.get_execution(tx, known[:-1])

        assert known in caught.value.hint

    def test_of_a_proposal_that_was_never_claimed(self, store: Store) -> None:
        with store.write() as tx:
            assert executions.execution_of(tx, propose(tx).id) is None


class TestUndone:
    def test_is_marked_by_the_undoing_one(self, store: Store) -> None:
        with store.write() as tx:
            original, undoing = start(tx, "AKIA1"), start(tx, "AKIA2")
            executions.mark_undone(tx, original, undoing)
            executions.mark_undone(tx, original, undoing)
            event = audit.events(tx)[-1]

        assert get(store, original).undone_by == undoing
        assert (event.event, event.subject) == ("execution.undone", original)
        assert event.data["by"] == undoing

    def test_happens_once(self, store: Store) -> None:
        with store.write() as tx:
            original, first, second = (start(tx, f"AKIA{number}") for number in range(3))
            executions.mark_undone(tx, original, first)
            with pytest.raises(LostRaceError, match=f"undone already by {first}"):
                executions.mark_undone(tx, original, second)
