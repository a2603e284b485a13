"""What the outcomes of a plan's steps amount to: the one place that says done."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.undoing import back_of, is_taken_back
from bot.model import MOVES, Outcome, Plan, ProposalState, Step

_SAID = {
    Outcome.HOLDS: "holds",
    Outcome.NOT_APPLIED: "not applied",
    Outcome.UNKNOWN: "unknown",
    Outcome.INTENDED: "unknown",
    Outcome.ANSWERED: "unknown",
}


@dataclass(frozen=True, slots=True)
class End:
    """The state that an execution comes to, and why."""

    state: ProposalState
    why: str


def path(start: ProposalState, end: ProposalState) -> tuple[ProposalState, ...]:
    """The moves from one state to the other by the one table of moves; empty if it is the same."""
    if start is end:
        return ()
    if end in MOVES[start]:
        return (end,)
    between = next(
        state for state in ProposalState if state in MOVES[start] and end in MOVES[state]
    )
    return (between, end)


def conclude(
    plan: Plan, outcomes: Mapping[str, Outcome], errors: Mapping[str, str], reason: str = ""
) -> End:
    """Done only if every step of the plan was seen to hold; otherwise exactly what is known.

    `reason` says why it stopped, where that isn't in the steps' `errors`.
    """
    known = [_came_of(step, outcomes) for step in plan.steps]
    if all(outcome is Outcome.HOLDS for outcome in known):
        return End(ProposalState.DONE, "the effect of every step was observed")
    why = reason or "; ".join(errors.values())
    if any(_SAID.get(outcome) == "unknown" for outcome in known if outcome):
        state = ProposalState.UNKNOWN
    elif Outcome.HOLDS in known:
        # What holds of a whole plan is taken back; where that was refused, people have to.
        refused = any(back_of(step) in outcomes for step in plan.steps if _holds(step, outcomes))
        later = plan.whole and not refused
        state = ProposalState.UNKNOWN if later else ProposalState.NEEDS_HUMAN
    elif Outcome.NOT_APPLIED in known:
        state = ProposalState.FAILED
    else:
        return End(ProposalState.APPROVED, "nothing was sent, the approval stands")
    if len(plan.steps) == 1:
        return End(state, why)
    return End(state, f"{_listed(plan, outcomes)}" + (f" ({why})" if why else ""))


def _came_of(step: Step, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """What came of a step in the end: taken back, it is as if it had not been applied."""
    if is_taken_back(step, outcomes):
        return Outcome.NOT_APPLIED
    back = outcomes.get(back_of(step))
    return back if back is not None and _SAID[back] == "unknown" else outcomes.get(step.name)


def _holds(step: Step, outcomes: Mapping[str, Outcome]) -> bool:
    return _came_of(step, outcomes) is Outcome.HOLDS


def _listed(plan: Plan, outcomes: Mapping[str, Outcome]) -> str:
    said = (f"{step.name}: {_said(step, outcomes)}" for step in plan.steps)
    return ", ".join(said)


def _said(step: Step, outcomes: Mapping[str, Outcome]) -> str:
    if step.name not in outcomes:
        return "not tried"
    if is_taken_back(step, outcomes):
        return "taken back"
    if back_of(step) in outcomes:
        return f"{_SAID[outcomes[step.name]]}, taking it back {_SAID[outcomes[back_of(step)]]}"
    return _SAID[outcomes[step.name]]
