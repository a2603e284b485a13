"""How an execution is taken back: the steps that hold, inverted, in reverse order. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.engine.containment import contained_user
from bot.engine.filling import outputs_named, resolve, resolve_expects
from bot.engine.identity_guards import identity_guards
from bot.errors import RefusedError
from bot.model import (
    ExecutionRecord,
    Json,
    Manual,
    Outcome,
    Plan,
    Risk,
    Step,
)

_UNSETTLED = frozenset({Outcome.INTENDED, Outcome.ANSWERED, Outcome.UNKNOWN})


def undo_plan(execution: ExecutionRecord, plan: Plan) -> Plan | Manual:
    """The plan that takes back what this execution did; advice where a step has no way back.

    Each step refuses unless what the original left is still there, and whatever it names is still
    the same by its id, so a change that anyone made since is never overwritten and nobody gets the
    rights of a namesake; it is proved by seeing again what the original saw before.
    Raises RefusedError where nothing holds, or where a step's outcome is still unknown: taking
    back a part could then remove what replaced something that is gone.
    """
    unsettled = [record for record in execution.steps if record.outcome in _UNSETTLED]
    if unsettled:
        names = ", ".join(f"{record.name} is {record.outcome}" for record in unsettled)
        raise RefusedError(
            f"{execution.id} can't be undone before its outcome is known: {names}",
            hint="Scan again: Locksmith then looks whether it was applied.",
        )
    held = _held(execution, plan)
    if not held:
        raise RefusedError(f"{execution.id} left nothing that holds: there is nothing to undo")
    outputs = _outputs(execution)
    for step in held:
        reason = _no_way_back(plan, step, outputs)
        if reason:
            return _by_hand(plan, execution, held, step, reason)
    return Plan(
        account=plan.account,
        subject=plan.subject,
        steps=tuple(inverse(plan, step, outputs) for step in reversed(held)),
        summary=f"Undo of {execution.id}: {plan.summary}",
        breaks=(f"{_comes_back(plan)}: {plan.summary} no longer holds",),
    )


def steps_back(
    plan: Plan, outcomes: Mapping[str, Outcome], outputs: Mapping[str, Json]
) -> Iterator[tuple[int, Step]]:
    """What takes back at once what holds of a whole plan that didn't get through, newest first.

    Each with its place in the journal, behind the plan's own steps. Nothing while a step's outcome
    is unknown, for it may be the one that makes the rest of use, and nothing that was tried before.
    """
    known = [outcomes.get(step.name) for step in plan.steps]
    through = all(outcome is Outcome.HOLDS for outcome in known)
    if not plan.whole or through or _UNSETTLED & set(outcomes.values()):
        return
    for index, step in reversed(list(enumerate(plan.steps))):
        if outcomes.get(step.name) is Outcome.HOLDS and back_of(step) not in outcomes:
            if _no_way_back(plan, step, outputs):
                return
            yield len(plan.steps) + index, inverse_at_once(plan, step, outputs)


def inverse_at_once(plan: Plan, step: Step, outputs: Mapping[str, Json]) -> Step:
    """One step backwards within its own execution: guarded by whom the call itself names.

    Guards about others would leave things of Locksmith's lying about once a user is gone.
    """
    guards = identity_guards(plan, step, of_others=False)
    whole = inverse(plan, step, outputs)
    return replace(whole, before=resolve_expects((*step.after, *guards), outputs))


def back_of(step: Step) -> str:
    """The name of the step that takes this one back."""
    return f"undo-{step.name}"


def is_taken_back(step: Step, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether this step was taken back within the execution that made it."""
    return outcomes.get(back_of(step)) is Outcome.HOLDS


def _comes_back(plan: Plan) -> str:
    """What taking a plan back brings back; a containment is about no finding."""
    if contained_user(plan.subject) is None:
        return "The finding comes back"
    return "The user gets in again, with sessions issued before that have not expired"


def _held(execution: ExecutionRecord, plan: Plan) -> tuple[Step, ...]:
    outcomes = {record.name: record.outcome for record in execution.steps}
    return tuple(
        step
        for step in plan.steps
        if outcomes.get(step.name) is Outcome.HOLDS and not is_taken_back(step, outcomes)
    )


def _outputs(execution: ExecutionRecord) -> dict[str, Json]:
    return {
        f"{record.name}.{name}": value
        for record in execution.steps
        for name, value in (record.outputs or {}).items()
    }


def _no_way_back(plan: Plan, step: Step, outputs: Mapping[str, Json]) -> str:
    if step.undo is None:
        return step.irreversible_because
    if not step.proofs_of_undo():
        return f"nothing was looked at that would prove that “{step.summary}” was taken back"
    looks = (*step.after, *step.proofs_of_undo(), *identity_guards(plan, step))
    needed: frozenset[str] = outputs_named(step.undo.data()) | outputs_named(
        [expect.data() for expect in looks]
    )
    missing = sorted(needed - outputs.keys())
    if missing:
        return f"what the call needs was not kept ({', '.join(missing)})"
    return ""


def inverse(plan: Plan, step: Step, outputs: Mapping[str, Json]) -> Step:
    """One step backwards, once `_no_way_back` has nothing against it.

    Redoing a call that gave outputs would make a new thing, and one that took a secret can't be
    made again: neither is exact.
    """
    if step.undo is None:  # `_no_way_back` has refused it
        raise RefusedError(step.irreversible_because)
    exact = not step.outputs and outputs_named(step.do.data()) <= outputs.keys()
    return Step(
        name=back_of(step),
        summary=f"Take back: {step.summary}",
        risk=step.risk if exact else Risk.IRREVERSIBLE,
        before=resolve_expects((*step.after, *identity_guards(plan, step)), outputs),
        do=resolve(step.undo, outputs),
        after=resolve_expects(step.proofs_of_undo(), outputs),
        undo=resolve(step.do, outputs) if exact else None,
        irreversible_because=""
        if exact
        else "doing it again would make a new thing with another id; ask for the fix anew instead",
    )


def _by_hand(
    plan: Plan, execution: ExecutionRecord, held: Sequence[Step], blocking: Step, reason: str
) -> Manual:
    return Manual(
        account=plan.account,
        subject=plan.subject,
        reason=f"{execution.id} can't be undone by Locksmith: {blocking.summary}: {reason}",
        steps=tuple(_advice(step) for step in reversed(held)),
    )


def _advice(step: Step) -> str:
    if step.undo is None:
        return f"“{step.summary}” has no way back: {step.irreversible_because}"
    params = ", ".join(f"{name}={value!r}" for name, value in sorted(step.undo.params.items()))
    return (
        f"To take back “{step.summary}”, once you have looked that nobody changed it since: "
        f"{step.undo.service}:{step.undo.operation}" + (f" with {params}" if params else "")
    )
