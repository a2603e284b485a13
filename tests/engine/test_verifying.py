"""A write is settled by looking: steadily, for as long as patience lasts, and never by guessing."""

from collections.abc import Iterable
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.reading import ReadFailedError
from bot.engine.verifying import Verifier, VerifySettings
from bot.errors import ConfigError
from bot.model import Call, Expect, Json, Operator, Outcome, Risk, Step
from tests.conftest import NOON, StandingClock

READ = Call("iam", "GetThing", {"Name": "x"})
OTHER = Call("iam", "GetOther", {"Name": "x"})
FAILS = object()
STEP = Step(
    name="turn-on",
    summary="Turn it on",
    risk=Risk.REVERSIBLE,
    before=(Expect(READ, "State", Operator.EQUALS, "off"),),
    do=Call("iam", "StartThing", {}),
    after=(Expect(READ, "State", Operator.EQUALS, "on", "it is not on"),),
    undo=Call("iam", "StopThing", {}),
)


def settle(
    states: Iterable[object],
    *,
    answered: bool = False,
    settings: VerifySettings = VerifySettings(2, 5.0, 20.0),  # noqa: B008 - a frozen value
    step: Step = STEP,
) -> tuple[Outcome, list[float], bool]:
    """The outcome, the waits between looks, and whether AWS was seen last; the last state stays."""
    known = list(states)
    coming = chain(known, repeat(known[-1]))
    waits: list[float] = []
    pulses: list[None] = []

    def read(_call: Call) -> Json:
        state = next(coming)
        if state is FAILS:
            raise ReadFailedError("iam:GetThing", "Throttling", "slow down", "iam:GetThing")
        return None if state is None else {"State": str(state), "More": {"Id": str(state)}}

    verifier = Verifier(
        read, StandingClock(NOON), waits.append, settings, lambda: pulses.append(None)
    )
    settled = verifier.settle(step, answered=answered)
    assert len(pulses) == len(waits)
    return settled.outcome, waits, settled.seen


@pytest.mark.parametrize(
    ("states", "outcome", "looks"),
    [
        pytest.param(["on"], Outcome.HOLDS, 2, id="there at once"),
        pytest.param(["off", "off", "on"], Outcome.HOLDS, 4, id="readers lag"),
        pytest.param(["on", "off", "on", "on"], Outcome.HOLDS, 4, id="a late reader in between"),
        pytest.param(["on", "off", "on", "off", "on"], Outcome.UNKNOWN, 5, id="never steady"),
        pytest.param([FAILS, "on", "on"], Outcome.HOLDS, 3, id="a read failed first"),
        pytest.param(["on", FAILS, "on", "on"], Outcome.HOLDS, 4, id="a read failed in between"),
        pytest.param(["off"], Outcome.NOT_APPLIED, 5, id="as before, all the time"),
        pytest.param(["off", "on", "off"], Outcome.UNKNOWN, 5, id="seen once, then not"),
        pytest.param(["off", FAILS, "off"], Outcome.UNKNOWN, 5, id="not seen all the time"),
        pytest.param(["half"], Outcome.UNKNOWN, 5, id="neither before nor after"),
        pytest.param([None], Outcome.UNKNOWN, 5, id="gone"),
        pytest.param([FAILS], Outcome.UNKNOWN, 5, id="never seen"),
    ],
)
def test_what_a_row_of_looks_amounts_to(states: list[object], outcome: Outcome, looks: int) -> None:
    settled, waits, _ = settle(states)
    assert settled is outcome
    assert waits == [5.0] * (looks - 1)


def test_after_a_success_of_aws_the_old_state_is_only_unknown() -> None:
    """Its readers may be late: "certainly not applied" would be a guess."""
    assert settle(["off"], answered=True)[0] is Outcome.UNKNOWN


def test_two_good_looks_must_be_equal() -> None:
    """What holds may still be changing."""
    step = Step(
        name="s",
        summary="s",
        risk=Risk.REVERSIBLE,
        before=(Expect(READ, "State", Operator.EQUALS, "off"),),
        do=Call("iam", "StartThing", {}),
        after=(Expect(READ, "More", Operator.PRESENT),),
        undo=Call("iam", "StopThing", {}),
    )
    assert settle(["a", "b", "c", "c"], step=step)[1] == [5.0] * 3


def test_a_guard_that_moved_on_does_not_hide_that_nothing_was_applied() -> None:
    """Only what the step changes tells whether it was applied; the key's use is another matter."""
    guarded = Step(
        name="s",
        summary="s",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(READ, "State", Operator.EQUALS, "off"),
            Expect(OTHER, "State", Operator.EQUALS, "never"),
        ),
        do=Call("iam", "StartThing", {}),
        after=(Expect(READ, "State", Operator.EQUALS, "on"),),
        undo=Call("iam", "StopThing", {}),
    )
    assert settle(["off"], step=guarded)[0] is Outcome.NOT_APPLIED


@pytest.mark.parametrize(
    ("settings", "looks"),
    [
        (VerifySettings(2, 5.0, 90.0), 19),
        (VerifySettings(2, 5.0, 0.0), 2),
        (VerifySettings(3, 0.0, 0.0), 3),
        (VerifySettings(2, 4.0, 10.0), 4),
        (VerifySettings(1, 5.0, 0.0), 1),
    ],
)
def test_patience_bounds_the_looks(settings: VerifySettings, looks: int) -> None:
    assert settings.looks == looks
    assert len(settle(["off"], settings=settings)[1]) == looks - 1


@pytest.mark.parametrize("wrong", [(0, 5.0, 90.0), (2, -1.0, 90.0), (2, 5.0, -1.0)])
def test_no_look_at_all_is_no_setting(wrong: tuple[int, float, float]) -> None:
    """Without a look everything would seem untouched."""
    with pytest.raises(ConfigError):
        VerifySettings(*wrong)


@given(
    st.lists(st.sampled_from(["on", "off", "half", None, FAILS]), min_size=1, max_size=6),
    st.booleans(),
)
def test_nothing_is_said_that_was_not_seen(states: list[object], answered: bool) -> None:
    """HOLDS takes two good looks in a row, NOT APPLIED the old state in every single one."""
    outcome, waits, seen = settle(states, answered=answered)
    looked = [*states, *repeat(states[-1], 6)][: len(waits) + 1]
    if outcome is Outcome.HOLDS:
        assert looked[-2:] == ["on", "on"]
    if outcome is Outcome.NOT_APPLIED:
        assert not answered
        assert set(looked) == {"off"}
    assert seen or looked[-1] is FAILS
