"""Interrupts and full disks: nothing is claimed that the journal can't prove."""

import pytest
from sqlalchemy import text

from bot.engine.recovery import recover
from bot.model import (
    Outcome,
    ProposalState,
)
from tests.engine.bench import ALICE, Bench, Crash, crash_at, do_at
from tests.engine.plans import (
    ACCOUNT,
    deactivate_key,
    plan,
)


@pytest.mark.parametrize("label", ["claimed", "before-intent"])
def test_an_interrupt_before_the_intent_gives_the_claim_back(
    bench: Bench, carols_key: str, label: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE


@pytest.mark.parametrize("label", ["after-intent", "after-call", "after-answer", "before-done"])
def test_an_interrupt_after_the_intent_claims_nothing(
    bench: Bench, carols_key: str, label: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at(label)).apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state in (
        ProposalState.EXECUTING,
        ProposalState.VERIFYING,
    )
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    applied = label != "after-intent"
    assert settled.state is (ProposalState.DONE if applied else ProposalState.FAILED)
    assert len(bench.writes()) == applied


def fill_the_disk(bench: Bench) -> None:
    """From now on the journal takes nothing: the database says that it is full."""
    _execute(
        bench,
        sqlite="CREATE TRIGGER full_disk BEFORE INSERT ON step_event "
        "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
        postgres="CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'database or disk is full'; END $$; "
        "CREATE TRIGGER full_disk BEFORE INSERT ON step_event EXECUTE FUNCTION full_disk()",
    )


def make_room(bench: Bench) -> None:
    """The journal takes entries again."""
    _execute(
        bench,
        sqlite="DROP TRIGGER full_disk",
        postgres="DROP TRIGGER full_disk ON step_event",
    )


def _execute(bench: Bench, *, sqlite: str, postgres: str) -> None:
    with bench.store.engine.begin() as connection:
        statement = sqlite if connection.dialect.name == "sqlite" else postgres
        connection.execute(text(statement))


def test_a_database_that_takes_nothing_after_the_call_claims_nothing(
    bench: Bench, carols_key: str
) -> None:
    """The answer can't be written down: the journal still has the intent, and a look settles it."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(yield_point=do_at("after-call", lambda: fill_the_disk(bench)))
    with pytest.raises(Exception, match="full"):
        executor.apply(proposal_id, ALICE)
    assert bench.execution(proposal_id).steps[0].outcome is Outcome.INTENDED
    assert bench.proposal(proposal_id).state is ProposalState.EXECUTING
    make_room(bench)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is ProposalState.DONE
    assert bench.sent() == ["UpdateAccessKey"]


def test_no_intent_on_disk_means_no_call(bench: Bench, carols_key: str) -> None:
    """Nothing was sent, so the approval stands; with room again the plan is carried out."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    fill_the_disk(bench)
    with pytest.raises(Exception, match="full"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    make_room(bench)
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE
