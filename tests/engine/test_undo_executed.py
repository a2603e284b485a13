"""Undo, carried out: it restores exactly, and refuses where anyone changed the thing since."""

from typing import Any

import pytest

from bot.errors import (
    StaleError,
)
from bot.model import (
    ProposalState,
)
from tests.engine.bench import ALICE, Bench
from tests.engine.plans import (
    BILLING,
    deactivate_key,
    delete_key,
    plan,
    two_steps,
)


def test_undo_restores_exactly_and_marks_the_original(bench: Bench, carols_key: str) -> None:
    bench.account.attach(BILLING, user="carol")
    before = _everything(bench)
    record = bench.apply(
        plan(deactivate_key("carol", carols_key), *two_steps().steps, subject="AIDA/all")
    )
    assert record.state is ProposalState.DONE
    assert _everything(bench) != before
    undone = bench.undo(record)
    assert undone.state is ProposalState.DONE
    assert _everything(bench) == before
    assert bench.execution(record.proposal_id).undone_by == undone.id


def test_undo_is_refused_once_anyone_changed_the_thing(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    client = bench.cloud.client()
    client.delete_access_key(UserName="carol", AccessKeyId=carols_key)
    bench.cloud.calls.clear()
    with pytest.raises(StaleError):
        bench.undo(record)
    assert bench.sent() == []
    assert bench.execution(record.proposal_id).undone_by is None


def test_an_undo_that_isnt_the_inverse_is_never_carried_out(bench: Bench, carols_key: str) -> None:
    """An undo may remove what Locksmith placed, so it must be exactly the way back."""
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    bench.cloud.calls.clear()
    other = plan(delete_key("carol", carols_key), subject="AIDA/other")
    proposal_id = bench.approved(other, undoes=record.id)
    with pytest.raises(StaleError, match=f"not the undo of {record.id}"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_the_same_execution_is_not_undone_twice(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    bench.undo(record)
    with pytest.raises(StaleError, match="undone already"):
        bench.undo(record)


def _everything(bench: Bench) -> Any:
    """The account as IAM itself describes it, past our own reading."""
    client = bench.cloud.client()
    details = client.get_account_authorization_details()
    keys = [
        client.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
        for user in details["UserDetailList"]
    ]
    del details["ResponseMetadata"]
    for part in details.values():
        if isinstance(part, list):
            for item in part:
                item.get("AttachedManagedPolicies", []).sort(key=str)
    return details, keys
