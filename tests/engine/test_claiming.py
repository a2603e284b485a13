"""What stops a plan before anything is written: decisions, stored rows, other processes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.engine.attempt import account_lease
from bot.engine.undoing import undo_plan
from bot.errors import (
    LostRaceError,
    NotFoundError,
    ProtectedError,
    RefusedError,
    StaleError,
)
from bot.model import (
    Account,
    Decision,
    Manual,
    Outcome,
    Plan,
    ProposalRecord,
    ProposalState,
    Protection,
    Verdict,
)
from bot.store import leases
from bot.store.columns import to_json
from tests.engine.bench import ALICE, Bench, do_at
from tests.engine.plans import (
    ACCOUNT,
    deactivate_key,
    delete_key,
    plan,
)


def test_a_key_used_since_makes_the_plan_stale(bench: Bench, carols_key: str) -> None:
    """Nothing is written, and the proposal says why and what was seen."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.account.use_key(carols_key, at=bench.account.ago(minutes=12))
    with pytest.raises(StaleError, match="the key was used since"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    stale = bench.proposal(proposal_id)
    assert stale.state is ProposalState.STALE
    assert "2026-11-24T11:48:00Z" in stale.why
    assert bench.execution(proposal_id).steps == ()


def test_a_world_that_drifted_makes_the_plan_stale(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.cloud.client().update_access_key(
        UserName="carol", AccessKeyId=carols_key, Status="Inactive"
    )
    bench.cloud.calls.clear()
    with pytest.raises(StaleError, match="not active any more"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_a_user_made_anew_under_the_same_name_makes_the_plan_stale(
    bench: Bench, carols_key: str
) -> None:
    """Names are reused, unique ids never are."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    iam_client = bench.cloud.client()
    iam_client.delete_access_key(UserName="carol", AccessKeyId=carols_key)
    iam_client.delete_user(UserName="carol")
    bench.account.user("carol")
    bench.account.key("carol")
    bench.cloud.calls.clear()
    with pytest.raises(StaleError):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        pytest.param("plan", ('"value":45', '"value":0'), "plan has the digest", id="plan"),
        pytest.param(
            "plan", ('"risk":"reversible"', '"risk":"disruptive"'), "plan has the digest", id="risk"
        ),
        pytest.param("digest", "sha256:" + "0" * 64, "stored plan has the digest", id="digest"),
    ],
)
def test_a_row_changed_after_the_approval_is_never_carried_out(
    bench: Bench, carols_key: str, column: str, value: str | tuple[str, str], said: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with bench.store.engine.begin() as connection:
        if isinstance(value, tuple):
            stored = connection.execute(
                text("SELECT plan FROM proposal WHERE id = :id"), {"id": proposal_id}
            ).scalar_one()
            assert value[0] in stored
            value = stored.replace(*value)
        connection.execute(
            text(f"UPDATE proposal SET {column} = :value WHERE id = :id"),  # noqa: S608 - a column of this test
            {"value": value, "id": proposal_id},
        )
    with pytest.raises(StaleError, match=said):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.STALE


def test_a_row_whose_plan_and_digest_were_both_changed_lacks_its_approval(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    other = plan(delete_key("carol", carols_key))
    with bench.store.engine.begin() as connection:
        text_of = bench.propose(replace(other, subject="elsewhere"))
        stored = connection.execute(
            text("SELECT plan, digest FROM proposal WHERE id = :id"), {"id": text_of}
        ).one()
        connection.execute(
            text("UPDATE proposal SET plan = :plan, digest = :digest WHERE id = :id"),
            {"plan": stored.plan, "digest": stored.digest, "id": proposal_id},
        )
    with pytest.raises(StaleError, match="approved is another one"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_an_undo_of_what_a_changed_row_says_was_done_is_not_carried_out(
    bench: Bench, carols_key: str
) -> None:
    """Its plan may be the true inverse of that row: the row is not what was approved."""
    done = bench.apply(plan(deactivate_key("carol", carols_key)))
    original = bench.proposal(done.proposal_id).plan
    assert isinstance(original, Plan)
    [step] = original.steps
    other = replace(original, steps=(replace(step, before=step.before[:1]),))
    inverse = undo_plan(done, other)
    assert isinstance(inverse, Plan)
    undo_id = bench.approved(inverse, undoes=done.id)
    with bench.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE proposal SET plan = :plan, digest = :digest WHERE id = :id"),
            {"plan": to_json(other.data()), "digest": other.digest(), "id": done.proposal_id},
        )
    with pytest.raises(StaleError, match="can't be told any more"):
        bench.executor().apply(undo_id, ALICE)
    assert bench.writes() == ["UpdateAccessKey"]


def test_nobody_approved_means_nothing_happens(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.propose(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(RefusedError, match="nobody has approved it"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.PROPOSED


def test_a_done_proposal_is_not_done_again(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(LostRaceError, match="is done already"):
        bench.executor().apply(record.proposal_id, ALICE)
    assert bench.writes() == ["UpdateAccessKey"]


def test_advice_is_not_carried_out(bench: Bench) -> None:
    advice = Manual(ACCOUNT, "root", "AWS gives no API", ("Sign in",))
    proposal_id = bench.propose(advice)
    with pytest.raises(RefusedError, match="made by hand"):
        bench.executor().apply(proposal_id, ALICE)


def test_an_unknown_proposal_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        bench.executor().apply("p-nothing", ALICE)


def test_another_accounts_plan_is_left_as_it_is(bench: Bench, carols_key: str) -> None:
    """The caller has the wrong credentials; the approval still stands for the right ones."""
    foreign = Account("999999999999")
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key), account=foreign))
    with pytest.raises(StaleError, match="about account 999999999999"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED


def test_a_protected_identity_blocks_the_plan(bench: Bench, carols_key: str) -> None:
    bench.protection = Protection(break_glass=("arn:aws:iam::*:user/carol",))
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(ProtectedError, match="break-glass"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.BLOCKED


@pytest.mark.parametrize("label", ["claimed", "before-intent"])
def test_a_denial_wins_until_the_first_intent(bench: Bench, carols_key: str, label: str) -> None:
    """The decisions are judged again in the transaction that writes the intent."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(label, lambda: bench.decide(proposal_id, Verdict.DENY, None))
    )
    with pytest.raises(RefusedError, match="denied it"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.DENIED
    looked = bool(bench.cloud.calls.counts)
    assert looked is (label == "before-intent"), "what was denied is not even looked at"


def test_an_approver_who_may_no_more_carries_nothing(bench: Bench, carols_key: str) -> None:
    """Who approved is looked up again before anything is read of AWS, in no transaction."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor()

    def gone(_proposal: ProposalRecord, decisions: Sequence[Decision]) -> str:
        with bench.store.write():
            return f"{decisions[0].actor} is deactivated"

    executor.ports = replace(executor.ports, recheck=gone)
    with pytest.raises(StaleError, match="is deactivated"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert not bench.cloud.calls.counts
    assert bench.proposal(proposal_id).state is ProposalState.STALE


def test_a_denial_before_the_claim_wins(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at(
            "leased", lambda: bench.decide(proposal_id, Verdict.DENY, ProposalState.DENIED)
        )
    )
    with pytest.raises(LostRaceError, match="is denied already"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_while_another_process_holds_the_account_nothing_starts(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    other = bench.executor(holder="elsewhere/7/1").ports
    with (
        account_lease(other, ACCOUNT.id),
        pytest.raises(LostRaceError, match="being changed by elsewhere/7/1"),
    ):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED


def test_a_process_that_slept_through_its_lease_sends_nothing(
    bench: Bench, carols_key: str
) -> None:
    """Stopped between intent and call, then woken: another one has taken the account over."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))

    def rival() -> None:
        bench.clock.pass_time(minutes=10)
        with bench.store.write() as tx:
            leases.acquire(tx, ACCOUNT.id, "elsewhere/7/1", bench.executor().ports.lease_time)

    executor = bench.executor(yield_point=do_at("after-intent", rival))
    with pytest.raises(LostRaceError, match="elsewhere/7/1 holds it now"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.execution(proposal_id).steps[0].outcome is Outcome.INTENDED


def test_a_lease_that_ran_out_sends_nothing_either(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(
        yield_point=do_at("after-intent", lambda: bench.clock.pass_time(minutes=10))
    )
    with pytest.raises(LostRaceError, match="ran out"):
        executor.apply(proposal_id, ALICE)
    assert bench.sent() == []


def test_what_cant_be_read_before_the_first_step_leaves_the_approval(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    bench.cloud.fault("iam:GetAccessKeyLastUsed", "error:AccessDenied")
    with pytest.raises(Exception, match="GetAccessKeyLastUsed failed: AccessDenied"):
        bench.executor().apply(proposal_id, ALICE)
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE
