"""Which plans stand: carried out to the end, with the operation asked about, and not taken back."""

import json
from datetime import timedelta

import pytest

from bot.model import ProposalState
from bot.store import executions
from bot.store.database import Store, Transaction
from bot.store.standing_plans import standing_plans
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, OTHER_ACCOUNT, approve, move, propose

S = ProposalState
KEYS = ("UpdateAccessKey", "DeleteAccessKey")


def carry_out(tx: Transaction, subject: str, end: ProposalState = S.DONE) -> str:
    """An execution that ended so."""
    proposal = move(tx, approve(tx, propose(tx, subject)), S.EXECUTING)
    execution = executions.start_execution(tx, proposal, ALICE)
    executions.finish_execution(tx, execution, end, "looked at")
    return execution


def subjects(store: Store, *operations: str, account: str = ACCOUNT.id) -> list[str]:
    with store.read() as tx:
        return [found[0] for found in standing_plans(tx, account, operations or KEYS)]


def test_they_come_oldest_first_with_their_plan_and_end(store: Store) -> None:
    with store.write() as tx:
        carry_out(tx, "AKIA1")
        carry_out(tx, "AKIA2")

    assert subjects(store) == ["AKIA1", "AKIA2"]
    with store.read() as tx:
        (_, plan, ended), _ = standing_plans(tx, ACCOUNT.id, KEYS)
    assert json.loads(plan)["steps"][0]["do"]["operation"] == "UpdateAccessKey"
    assert ended == NOON


def test_what_was_taken_back_or_is_about_something_else_is_none(store: Store) -> None:
    with store.write() as tx:
        taken_back, _ = carry_out(tx, "AKIA1"), carry_out(tx, "AKIA2")
        executions.mark_undone(tx, taken_back, carry_out(tx, "AKIA3"))

    assert subjects(store) == ["AKIA2", "AKIA3"]
    assert subjects(store, "PutUserPolicy") == []
    assert subjects(store, account=OTHER_ACCOUNT.id) == []


@pytest.mark.parametrize("end", [S.FAILED, S.STALE, S.NEEDS_HUMAN])
def test_what_did_not_end_well_is_none(store: Store, end: ProposalState) -> None:
    with store.write() as tx:
        carry_out(tx, "AKIA1", end)

    assert subjects(store) == []


def test_since_a_moment(store: Store, clock: StandingClock) -> None:
    with store.write() as tx:
        carry_out(tx, "AKIA1")
    clock.pass_time(hours=1)
    with store.write() as tx:
        carry_out(tx, "AKIA2")

    for wait, expected in ((0, ["AKIA1", "AKIA2"]), (1, ["AKIA2"]), (2, [])):
        with store.read() as tx:
            found = standing_plans(tx, ACCOUNT.id, KEYS, NOON + timedelta(hours=wait))
        assert [each[0] for each in found] == expected
