"""The executor: success is an observed effect, and every other end is exactly what is known."""


from bot.model import Outcome, ProposalState
from tests.engine.bench import Bench
from tests.engine.plans import deactivate_key, plan


def test_a_plan_is_carried_out_and_its_effect_observed(bench: Bench, carols_key: str) -> None:
    record = bench.apply(plan(deactivate_key("carol", carols_key)))
    assert record.state is ProposalState.DONE
    (step,) = record.steps
    assert step.outcome is Outcome.HOLDS
    assert step.request_id
    assert "Active" in (step.seen_before or {}).values()
    assert bench.key_status("carol") == "Inactive"
    assert bench.writes() == ["UpdateAccessKey"]
    assert bench.proposal(record.proposal_id).state is ProposalState.DONE
