"""What the steps' outcomes amount to: done means that every one was seen to hold."""

from dataclasses import replace
from itertools import product

import pytest

from bot.engine.outcome import conclude, path
from bot.model import MOVES, Outcome, ProposalState
from tests.engine.plans import deactivate_key, plan

STEP = deactivate_key("carol", "AKIA1")
THREE = plan(*(replace(STEP, name=name) for name in ("a", "b", "c")))
_S = ProposalState


@pytest.mark.parametrize("outcomes", list(product([*Outcome, None], repeat=3)))
def test_the_end_is_never_better_than_its_steps(outcomes: tuple[Outcome | None, ...]) -> None:
    known = {
        step.name: outcome
        for step, outcome in zip(THREE.steps, outcomes, strict=True)
        if outcome is not None
    }
    end = conclude(THREE, known, {})
    unsure = {Outcome.INTENDED, Outcome.ANSWERED, Outcome.UNKNOWN} & set(outcomes)
    assert (end.state is _S.DONE) == (set(outcomes) == {Outcome.HOLDS})
    assert (end.state is _S.UNKNOWN) == bool(unsure)
    if end.state is _S.FAILED:
        assert Outcome.HOLDS not in outcomes
    if end.state is _S.NEEDS_HUMAN:
        assert Outcome.HOLDS in outcomes
        assert "not tried" in end.why or "not applied" in end.why
    assert (end.state is _S.APPROVED) == (set(outcomes) == {None})


def test_the_list_says_of_each_step_what_is_known() -> None:
    end = conclude(THREE, {"a": Outcome.HOLDS, "b": Outcome.NOT_APPLIED}, {"b": "AccessDenied"})
    assert end.why == "a: holds, b: not applied, c: not tried (AccessDenied)"


@pytest.mark.parametrize("start", [_S.EXECUTING, _S.VERIFYING, _S.UNKNOWN])
@pytest.mark.parametrize("end", [_S.DONE, _S.FAILED, _S.NEEDS_HUMAN, _S.UNKNOWN])
def test_every_end_is_reached_by_known_moves(start: _S, end: _S) -> None:
    here = start
    for state in path(start, end):
        assert state in MOVES[here]
        here = state
    assert here is end


def test_done_is_reached_through_verifying() -> None:
    assert path(_S.EXECUTING, _S.DONE) == (_S.VERIFYING, _S.DONE)
