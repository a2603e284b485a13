"""A dry run tells what every step would find, and writes nothing."""

from dataclasses import replace

import pytest

from bot.errors import RefusedError
from bot.model import Manual, Outcome, ProposalState, Protection, Verdict
from bot.store import audit, executions
from tests.engine.bench import ALICE, Bench
from tests.engine.plans import (
    ACCOUNT,
    BILLING,
    READ_ONLY,
    attach,
    deactivate_key,
    detach,
    new_version,
    plan,
)


def test_a_dry_run_reads_everything_and_changes_nothing(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    rehearsal = bench.executor().rehearse(proposal_id, ALICE)
    assert rehearsal.would_write
    assert rehearsal.refusals == ()
    (step,) = rehearsal.steps
    assert [one.holds for one in step.seen] == [True, True]
    assert step.call.operation == "UpdateAccessKey"
    assert bench.sent() == []
    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    with bench.store.read() as tx:
        assert executions.execution_of(tx, proposal_id) is None
        (*_, last) = audit.events(tx, subject=proposal_id)
    assert last.event == "execution.rehearsed"
    assert last.data["would_write"] is True


def test_what_is_off_is_said_step_by_step(bench: Bench, carols_key: str) -> None:
    bench.account.use_key(carols_key)
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    rehearsal = bench.executor().rehearse(proposal_id, ALICE)
    assert not rehearsal.would_write
    (said,) = rehearsal.steps[0].objections
    assert "the key was used since" in said


def test_a_proposal_nobody_decided_can_be_rehearsed_and_says_so(
    bench: Bench, carols_key: str
) -> None:
    proposal_id = bench.propose(plan(deactivate_key("carol", carols_key)))
    rehearsal = bench.executor().rehearse(proposal_id, ALICE)
    assert not rehearsal.would_write
    assert rehearsal.refusals == ("0 of 1 people approved this digest",)


def test_a_denied_or_done_proposal_says_so(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.propose(plan(deactivate_key("carol", carols_key)))
    bench.decide(proposal_id, Verdict.DENY, ProposalState.DENIED)
    refusals = bench.executor().rehearse(proposal_id, ALICE).refusals
    assert f"{proposal_id} is denied already" in refusals


def test_a_guard_is_heard(bench: Bench, carols_key: str) -> None:
    bench.protection = Protection(protected=("*:user/carol",))
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    (refusal,) = bench.executor().rehearse(proposal_id, ALICE).refusals
    assert "protected list" in refusal


def test_what_an_earlier_step_brings_about_is_awaited_not_missed(bench: Bench) -> None:
    """Attach, then take the same policy away again: not so yet, and no objection."""
    made = plan(attach("user", "carol", READ_ONLY), detach("user", "carol", READ_ONLY))
    rehearsal = bench.executor().rehearse(bench.approved(made), ALICE)
    assert rehearsal.would_write
    assert rehearsal.steps[1].waits
    other = plan(
        attach("user", "carol", READ_ONLY), detach("user", "ann", BILLING), subject="elsewhere"
    )
    missed = bench.executor().rehearse(bench.approved(other), ALICE)
    assert missed.steps[1].objections


def test_what_needs_an_output_waits_for_it(bench: Bench) -> None:
    arn = bench.account.policy("wide", {"Version": "2012-10-17", "Statement": []})
    first = new_version(arn, '{"Version":"2012-10-17","Statement":[]}', "v1")
    again = replace(first, name="again", before=first.after, after=first.before, outputs={})
    rehearsal = bench.executor().rehearse(bench.approved(plan(first, again)), ALICE)
    assert rehearsal.steps[1].seen == ()
    assert len(rehearsal.steps[1].waits) == 1


def test_advice_has_nothing_to_rehearse(bench: Bench) -> None:
    proposal_id = bench.propose(Manual(ACCOUNT, "root", "AWS gives no API", ("Sign in",)))
    with pytest.raises(RefusedError, match="made by hand"):
        bench.executor().rehearse(proposal_id, ALICE)


def test_a_rehearsal_foretells_what_apply_does(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    assert bench.executor().rehearse(proposal_id, ALICE).would_write
    record = bench.executor().apply(proposal_id, ALICE)
    assert [step.outcome for step in record.steps] == [Outcome.HOLDS]
