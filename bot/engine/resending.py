"""Sends a write, and again where AWS said that it came too early.

IAM is spread over many places: EC2, CloudTrail and others may refuse a role or a profile for some
seconds after it was made. A call names the refusals that can mean this (`Call.too_early`). Such an
answer says that nothing was done, so the call may be made again; every other is the last word, and
where no answer came nothing is ever sent twice.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.engine.attempt import Attempt
from bot.engine.looking import why_stale
from bot.engine.sending import Answer, send
from bot.engine.verifying import VerifySettings
from bot.errors import FrozenError, LocksmithError
from bot.model import Outcome, Plan, Step

#: The longest pause, in seconds: the lease is renewed before and after each.
_LONGEST = 60.0
#: The first pause, in seconds, where the looks after a change have none between them.
_SHORTEST = 1.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer that counts, when that call was made, and what to say of the calls before it."""

    answer: Answer
    at: datetime
    said: str = ""


def pauses(settings: VerifySettings) -> Iterator[float]:
    """How many seconds to wait before each further call: each twice the last, patience in all."""
    pause, left = settings.interval or _SHORTEST, settings.patience
    while left > 0:
        pause = min(pause, left, _LONGEST)
        yield pause
        left -= pause
        pause *= 2


def send_in_time(attempt: Attempt, plan: Plan, index: int, step: Step) -> Sent | None:
    """Make the call of an intended step, and again for as long as AWS says that it came too early.

    Only behind another step of this execution that holds: otherwise nothing is new. Before each
    further call everything is looked at and judged once more, and it is journalled as an intent of
    its own. None where it was not sent, or not sent again, which is journalled too. Raises
    LostRaceError.
    """
    ports, behind = attempt.ports, attempt.holding
    waits = pauses(ports.settings)
    calls = 0
    while _may_send(attempt, index, step):
        calls += 1
        ports.progress(step.summary)
        at, answer = ports.clock(), send(ports.connection, step.do)
        ports.yield_point("after-call")
        early = answer.early and behind
        pause = next(waits, None) if early else None
        if pause is None:
            return Sent(answer, at, _said(calls, all_early=bool(early)))
        _wait(attempt, index, step, answer, pause)
        stopped = _intend_again(attempt, plan, index, step)
        if stopped:
            attempt.add_error(step, f"not sent again: {stopped}")
            return None
    return None


def _said(calls: int, *, all_early: bool) -> str:
    """What to say of the calls before the last one, if there were any."""
    if calls == 1:
        return ""
    if all_early:
        return f"all {calls} calls of it were refused as too early"
    return f"call {calls} of it: those before were refused as too early"


def _may_send(attempt: Attempt, index: int, step: Step) -> bool:
    """Whether this process may write at this moment; that it may not is journalled."""
    try:
        attempt.check_fence()
    except FrozenError as error:
        attempt.settle(index, step, Outcome.NOT_APPLIED, error=f"never sent: {error}")
        return False
    return True


def _wait(attempt: Attempt, index: int, step: Step, answer: Answer, pause: float) -> None:
    """Write down that nothing was done yet, and wait: whoever looks meanwhile sees just that."""
    attempt.settle(
        index,
        step,
        Outcome.NOT_APPLIED,
        request_id=answer.request_id,
        error=f"too early, as AWS may not know yet what was made just then: {answer.error}",
    )
    attempt.ports.yield_point("too-early")
    attempt.ports.progress(f"{step.summary}: AWS says that it is too early; again in {pause:g} s")
    attempt.ports.sleep(pause)


def _intend_again(attempt: Attempt, plan: Plan, index: int, step: Step) -> str | None:
    """Look, judge and write down the intent as before the first call; why it stops, or None.

    What takes a step back goes on whatever was decided since, as without a pause.
    """
    ports = attempt.ports
    try:
        look, now = ports.look(), ports.clock()
        seen = look.at(step.before, now)
        off = why_stale(look, seen, (), now)
        if off:
            return off
        ports.rails.check_call(plan, step.do, ports.read)
    except LocksmithError as error:
        return str(error)
    ports.yield_point("before-again")
    try:
        objection = attempt.intend_again(index, step, seen, judged=index < len(plan.steps))
    except FrozenError as error:
        return str(error)
    if objection is None:
        ports.yield_point("after-again")
    return objection
