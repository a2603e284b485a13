"""Gives back what is missed of an inline policy, and no more than it allowed before."""

from collections.abc import Collection
from dataclasses import replace

from bot.errors import PlanError
from bot.model import Finding, Manual, Plan, Risk, Snapshot
from bot.policy import Document, compare, parse_document, with_actions_of
from remediations.least_privilege._documents import Narrowing
from remediations.least_privilege._holders import Meant
from remediations.least_privilege._narrow import narrow_inline
from remediations.least_privilege._trim import room_for, why_spared
from remediations.policy_conditions._written import Written

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-edit.html"
_AGAIN = "Let Locksmith scan again"


def give_back_inline(
    finding: Finding,
    policy: Written,
    documents: tuple[Document, Document],
    actions: Collection[str],
    snapshot: Snapshot,
) -> Plan | Manual:
    """The plan that overwrites it with these actions of the earlier document added.

    `documents` are the earlier one and the present one.
    """
    if policy.inline is None:
        raise PlanError(f"{policy.label} is no inline policy")
    before, now = documents
    new = with_actions_of(now, before, actions)
    listed = ", ".join(sorted(actions))
    hindrance = why_spared(policy, Meant(snapshot, ()))
    change = Narrowing(now.as_json(), new)
    if hindrance is None:
        after = parse_document(new, where=policy.label)
        doubt = None
        if not compare([before, now], [after]).never_wider:
            doubt = f"it can't be told that {policy.label} would allow no more than before"
        elif change.size > room_for(policy, snapshot):
            doubt = f"what {policy.label} would allow is too long for AWS"
        hindrance = (doubt, (f"Add {listed} to {policy.label}", _AGAIN)) if doubt else None
    if hindrance is not None:
        return Manual(snapshot.account, finding.subject, *hindrance, (_LINK,))
    summary = f"Give {listed} back to {policy.label}"
    steps = tuple(
        replace(step, name="give-back", summary=summary, risk=Risk.REVERSIBLE)
        for step in narrow_inline(policy.holders[0], policy.inline, change)
    )
    breaks = (f"Whoever has {policy.label} may do {listed} again, as before",)
    return Plan(snapshot.account, finding.subject, steps, summary, breaks)
