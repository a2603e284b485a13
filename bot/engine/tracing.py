"""Finds what a step made when the answer that named it was lost: by looking what is new in AWS."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.looking import Look, seen_at
from bot.engine.ports import Ports
from bot.engine.verifying import Settled
from bot.errors import LocksmithError
from bot.model import Expect, Json, Operator, Outcome, Step

# AWS's clock and ours may differ; what is older was there before, whatever its name.
_SKEW = timedelta(minutes=1)
# No call of ours is under way for longer: what was made later is somebody else's.
_LONGEST = timedelta(minutes=2)


def traced(
    ports: Ports, step: Step, since: datetime, pulse: Callable[[], None]
) -> tuple[Settled, dict[str, Json]]:
    """What looking says of a step that names its own lost outputs, and those that were found.

    HOLDS only where exactly one new thing is there, made since `since`: with two, one could be
    somebody else's. NOT_APPLIED where nothing new was there in any look. Secrets are never found.
    """
    traces = {name: output.trace for name, output in step.outputs.items() if output.trace}
    if not traces:
        return Settled(Outcome.UNKNOWN, f"what {step.name} made is named in the answer only"), {}
    anything_new = tuple(
        Expect(trace.read, trace.path, Operator.PRESENT, None, "nothing new is there")
        for trace in traces.values()
    )
    settled = ports.verifier(pulse).settle(replace(step, after=anything_new))
    if settled.outcome is not Outcome.HOLDS:
        return settled, {}
    look = Look(ports.read)
    found: dict[str, Json] = {}
    for (name, trace), expect in zip(traces.items(), anything_new, strict=True):
        try:
            new = seen_at(expect, look.answer(trace.read))
        except LocksmithError as error:
            return Settled(Outcome.UNKNOWN, f"AWS could not be looked at: {error}", seen=False), {}
        value = _only_one(new, since)
        if value is None:
            return Settled(Outcome.UNKNOWN, f"which new one {step.name} made can't be told"), {}
        found[name] = value
    return Settled(Outcome.HOLDS, "the answer was lost; what it made was found"), found


def _only_one(new: Json, since: datetime) -> str | None:
    if not isinstance(new, list) or len(new) != 1 or not isinstance(new[0], dict):
        return None
    value, made = new[0].get("value"), new[0].get("made")
    if not isinstance(value, str) or not isinstance(made, str):
        return None
    moment = datetime.fromisoformat(made)
    return value if since - _SKEW <= moment <= since + _LONGEST + _SKEW else None
