"""What would make a trail record the whole account, or why that needs a person's decision."""

from dataclasses import dataclass

from bot.model import Account, Step, Trail
from remediations.monitoring import _trail_steps as steps


@dataclass(frozen=True, slots=True)
class Mending:
    """What would make this trail record the whole account."""

    trail: Trail
    steps: tuple[Step, ...]


def mending(trail: Trail, account: Account) -> Mending | str:
    """The steps that mend the trail, or why Locksmith leaves it alone."""
    if trail.organization or f":{account.id}:" not in trail.arn:
        return f"{trail.name} is the organization's: mend it in the management account"
    if trail.delivery_error:
        return f"{trail.name} can't deliver its files ({trail.delivery_error}): mend its bucket"
    needed: list[Step] = []
    if not (trail.multi_region and trail.global_events and trail.validation):
        needed.append(steps.widen(trail))
    if trail.management_events != "All":
        old = steps.selectors_of(trail)
        new = None if old is None else steps.with_management_events(old)
        if old is None or new is None or any(s["ExcludeManagementEventSources"] for s in old):
            return f"{trail.name} chooses its events: let it record every management event"
        needed.append(steps.select(trail, old, new))
    if not trail.logging:
        needed.append(steps.start(trail))
    return Mending(trail, tuple(needed))
