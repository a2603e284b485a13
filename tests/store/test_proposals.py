"""Proposals: one question per subject, and moves that one of many wins."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import LostRaceError, NotFoundError, PlanError
from bot.model import MOVES, Manual, Origin, Plan, ProposalState
from bot.store import accounts, audit, proposals
from bot.store.database import Store
from bot.store.proposals import Move
from tests.conftest import NOON, StandingClock
from tests.store.samples import (
    ACCOUNT,
    ALICE,
    BOB,
    OTHER_ACCOUNT,
    approve,
    manual,
    move,
    observe,
    only,
    plan,
    propose,
    question,
    seen,
)

S = ProposalState
_PATHS: dict[ProposalState, tuple[ProposalState, ...]] = {
    S.PROPOSED: (),
    S.PENDING: (S.PENDING,),
    S.APPROVED: (S.APPROVED,),
    S.EXECUTING: (S.APPROVED, S.EXECUTING),
    S.VERIFYING: (S.APPROVED, S.EXECUTING, S.VERIFYING),
    S.UNKNOWN: (S.APPROVED, S.EXECUTING, S.UNKNOWN),
    S.NEEDS_HUMAN: (S.APPROVED, S.EXECUTING, S.NEEDS_HUMAN),
    S.DONE: (S.DONE,),
    S.BLOCKED: (S.BLOCKED,),
    S.DENIED: (S.DENIED,),
    S.SNOOZED: (S.SNOOZED,),
    S.EXPIRED: (S.EXPIRED,),
    S.STALE: (S.STALE,),
    S.CANCELLED: (S.CANCELLED,),
    S.FAILED: (S.APPROVED, S.EXECUTING, S.FAILED),
}


class TestProposing:
    def test_comes_back_as_it_was_made(self, store: Store) -> None:
        with store.write() as tx:
            finding_id = only(observe(tx, seen())).id
            new = replace(question(finding_id=finding_id), asked_before=2)
            (made,) = proposals.propose_many(tx, [new], ALICE)

        with store.read() as tx:
            read = proposals.get_proposal(tx, made.id)
            event = audit.events(tx)[-1]
        assert read == made
        assert read.id.startswith("p-")
        assert (read.state, read.asked_before) == (S.PROPOSED, 2)
        assert read.created_at == read.changed_at == NOON
        assert isinstance(read.plan, Plan)
        assert read.plan.digest() == read.digest == plan().digest()
        assert (event.event, event.subject) == ("proposal.proposed", made.id)
        assert event.data["digest"] == made.digest

    def test_advice_comes_back_too(self, store: Store) -> None:
        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            (made,) = proposals.propose_many(tx, [question("root", of=manual())], ALICE)

        with store.read() as tx:
            read = proposals.get_proposal(tx, made.id)
        assert read == made
        assert isinstance(read.plan, Manual)
        assert read.digest == manual().digest()

    def test_a_plan_that_was_changed_in_the_database_cannot_be_read(self, store: Store) -> None:
        with store.write() as tx:
            made = propose(tx)
            tx.connection.execute(text("UPDATE proposal SET plan = '{}'"))

        with pytest.raises(PlanError, match="can't be read"), store.read() as tx:
            proposals.get_proposal(tx, made.id)

    def test_a_plan_with_the_very_same_text_is_not_read_again(self, store: Store) -> None:
        """The digest alone doesn't do: what people were told is not in it."""
        with store.write() as tx:
            made = propose(tx)
        same = plan(made.subject)
        told_otherwise = replace(same, summary="other words")
        assert same.digest() == told_otherwise.digest() == made.digest

        for alike in (same, told_otherwise):
            with store.read() as tx:
                tx.made = {made.digest: alike}
                read = proposals.get_proposal(tx, made.id).plan
            assert read == made.plan
            assert (read is alike) is (alike is same)

    def test_one_open_question_per_subject(self, store: Store) -> None:
        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            made = proposals.propose_many(
                tx, [question("AKIA1"), question("AKIA2"), question("AKIA1")], ALICE
            )
            again = proposals.propose_many(tx, [question("AKIA2"), question("AKIA3")], BOB)

        assert [record.subject for record in made] == ["AKIA1", "AKIA2"]
        assert [record.subject for record in again] == ["AKIA3"]

    @pytest.mark.parametrize("state", ProposalState, ids=str)
    def test_the_database_itself_refuses_a_second_open_one(
        self, sqlite_store: Store, state: ProposalState
    ) -> None:
        copied = text(
            "INSERT INTO proposal (id, account_id, subject, origin, state, digest, plan, control, "
            "created_at, changed_at, why, asked_before) SELECT 'p-second', account_id, subject, "
            "origin, :state, digest, plan, control, created_at, changed_at, why, 0 FROM proposal"
        )
        with sqlite_store.write() as tx:
            propose(tx)
            if not state.is_open:
                tx.connection.execute(copied, {"state": state.value})
                return
            with pytest.raises(IntegrityError):
                tx.connection.execute(copied, {"state": state.value})

    def test_the_server_refuses_it_too(self, store: Store) -> None:
        with store.write() as tx:
            first = propose(tx)
            ended = move(tx, first, S.DENIED)
            second = propose(tx)
        reopened = text("UPDATE proposal SET state = 'pending' WHERE id = :id")

        assert second.id != ended.id
        with pytest.raises(IntegrityError), store.write() as tx:
            tx.connection.execute(reopened, {"id": ended.id})


class TestLookingUp:
    def test_names_the_nearest_id(self, store: Store) -> None:
        with store.write() as tx:
            known = propose(tx).id

        with pytest.raises(NotFoundError) as caught, store.read() as tx:
            proposals.get_proposal(tx, known[:-1])

        assert known in caught.value.hint

    def test_the_open_one_and_the_latest_of_a_finding(self, store: Store) -> None:
        with store.write() as tx:
            finding_id = only(observe(tx, seen())).id
            accounts.ensure_account(tx, OTHER_ACCOUNT)
            asked = [question(finding_id=finding_id)]
            (first,) = proposals.propose_many(tx, asked, ALICE)
            first = move(tx, first, S.DENIED)
            assert proposals.open_proposal_for(tx, finding_id) is None
            assert proposals.latest_proposals(tx, ACCOUNT.id) == {finding_id: first}
            (second,) = proposals.propose_many(tx, asked, ALICE)
            no_finding = propose(tx, "command")

            assert proposals.open_proposal_for(tx, finding_id) == second
            assert proposals.latest_proposals(tx, ACCOUNT.id) == {finding_id: second}
            assert proposals.open_proposals(tx, ACCOUNT.id) == [second, no_finding]
            assert proposals.open_proposals(tx, OTHER_ACCOUNT.id) == []
            assert proposals.list_proposals(tx) == [first, second, no_finding]
            assert proposals.list_proposals(tx, state=S.DENIED) == [first]
            assert proposals.list_proposals(tx, account=OTHER_ACCOUNT.id) == []

    def test_an_undo_says_what_it_takes_back(self, store: Store) -> None:
        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            undo = replace(question(), origin=Origin.UNDO, undoes="x-abc")
            (made,) = proposals.propose_many(tx, [undo], ALICE)

            assert proposals.get_proposal(tx, made.id).undoes == "x-abc"


class TestMoving:
    def test_changes_state_and_log_together(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            made = propose(tx)
        clock.pass_time(hours=1)
        until = NOON + timedelta(days=3)

        with store.write() as tx:
            moved = proposals.move(
                tx,
                made.id,
                expected={S.PROPOSED, S.PENDING},
                to=S.SNOOZED,
                why="on holiday",
                actor=BOB,
                snoozed_until=until,
            )

        assert moved == replace(
            made, state=S.SNOOZED, changed_at=clock.now, why="on holiday", snoozed_until=until
        )
        with store.read() as tx:
            assert proposals.get_proposal(tx, made.id) == moved
            event = audit.events(tx)[-1]
        assert (event.event, event.actor, event.subject) == (
            "proposal.moved",
            "local:bob@desk",
            made.id,
        )
        assert event.data == {
            "from": "proposed",
            "to": "snoozed",
            "digest": made.digest,
            "why": "on holiday",
        }

    @pytest.mark.parametrize("state", ProposalState, ids=str)
    def test_only_moves_of_the_table(self, sqlite_store: Store, state: ProposalState) -> None:
        with sqlite_store.write() as tx:
            record = propose(tx)
            for step in _PATHS[state]:
                record = move(tx, record, step)
            assert record.state is state
            for to in set(ProposalState) - MOVES[state]:
                with pytest.raises(ValueError, match="there is no move"):
                    move(tx, record, to)

            assert proposals.get_proposal(tx, record.id) == record

    def test_every_move_of_the_table_can_be_made(self, sqlite_store: Store) -> None:
        for number, (state, to) in enumerate(product(ProposalState, ProposalState)):
            if to not in MOVES[state]:
                continue
            with sqlite_store.write() as tx:
                record = propose(tx, f"AKIA{number}")
                for step in _PATHS[state]:
                    record = move(tx, record, step)

                assert move(tx, record, to).state is to

    def test_from_nowhere_is_a_bug(self, store: Store) -> None:
        with store.write() as tx, pytest.raises(ValueError, match="from nowhere to done"):
            proposals.move(tx, "p-x", expected=(), to=S.DONE, why="", actor=ALICE)

    def test_the_loser_is_told_who_won(self, store: Store) -> None:
        with store.write() as tx:
            made = propose(tx)
            move(tx, made, S.DENIED, actor=BOB)

        with pytest.raises(LostRaceError) as caught, store.write() as tx:
            move(tx, made, S.APPROVED)

        assert str(caught.value) == (
            f"{made.id} is denied already: denied by local:bob@desk "
            "(local:bob@desk, 2026-11-24 12:00:00 UTC)"
        )

    def test_one_that_is_not_there(self, store: Store) -> None:
        with pytest.raises(NotFoundError), store.write() as tx:
            proposals.move(tx, "p-x", expected=S.PROPOSED, to=S.DENIED, why="", actor=ALICE)

    def test_many_at_once_or_none(self, store: Store) -> None:
        with store.write() as tx:
            first, second = propose(tx, "AKIA1"), propose(tx, "AKIA2")
            move(tx, second, S.DENIED)
        both = [Move(record.id, {S.PROPOSED}, S.STALE, "gone") for record in (first, second)]

        with pytest.raises(LostRaceError), store.write() as tx:
            proposals.move_many(tx, both, actor=ALICE)
        with store.read() as tx:
            assert proposals.get_proposal(tx, first.id) == first

        with store.write() as tx:
            (moved,) = proposals.move_many(tx, both[:1], actor=ALICE)
            assert proposals.move_many(tx, [], actor=ALICE) == []
        assert moved.state is S.STALE

    def test_each_row_is_swapped_from_the_state_it_was_read_in(self, store: Store) -> None:
        """The second move of the same proposal finds it changed, and takes the first along."""
        with store.write() as tx:
            made = propose(tx)
        twice = [Move(made.id, {S.PROPOSED}, to, "x") for to in (S.DENIED, S.APPROVED)]

        with pytest.raises(LostRaceError, match="at the same time"), store.write() as tx:
            proposals.move_many(tx, twice, actor=ALICE)

        with store.read() as tx:
            assert proposals.get_proposal(tx, made.id) == made

    def test_an_approval_as_the_service_makes_it(self, store: Store) -> None:
        with store.write() as tx:
            approved = approve(tx, propose(tx))

        assert approved.state is S.APPROVED
