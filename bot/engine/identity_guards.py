"""Which expectations of a plan say that a name still stands for the same thing. Pure."""

import re
from collections.abc import Iterable, Iterator

from bot.model import Call, Expect, Operator, Plan, Step

#: Names are reused, ids never; a path is all that is known of what a plan makes by itself.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_IDENTITY = re.compile(r"\b(User|Group|Role|Policy)Id\)?$|^(User|Group|Role|Policy)\.Path$")
_NAMES = ("UserName", "GroupName", "RoleName", "PolicyArn")


def identity_guards(plan: Plan, step: Step, *, of_others: bool = True) -> tuple[Expect, ...]:
    """What tells, once `step` was carried out, that all it names is still what it was.

    These are the step's own guards, and those of the plan's other steps about the same names:
    ids that no step changes, and what an earlier step left (the group that it made). What the
    step itself changes is no guard of it. Without `of_others` only guards about what the step's
    calls name count, not all that the step looked at.
    """
    place = plan.steps.index(step)
    own = {expect.looks_at() for expect in step.before}
    changed = {expect.looks_at() for expect in step.after}
    names = set(_names([step.do, step.undo, *(expect.read for expect in step.after)]))
    return tuple(
        expect
        for looks_at, expect in _known_after(plan, place).items()
        if looks_at not in changed
        and ((of_others and looks_at in own) or names & set(_names([expect.read])))
    )


def _known_after(plan: Plan, place: int) -> dict[tuple[str, str], Expect]:
    """What is known of identities once the step at `place` was carried out."""
    known: dict[tuple[str, str], Expect] = {}
    for step in plan.steps[: place + 1]:
        for expect in _identities([*step.before, *step.after]):
            if expect.operator is Operator.EQUALS:
                known[expect.looks_at()] = expect
            else:
                known.pop(expect.looks_at(), None)
    changing = {expect.looks_at() for step in plan.steps for expect in step.after}
    for step in plan.steps[place + 1 :]:
        for expect in _identities(step.before):
            if expect.operator is Operator.EQUALS and expect.looks_at() not in changing:
                known.setdefault(expect.looks_at(), expect)
    return known


def _identities(expects: Iterable[Expect]) -> Iterator[Expect]:
    return (expect for expect in expects if _IDENTITY.search(expect.path))


def _names(calls: Iterable[Call | None]) -> Iterator[tuple[str, str]]:
    for call in calls:
        for parameter in _NAMES if call else ():
            value = call.params.get(parameter) if call else None
            if isinstance(value, str):
                yield parameter, value
