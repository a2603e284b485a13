"""The same inline policy on several roles

Detects
-------
Two or more roles that have an inline policy with the very same document, whatever the policies'
names. Not counted are roles that only AWS, Identity Center or Control Tower changes, protected
ones, those that a stack owns, Locksmith's own fences, documents that can't be compared exactly, and
documents that grant everything (`full-admin-policy` asks about those). A single inline policy on a
role is no finding: it may well belong to that role alone.

Why it matters
--------------
That is one policy written down several times. Whoever corrects it must find every copy, and the one
that is forgotten keeps the old rights. No list of policies shows them, and they have no versions to
go back to.

Changes
-------
Each role keeps exactly the rights it has. Locksmith takes a policy of yours that says just that, or
makes one (under the path /locksmith/, named after the first of them), attaches it to each role,
looks that it is there and unchanged, and only then deletes the role's inline policy; 25 roles at
once, the rest with the next question. The security group decides, since it is about several roles.
AWS spreads changes over some seconds, during which a call may be refused.

Undo
----
In reverse: puts the exact documents back, detaches the policy, and deletes it if the plan made it
and nobody else has it since.

When to say no
--------------
When the roles do different jobs that happen to need the same today. When a template or another tool
manages them: change it there, or the next deployment puts the inline policies back.

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
from remediations.managed_policies._one_policy import one_policy, same_inline, shared


class InlinePolicyOnRoleSettings(Settings):
    """How many roles with the same document count."""

    roles: int = Field(
        default=2, ge=2, le=1000, description="So many roles with the same inline policy count."
    )


def detect(snapshot: Snapshot, settings: InlinePolicyOnRoleSettings) -> Iterator[Finding]:
    """One finding per document."""
    for key, uses in shared(snapshot.roles, snapshot, {}).items():
        if len(uses) >= settings.roles:
            yield same_inline(CONTROL.id, "role", CONTROL.severity, key, uses, snapshot)


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: InlinePolicyOnRoleSettings,
) -> Plan | Manual:
    """One managed policy for all of them."""
    found = shared(snapshot.roles, snapshot, {})
    uses = found.get(finding.subject.rpartition("/")[2], [])
    return one_policy(finding, uses, settings.roles, snapshot)


CONTROL = Control(
    id="inline-policy-on-role",
    title="The same inline policy on several roles",
    topic="managed_policies",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.CUSTOMER_POLICIES, Part.ACCOUNT_SUMMARY}),
    settings=InlinePolicyOnRoleSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "AC-2(1)", "AC-3", "AC-6", "AC-6(3)"), pci=("7.2.1", "7.2.2")
    ),
    asks_security=True,
)
