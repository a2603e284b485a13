"""Right that was taken and turned out to be needed

Detects
-------
Policies of your own with a new version in force that allows less than the one before, and inline
policies that Locksmith narrowed and that still say what it put there, of which AWS refused somebody
just that since: calls that no policy of theirs allows, by CloudTrail, and that the document before
allowed. The change lies within so many days (30), and of a managed policy the version before is
still kept. Users are looked up by their names, and roles by the names of their sessions, which the
calls tell that began them: the newest 20 of each role; the finding says of how many roles there
were more. Only management events of the Region and of global services are read, up to 15 minutes
late. So no finding doesn't mean that nothing is missed.

It is off unless you enable it: it takes CloudTrail a call or more for each user with such a policy,
for each role, and for each session of it.

Why it matters
--------------
Rights are taken with little risk where those that are missed come back at once, and only those.
Without that, the whole old version comes back on the first complaint.

Changes
-------
The policy gets a further version: the one in force and, behind it, just the actions that were
refused, on the resources and under the conditions of the version before. An inline policy is
overwritten likewise. It is proven to allow nothing that the two didn't. It gives people rights, so
two people approve it, and no rule does it.

Undo
----
The version in force before is put in force again, and the new one deleted; an inline policy gets
the narrowed document back.

When to say no
--------------
When the call was a mistake, or somebody's who shouldn't make it: what a stranger tries is refused
as well.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from bot.credentials import utc_text
from bot.errors import PlanError
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations.least_privilege._give_back import give_back_inline
from remediations.least_privilege._missed import Missed, missed, missed_at
from remediations.least_privilege._versioned import give_back

_SHOWN = 10


class NeededActionDeniedSettings(Settings):
    """Whether to look, and for how long after a change."""

    enabled: bool = Field(
        default=False,
        description="Off by default: it takes a call or more for each user with a changed policy, "
        "and for each session of a role with one.",
    )
    days: int = Field(
        default=30,
        ge=1,
        le=90,
        description="Days after a version was put in force in which refusals are put down to it; "
        "CloudTrail remembers 90.",
    )


def detect(snapshot: Snapshot, settings: NeededActionDeniedSettings) -> Iterator[Finding]:
    """One finding per policy of which something is missed."""
    for each in missed(snapshot, snapshot.taken_at - timedelta(days=settings.days)):
        yield _finding(each, snapshot)


def _finding(found: Missed, snapshot: Snapshot) -> Finding:
    last = max(found.refusals, key=lambda each: each.at)
    managed = found.policy.managed
    return Finding(
        control=CONTROL.id,
        subject=found.subject,
        resource=found.policy.resource,
        severity=CONTROL.severity,
        summary=f"{', '.join(found.actions[:3])} went from {found.policy.label} and was refused "
        f"since, last to {last.whom}",
        evidence={
            **found.policy.evidence(snapshot),
            "refused": [
                f"{each.action} to {each.whom} at {utc_text(each.at)}"
                for each in found.refusals[:_SHOWN]
            ],
            "times": len(found.refusals),
            **({"version": managed.default.id} if managed else {"inline": found.policy.name}),
            "made": utc_text(found.changed),
            "roles_partly_looked_up": found.partly,
        },
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: NeededActionDeniedSettings
) -> Plan | Manual:
    """Give back what was refused, on the terms of the document before."""
    found = missed_at(finding, snapshot, snapshot.taken_at - timedelta(days=settings.days))
    if found is None:
        raise PlanError(f"nothing of {finding.resource.name} is missed any more")
    policy, documents = found.policy, (found.before, found.policy.document)
    if policy.managed is not None:
        return give_back(finding, policy.managed, documents, found.actions, snapshot)
    return give_back_inline(finding, policy, documents, found.actions, snapshot)


CONTROL = Control(
    id="needed-action-denied",
    title="Right that was taken and turned out to be needed",
    topic="least_privilege",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.POLICY_DENIALS}
    ),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=NeededActionDeniedSettings,
    detect=detect,
    plan=plan,
    adds_rights=True,
    standards=Standards(nist=("AC-2", "AC-6")),
)
