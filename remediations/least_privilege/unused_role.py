"""Role that nobody uses

Detects
-------
Roles that were neither made nor used within the limit (90 days). Only AWS's own record of the last
use counts, which covers 400 days and every request that was signed with a session of the role,
refused ones too; whether anything is attached says nothing about use. Left out are roles in an
instance profile (an instance may hold one and sign nothing for long), service-linked roles and
others that only AWS changes, break-glass roles, Locksmith's own, and the names in `seasonal`. Roles
that Locksmith fenced already are the business of fenced-unused-role.

Why it matters
--------------
Whoever may take on a forgotten role has its rights, and nobody would notice: its owner has left,
and its trust is as wide as it was on the day when someone needed it.

Changes
-------
Puts a fence on the role: the inline policy `Locksmith-UnusedRole`, which denies everything. Nothing
is detached, deleted or changed in its trust. Just before, Locksmith looks that the role still is
the one that was seen, that it was not used meanwhile and that no instance profile has it. Calls
that the fence denies count as use with AWS, so that they show: the role is then not asked about
again.

Undo
----
Takes the fence away: one call, and the role works as before.

When to say no
--------------
When the work comes more seldom than the limit: a disaster drill, an audit, the end of the year.
Name such roles in `seasonal`.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._fence import is_fenced
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations.least_privilege._fence_role import fence_off
from remediations.least_privilege._idle_role import idle_roles, signs


class UnusedRoleSettings(Settings):
    """How long a role may lie unused, and which ones may for longer."""

    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days without any use after which a role counts as unused; AWS remembers 400.",
    )
    seasonal: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of roles that are needed more seldom than that, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: UnusedRoleSettings) -> Iterator[Finding]:
    """One finding per role that nobody uses."""
    for role, since in idle_roles(snapshot, settings.days, settings.seasonal):
        if is_fenced(role, UNUSED_FENCE, UNUSED_DOCUMENT):
            continue
        what = "was last used" if role.last_used == since else "was never used since it was made"
        yield Finding(
            control=CONTROL.id,
            subject=f"{role.id}/role",
            resource=Resource("role", role.name, role.arn, role.id),
            severity=CONTROL.severity,
            summary=f"The role {role.name} {what} on {since:%Y-%m-%d}",
            evidence=signs(role, since, snapshot),
        )


def plan(finding: Finding, snapshot: Snapshot, settings: UnusedRoleSettings) -> Plan | Manual:
    """Put the fence on the role."""
    role = snapshot.roles_by_id[finding.resource.unique_id]
    return fence_off(finding, role, snapshot, settings.days)


CONTROL = Control(
    id="unused-role",
    title="Role that nobody uses",
    topic="least_privilege",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.ROLES}),
    plan_needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=UnusedRoleSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"unused-access-analyzer-findings"}),
    idle_setting="days",
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6", "AC-6(7)"), pci=("7.2.4", "7.2.5.1")),
)
