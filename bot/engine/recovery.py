"""Settles what a crash or a lost answer left open, by looking.

The one thing that it writes to AWS is what a whole plan says of its own failure: that what holds of
it is taken back.
"""

from dataclasses import replace

from bot.engine.attempt import Attempt, account_lease
from bot.engine.executor import Executor
from bot.engine.filling import resolve_expects
from bot.engine.tracing import traced
from bot.engine.undoing import back_of, inverse_at_once
from bot.errors import LostRaceError, PlanError
from bot.model import (
    Account,
    Actor,
    ExecutionRecord,
    Json,
    Outcome,
    Plan,
    Step,
    StepRecord,
)
from bot.store import executions, proposals
from bot.store.leases import Lease

_OPEN = frozenset({Outcome.INTENDED, Outcome.ANSWERED, Outcome.UNKNOWN})


def recover(executor: Executor, account: Account, actor: Actor) -> list[ExecutionRecord]:
    """Settle the account's open executions; returns those that came to another state.

    Nothing sent → approved again; every step seen to hold → done; some hold → needs human, with
    the list; certainly nothing → failed; no clear picture → unknown, until the next look. Nothing
    happens while another process holds the account: it is at work. Safe to repeat, and to kill.
    """
    ports = executor.ports
    with ports.store.read() as tx:
        if not executions.unfinished(tx, account.id):
            return []
    try:
        with account_lease(ports, account.id) as lease:
            with ports.store.read() as tx:
                left = executions.unfinished(tx, account.id)
            settled = [_settle(executor, lease, execution, actor) for execution in reversed(left)]
    except LostRaceError as busy:
        ports.progress(str(busy))
        return []
    states = {execution.id: execution.state for execution in left}
    return [record for record in settled if record.state is not states[record.id]]


def _settle(
    executor: Executor, lease: Lease, execution: ExecutionRecord, actor: Actor
) -> ExecutionRecord:
    ports = executor.ports
    with ports.store.read() as tx:
        proposal = proposals.get_proposal(tx, execution.proposal_id)
    attempt = Attempt(
        ports,
        lease,
        actor,
        proposal,
        execution.id,
        state=proposal.state,
        outcomes={step.name: step.outcome for step in execution.steps},
        errors={step.name: step.error for step in execution.steps if step.error},
    )
    plan = proposal.plan
    if not isinstance(plan, Plan) or plan.digest() != proposal.digest:
        return attempt.abandon("the stored plan is not the one that was approved: look by hand")
    outputs = _known_outputs(execution)
    steps = {step.name: step for step in plan.steps}
    steps |= {back_of(step): step for step in plan.steps}
    for record in execution.steps:
        if record.outcome not in _OPEN:
            continue
        ports.progress(f"{execution.id}: looking whether “{record.name}” was applied")
        step = steps[record.name]
        if record.name == back_of(step):
            step = inverse_at_once(plan, step, outputs)
        given_up = _look_again(attempt, step, record, outputs)
        if given_up:
            return attempt.abandon(given_up)
        ports.yield_point("recovered-step")
    return executor.end(attempt, plan, outputs)


def _look_again(
    attempt: Attempt, step: Step, record: StepRecord, outputs: dict[str, Json]
) -> str | None:
    """Settle one step by looking; why only a person can, or None. Outputs that were found join.

    That is where its `after` needs an answer that was lost, and where a second full look at AWS
    shows neither what was before nor what should be.
    """
    found: dict[str, Json] = {}
    try:
        # Only what is looked at is filled in: a secret that the call needed is gone for good.
        ready = replace(
            step,
            before=resolve_expects(step.before, outputs),
            after=resolve_expects(step.after, outputs),
        )
    except PlanError as error:
        if not any(output.trace for output in step.outputs.values()):
            return f"{record.name} can't be settled by looking: {error}"
        ready = replace(step, before=resolve_expects(step.before, outputs))
        settled, found = traced(attempt.ports, ready, record.intended_at, attempt.pulse)
        outputs |= {f"{step.name}.{name}": value for name, value in found.items()}
    else:
        settled = attempt.ports.verifier(attempt.pulse).settle(ready)
    if settled.outcome is not record.outcome:
        attempt.settle(
            record.index, step, settled.outcome, error=settled.why or None, outputs=found or None
        )
    elif settled.seen:
        return f"looking again gave no clear picture of {record.name}: {settled.why}"
    return None


def _known_outputs(execution: ExecutionRecord) -> dict[str, Json]:
    return {
        f"{step.name}.{name}": value
        for step in execution.steps
        for name, value in (step.outputs or {}).items()
    }
