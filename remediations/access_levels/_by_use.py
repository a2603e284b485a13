"""Takes actions out of a policy where nobody used them; where somebody did, people decide."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import Field

from bot.model import Finding, Manual, Part, Plan, Settings, Snapshot
from bot.policy import Document, parse_document
from remediations.access_levels._written import cut
from remediations.least_privilege._trim import trim
from remediations.least_privilege._unused import idle_in, unused_of
from remediations.policy_conditions._written import written_at

_SHOWN = 12


class ByUseSettings(Settings):
    """From when on a right counts as unused."""

    unused_days: int | None = Field(
        default=None,
        ge=1,
        le=400,
        description="Days without an attempt, by AWS's last-accessed reports, after which a right "
        "is taken out; off unless it is set, since it takes two calls or more for each policy in "
        "use, and for each user, group and role with inline ones.",
    )

    def needs(self) -> frozenset[Part]:
        """The reports, and how long a policy may be, where rights are taken out."""
        if self.unused_days is None:
            return frozenset()
        return frozenset({Part.POLICY_USE, Part.ACCOUNT_SUMMARY})


def without_unused(
    finding: Finding,
    snapshot: Snapshot,
    days: int | None,
    counted: Callable[[Document], frozenset[str]],
    advice: Manual,
) -> Plan | Manual:
    """The plan that takes what is `counted` out of the policy, once nobody uses any of it.

    Where it isn't known that nobody does, or what is left would be found again, `advice` comes
    instead, with what is known.
    """
    if days is None:
        return advice
    if Part.POLICY_USE not in snapshot.parts:
        return replace(advice, reason=f"{advice.reason}: AWS's reports on use could not be read")
    policy = written_at(finding.resource, finding.subject.removesuffix("/access-levels"), snapshot)
    wanted = counted(policy.document)
    idle = idle_in(policy, snapshot, days, (), unused_of(wanted, snapshot, days))
    if idle is None:
        return replace(advice, reason=f"{advice.reason}: AWS's reports don't show it")
    names = sorted(idle.trimmed.removed)
    new = idle.trimmed.document
    if new is not None and counted(parse_document(new, where=policy.label)):
        listed = ", ".join(map(str, cut(names)))
        first = f"Leave out what nobody used in {days} days, by AWS's reports: {listed}"
        return replace(advice, steps=(advice.steps[0], first, *advice.steps[1:]))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    breaks = (
        (
            f"Unless other policies allow it, whoever has {policy.label} can't do any more: "
            f"{', '.join(names[:_SHOWN])}{more}"
        ),
    )
    return trim(finding, idle.policy, idle.trimmed, snapshot, breaks, idle.guards)
