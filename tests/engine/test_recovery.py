"""Recovery: settles what was left open by looking, writes nothing to AWS, and may be repeated."""

import pytest
from sqlalchemy import text

from bot.engine.attempt import account_lease
from bot.engine.recovery import recover
from bot.model import Outcome, ProposalState, Verdict
from bot.store import audit
from tests.engine.bench import ALICE, Bench, Crash, crash_at
from tests.engine.plans import ACCOUNT, BILLING, READ_ONLY, attach, deactivate_key, detach, plan

_S = ProposalState


def interrupted(bench: Bench, label: str, nth: int = 1) -> str:
    """A two-step execution that ended at a place; returns its proposal."""
    bench.account.attach(BILLING, user="carol")
    made = plan(attach("user", "carol", READ_ONLY), detach("user", "carol", BILLING))
    proposal_id = bench.approved(made)
    left = [nth]

    def yield_point(here: str) -> None:
        if here == label:
            left[0] -= 1
            if left[0] == 0:
                raise Crash(label)

    with pytest.raises(Crash):
        bench.executor(yield_point=yield_point).apply(proposal_id, ALICE)
    return proposal_id


@pytest.mark.parametrize(
    ("label", "nth", "state", "outcomes"),
    [
        pytest.param("after-intent", 1, _S.FAILED, [Outcome.NOT_APPLIED], id="first not sent"),
        pytest.param("after-call", 1, _S.NEEDS_HUMAN, [Outcome.HOLDS], id="first sent"),
        pytest.param("after-settled", 1, _S.NEEDS_HUMAN, [Outcome.HOLDS], id="between them"),
        pytest.param(
            "after-intent",
            2,
            _S.NEEDS_HUMAN,
            [Outcome.HOLDS, Outcome.NOT_APPLIED],
            id="second not sent",
        ),
        pytest.param("after-call", 2, _S.DONE, [Outcome.HOLDS] * 2, id="second sent"),
        pytest.param("after-answer", 2, _S.DONE, [Outcome.HOLDS] * 2, id="second answered"),
        pytest.param("before-done", 1, _S.DONE, [Outcome.HOLDS] * 2, id="all but said"),
    ],
)
def test_each_place_of_an_interrupt_is_settled_by_looking(
    bench: Bench, label: str, nth: int, state: _S, outcomes: list[Outcome]
) -> None:
    proposal_id = interrupted(bench, label, nth)
    sent = bench.sent()
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is state
    assert [step.outcome for step in settled.steps] == outcomes
    assert bench.proposal(proposal_id).state is state
    assert bench.sent() == sent, "recovery writes nothing to AWS"
    assert recover(bench.executor(), ACCOUNT, ALICE) == [], "and settles once"


def test_a_claim_without_intent_goes_back_to_approved(bench: Bench, carols_key: str) -> None:
    """Nothing was sent, so the approval still stands; here the claim was left by a kill."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(yield_point=crash_at("before-intent"))
    with bench.store.engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    with pytest.raises(Crash):
        executor.apply(proposal_id, ALICE)
    _forget_the_return(bench, proposal_id)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is _S.APPROVED
    assert bench.proposal(proposal_id).state is _S.APPROVED
    assert bench.executor().apply(proposal_id, ALICE).state is _S.DONE


def _forget_the_return(bench: Bench, proposal_id: str) -> None:
    """Put the rows back to where a kill would have left them."""
    with bench.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE proposal SET state = 'executing' WHERE id = :id"), {"id": proposal_id}
        )
        connection.execute(
            text(
                "UPDATE execution SET state = 'executing', finished_at = NULL "
                "WHERE proposal_id = :id"
            ),
            {"id": proposal_id},
        )


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "interrupted"])
def test_what_was_denied_meanwhile_does_not_go_back_to_approved(
    bench: Bench, carols_key: str, killed: bool
) -> None:
    """Whoever said no after the claim must not find it approved."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))

    def deny(here: str) -> None:
        if here == "before-intent":
            bench.decide(proposal_id, Verdict.DENY, None)
            raise Crash(here)

    with pytest.raises(Crash):
        bench.executor(yield_point=deny).apply(proposal_id, ALICE)
    if killed:
        _forget_the_return(bench, proposal_id)
        recover(bench.executor(), ACCOUNT, ALICE)

    assert bench.proposal(proposal_id).state is ProposalState.DENIED
    assert bench.sent() == []


def test_while_someone_is_at_work_nothing_is_touched(bench: Bench) -> None:
    proposal_id = interrupted(bench, "after-call")
    with account_lease(bench.executor(holder="elsewhere/7/1").ports, ACCOUNT.id):
        assert recover(bench.executor(), ACCOUNT, ALICE) == []
    assert bench.proposal(proposal_id).state is _S.EXECUTING
    assert any("elsewhere/7/1" in said for said in bench.said)


def test_nothing_open_costs_no_call(bench: Bench) -> None:
    assert recover(bench.executor(), ACCOUNT, ALICE) == []
    assert not bench.cloud.calls.counts


def test_a_second_unclear_picture_goes_to_a_person(bench: Bench, carols_key: str) -> None:
    """The key was deleted by someone meanwhile: neither what was before nor what should be."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at("after-intent")).apply(proposal_id, ALICE)
    bench.cloud.client().delete_access_key(UserName="carol", AccessKeyId=carols_key)
    (first,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert first.state is _S.UNKNOWN
    (second,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert second.state is _S.NEEDS_HUMAN
    assert "no clear picture" in second.why


def test_while_aws_cant_be_looked_at_it_stays_unknown(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at("after-call")).apply(proposal_id, ALICE)
    bench.cloud.fault("iam:ListAccessKeys", "error:AccessDenied", times=None)
    assert [one.state for one in recover(bench.executor(), ACCOUNT, ALICE)] == [_S.UNKNOWN]
    for _ in range(3):
        assert recover(bench.executor(), ACCOUNT, ALICE) == []
    bench.cloud.traffic.faults.clear()
    assert [one.state for one in recover(bench.executor(), ACCOUNT, ALICE)] == [_S.DONE]


def test_a_plan_changed_behind_the_journal_is_not_taken_as_proof(
    bench: Bench, carols_key: str
) -> None:
    """A changed `after` could make anything look done."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    with pytest.raises(Crash):
        bench.executor(yield_point=crash_at("after-intent")).apply(proposal_id, ALICE)
    with bench.store.engine.begin() as connection:
        stored = connection.execute(
            text("SELECT plan FROM proposal WHERE id = :id"), {"id": proposal_id}
        ).scalar_one()
        connection.execute(
            text("UPDATE proposal SET plan = :plan WHERE id = :id"),
            {"plan": stored.replace('"value":"Inactive"', '"value":"Active"'), "id": proposal_id},
        )
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is _S.NEEDS_HUMAN
    assert "not the one that was approved" in settled.why


@pytest.mark.parametrize("label", ["after-call", "after-answer"])
def test_recovery_that_is_itself_interrupted_goes_on(bench: Bench, label: str) -> None:
    proposal_id = interrupted(bench, label, 2)
    with pytest.raises(Crash):
        recover(bench.executor(yield_point=crash_at("recovered-step")), ACCOUNT, ALICE)
    (settled,) = recover(bench.executor(), ACCOUNT, ALICE)
    assert settled.state is _S.DONE
    assert bench.proposal(proposal_id).state is _S.DONE
    with bench.store.read() as tx:
        assert audit.verify(tx).ok
