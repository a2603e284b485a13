"""Policy that lately came to allow more

Detects
-------
Policies of your own whose version in force was made within so many days (14) and surely allows
something that the version before it didn't: an action that is allowed now and wasn't, or one that
AWS adds later. What can't be told is no finding, nor is what an earlier version, which AWS still
keeps, allowed as well: that gives back what was taken. A policy that was set back to an older
version has nothing to be compared with. Left out are the names in `expected`. Critical where the
policy makes administrators now and didn't, low where nobody has it.

Why it matters
--------------
Rights grow by small changes that nobody looks at again, and whoever got in makes a version too.

Changes
-------
Puts the version before in force again; the new one stays, so that nothing is lost. Just before,
Locksmith looks that both texts are those that were compared and that the same identities have the
policy. What came with the new version stops working.

Undo
----
The new version is put in force again.

When to say no
--------------
When the work needs it: the question goes away after so many days by itself. A pipeline's policies
can be named in `expected`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from bot.credentials import utc_text
from bot.errors import PlanError
from bot.model import (
    Control,
    Finding,
    Json,
    ManagedPolicy,
    Manual,
    Part,
    Plan,
    PolicyVersion,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
    canonical,
)
from bot.policy import Right, parse_document
from remediations._subjects import is_named, resource_of
from remediations.least_privilege._documents import full_access
from remediations.least_privilege._earlier import earlier_version, gained_since
from remediations.least_privilege._holders import Meant, holders_of, reach_of
from remediations.least_privilege._narrow import put_back
from remediations.least_privilege._versioned import why_held

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"
_SHOWN = 20


class CustomerPolicyWidenedSettings(Settings):
    """For how long a wider version is a question, and whose need none."""

    days: int = Field(
        default=14,
        ge=1,
        le=400,
        description="Days for which a version that allows more is asked about.",
    )
    expected: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of policies that a pipeline keeps, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: CustomerPolicyWidenedSettings) -> Iterator[Finding]:
    """One finding per policy that lately came to allow more."""
    since = snapshot.taken_at - timedelta(days=settings.days)
    for policy in snapshot.customer_policies:
        if policy.default.created <= since or is_named(policy.name, settings.expected):
            continue
        before = earlier_version(policy)
        gained = gained_since(before, policy) if before else ()
        if before and gained:
            yield _finding(policy, before, gained, snapshot)


def _finding(
    policy: ManagedPolicy, before: PolicyVersion, gained: tuple[Right, ...], snapshot: Snapshot
) -> Finding:
    reach = reach_of(holders_of(policy.arn, snapshot), snapshot)
    evidence: dict[str, Json] = {
        **reach.evidence(snapshot),
        "more": [_said(right) for right in gained[:_SHOWN]],
        "others": max(0, len(gained) - _SHOWN),
        "version": policy.default.id,
        "before": before.id,
        "made": utc_text(policy.default.created),
    }
    texts = policy.default.text, before.text
    full, was = (full_access(text, policy.name, snapshot.account) for text in texts)
    severity = CONTROL.severity if reach.identities else Severity.LOW
    if full and not was and reach.identities:
        severity = Severity.CRITICAL
    return Finding(
        CONTROL.id,
        f"{policy.id}/version",
        resource_of(policy),
        severity,
        f"{policy.name} allows more since {policy.default.created:%Y-%m-%d} than before",
        evidence,
    )


def _said(right: Right) -> str:
    return f"{', '.join(right.actions[:5])} on {right.resource}"


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: CustomerPolicyWidenedSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """Put the version before in force again."""
    policy = snapshot.policies_by_arn[finding.resource.arn]
    before = earlier_version(policy)
    if before is None:
        raise PlanError(f"{policy.name} has no version before the one in force")
    by_hand = (f"Look at what version {policy.default.id} adds, and set {before.id} by hand",)
    held = why_held(policy, snapshot, Meant(snapshot, ()))
    if held:
        return Manual(snapshot.account, finding.subject, *held, (_LINK,))
    try:
        old, new = (
            parse_document(each.text, where=policy.name).as_json()
            for each in (before, policy.default)
        )
        canonical(old)
        canonical(new)
    except PlanError as error:
        reason = f"{policy.name} can't be compared exactly: {error}"
        return Manual(snapshot.account, finding.subject, reason, by_hand, (_LINK,))
    return Plan(
        snapshot.account,
        finding.subject,
        put_back(policy, before.id, old, new, snapshot),
        f"Put version {before.id} of {policy.name} in force again, in the place of "
        f"{policy.default.id}",
        (f"What {policy.name} allows since {policy.default.id} stops working for who has it",),
    )


CONTROL = Control(
    id="customer-policy-widened",
    title="Policy that lately came to allow more",
    topic="least_privilege",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES}),
    settings=CustomerPolicyWidenedSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-6", "AC-6(7)", "CM-3"), pci=("7.2.4",)),
)
