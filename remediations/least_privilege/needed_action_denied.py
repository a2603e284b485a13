"""Right that was taken and turned out to be needed

Detects
-------
Policies of your own with a new version in force that allows less than the one before, of which AWS
refused somebody just that since: calls that no policy of theirs allows, by CloudTrail, and that the
version before allowed. The new version lies within so many days (30), and the one before is still
kept. Users are looked up by their names, and roles by the names of their sessions, which the calls
tell that began them: the newest 20 of each role; the finding says of how many roles there were
more. Only management events of the Region and of global services are read, up to 15 minutes late.
So no finding doesn't mean that nothing is missed.

It is off unless you enable it: it takes CloudTrail a call or more for each user with such a policy,
for each role, and for each session of it.

Why it matters
--------------
Rights are taken with little risk where those that are missed come back at once, and only those.
Without that, the whole old version comes back on the first complaint.

Changes
-------
The policy gets a further version: the one in force and, behind it, just the actions that were
refused, on the resources and under the conditions of the version before. It is proven to allow
nothing that the two didn't. It gives people rights, so two people approve it, and no rule does it.

Undo
----
The version in force before is put in force again, and the new one deleted.

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
    ManagedPolicy,
    Manual,
    Part,
    Plan,
    Refusal,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import Document, PolicyDocumentError, Verdict, decide, parse_document
from remediations.least_privilege._earlier import earlier_version
from remediations.least_privilege._holders import holders_of, reach_of
from remediations.least_privilege._versioned import give_back

_REFUSED = (Verdict.DENIED, Verdict.NOT_GRANTED)
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
    since = snapshot.taken_at - timedelta(days=settings.days)
    for policy in snapshot.customer_policies:
        if policy.default.created <= since:
            continue
        missed = _missed(policy, snapshot)
        if missed:
            yield _finding(policy, missed, snapshot)


def _finding(policy: ManagedPolicy, missed: tuple[Refusal, ...], snapshot: Snapshot) -> Finding:
    actions = sorted({each.action for each in missed})
    last = max(missed, key=lambda each: each.at)
    return Finding(
        control=CONTROL.id,
        subject=f"{policy.id}/missed",
        resource=Resource("policy", policy.name, policy.arn, policy.id),
        severity=CONTROL.severity,
        summary=f"{', '.join(actions[:3])} went from {policy.name} and was refused since, last to "
        f"{last.whom}",
        evidence={
            **reach_of(holders_of(policy.arn, snapshot), snapshot).evidence(snapshot),
            "refused": [
                f"{each.action} to {each.whom} at {utc_text(each.at)}" for each in missed[:_SHOWN]
            ],
            "times": len(missed),
            "version": policy.default.id,
            "made": utc_text(policy.default.created),
            "roles_partly_looked_up": snapshot.policy_denials.partly.get(policy.id, 0),
        },
    )


def _missed(policy: ManagedPolicy, snapshot: Snapshot) -> tuple[Refusal, ...]:
    """Refusals of what the version before allowed, if perhaps, and the one in force doesn't."""
    refusals = snapshot.policy_denials.by_policy.get(policy.id, ())
    documents = _documents(policy) if refusals else None
    if documents is None:
        return ()
    before, now = documents
    return tuple(
        each
        for each in refusals
        if decide(each.action, "*", (now,)).verdict in _REFUSED
        and decide(each.action, "*", (before,)).verdict not in _REFUSED
    )


def _documents(policy: ManagedPolicy) -> tuple[Document, Document] | None:
    before = earlier_version(policy)
    if before is None:
        return None
    try:
        old = parse_document(before.text, where=f"{before.id} of {policy.name}")
    except PolicyDocumentError:
        return None
    return old, parse_document(policy.default.text, where=policy.name)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: NeededActionDeniedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Give back what was refused, on the terms of the version before."""
    policy = snapshot.policies_by_arn[finding.resource.arn]
    documents = _documents(policy)
    actions = {each.action for each in _missed(policy, snapshot)}
    if documents is None:
        raise PlanError(f"{policy.name} has no version before the one in force")
    return give_back(finding, policy, documents, actions, snapshot)


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
