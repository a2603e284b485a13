"""Fences off a role that nobody uses, after one more look that it is so."""

from bot.model import Expect, Finding, Manual, Plan, Risk, Role, Snapshot
from remediations._fence import fence
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations.least_privilege._idle_role import made_before, on_no_instance, unused_for


def fence_off(
    finding: Finding,
    role: Role,
    snapshot: Snapshot,
    days: int,
    guards: tuple[Expect, ...] = (),
) -> Plan | Manual:
    """Deny the role everything, if it is older than so many days and unused for them."""
    return fence(
        finding,
        role,
        snapshot,
        name=UNUSED_FENCE,
        document=UNUSED_DOCUMENT,
        guards=(
            made_before(role, days),
            unused_for(role, days),
            on_no_instance(role),
            *guards,
        ),
        risk=Risk.DISRUPTIVE,
        summary=f"Fence off the role {role.name}, which nobody uses: everything is denied, "
        "nothing deleted",
        breaks=(
            f"Whatever works as {role.name} after all is refused until the fence is taken away",
        ),
    )
