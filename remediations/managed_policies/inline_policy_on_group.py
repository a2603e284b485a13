"""The same inline policy on several groups

Detects
-------
Two or more groups that have an inline policy with the very same document, whatever the policies'
names. Not counted are groups that are protected or have a protected member, Locksmith's own
fences, documents that can't be compared exactly, and documents that grant everything
(`full-admin-policy` asks about those). A single inline policy on a group is no finding.

Why it matters
--------------
That is one policy written down several times. Whoever corrects it must find every copy, and the
members of the group that is forgotten keep the old rights. No list of policies shows them, and they
have no versions to go back to.

Changes
-------
All members keep exactly the rights they have. Locksmith takes a policy of yours that says just
that, or makes one (under the path /locksmith/, named after the first of them), attaches it to each
group, looks that it is there and unchanged, and only then deletes the group's inline policy; 25
groups at once, the rest with the next question. The security group decides. AWS spreads changes
over some seconds, during which a call may be refused.

Undo
----
In reverse: puts the exact documents back, detaches the policy, and deletes it if the plan made it
and nobody else has it since.

When to say no
--------------
When the groups do different jobs that happen to need the same today. When a template or another
tool manages them: change it there, or the next deployment puts the inline policies back.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from collections.abc import Iterator

from pydantic import Field

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
from remediations.groups._members import members_by_group
from remediations.managed_policies._one_policy import one_policy, same_inline, shared


class InlinePolicyOnGroupSettings(Settings):
    """How many groups with the same document count."""

    groups: int = Field(
        default=2, ge=2, le=1000, description="So many groups with the same inline policy count."
    )


def detect(snapshot: Snapshot, settings: InlinePolicyOnGroupSettings) -> Iterator[Finding]:
    """One finding per document."""
    for key, uses in shared(snapshot.groups, snapshot, members_by_group(snapshot)).items():
        if len(uses) >= settings.groups:
            yield same_inline(CONTROL.id, "group", CONTROL.severity, key, uses, snapshot)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: InlinePolicyOnGroupSettings,
) -> Plan | Manual:
    """One managed policy for all of them."""
    found = shared(snapshot.groups, snapshot, members_by_group(snapshot))
    uses = found.get(finding.subject.rpartition("/")[2], [])
    return one_policy(finding, uses, settings.groups, snapshot)


CONTROL = Control(
    id="inline-policy-on-group",
    title="The same inline policy on several groups",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.GROUPS}),
    plan_needs=frozenset({Part.CUSTOMER_POLICIES, Part.ACCOUNT_SUMMARY}),
    settings=InlinePolicyOnGroupSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "AC-2(1)", "AC-3", "AC-6", "AC-6(3)"), pci=("7.2.1", "7.2.2")
    ),
    asks_security=True,
)
