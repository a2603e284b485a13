"""A single step of an escalation."""

from dataclasses import dataclass

from bot.model import Principal
from bot.policy import ServiceWay


@dataclass(frozen=True, slots=True)
class Way:
    """One step: to the rights of `to`, or to all rights where that is None.

    `method` is the actions, `said` the step in words. To deny any of `cuts` (an action on a
    resource) closes it; where there are none only people can. It is `sure` unless it takes
    something that works as the role already, which isn't looked for.
    """

    method: str
    said: str
    to: Principal | None
    cuts: tuple[tuple[str, str], ...] = ()
    sure: bool = True


def through(way: ServiceWay, target: Principal) -> Way:
    """The step to a role through a service."""
    listed = ", ".join(way.actions)
    if way.passes:
        said = f"iam:PassRole of {target.name} to {way.service}, with {listed}"
        return Way(way.name, said, target, (("iam:PassRole", target.arn),))
    said = f"{listed} on something that works as {target.name}"
    return Way(way.name, said, target, sure=False)
