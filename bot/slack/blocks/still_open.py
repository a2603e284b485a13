"""What a finished change leaves open for a while: sessions that were made before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.containment import is_fence
from bot.model import Call, ExecutionRecord, Outcome, Plan

_OF_ROLES = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OpenUntil:
    """Something that goes on after a change, and until when at most. `what` is words of ours."""

    what: str
    until: datetime


def still_open(execution: ExecutionRecord, plan: Plan, now: datetime) -> tuple[OpenUntil, ...]:
    """What the steps that hold left open and that can still be open now.

    A key that is switched off or deleted ends no session: those of GetSessionToken and
    GetFederationToken last up to 36 hours, those of assumed roles up to 12. A fence around the
    whole user denies the former at once.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    steps = {step.name: step for step in plan.steps}
    held = {
        record.name: record.settled_at or record.intended_at
        for record in execution.steps
        if record.outcome is Outcome.HOLDS and record.name in steps
    }
    ended = [at for name, at in held.items() if _ends_something(steps[name].do, plan)]
    if not ended:
        return ()
    last = max(ended)
    if any(is_fence(steps[name].do, plan.account) for name in held):
        roles = OpenUntil("sessions of roles that the user assumed before", last + _OF_ROLES)
        return (roles,) if roles.until > now else ()
    left = (
        OpenUntil("sessions of roles that were assumed with the key", last + _OF_ROLES),
        OpenUntil("other sessions that were made with the key", last + timedelta(hours=36)),
    )
    return tuple(each for each in left if each.until > now)


def _ends_something(call: Call, plan: Plan) -> bool:
    return _ends_a_key(call) or is_fence(call, plan.account)


def _ends_a_key(call: Call) -> bool:
    if call.service != "iam":
        return False
    off = call.operation == "UpdateAccessKey" and call.params.get("Status") == "Inactive"
    return off or call.operation == "DeleteAccessKey"
