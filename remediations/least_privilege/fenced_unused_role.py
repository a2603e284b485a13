"""Unused role that was fenced and not missed

Detects
-------
Roles behind the fence of unused-role that were neither made nor used within a longer limit (120
days). A call that the fence denies counts as use with AWS, so that a role that somebody missed is
not found here. Left out is whatever unused-role leaves out, `seasonal` included. While the week of
watching after the fence lasts, Locksmith doesn't ask.

Why it matters
--------------
A fence is one call from being gone, and a list of dead roles hides the living ones. IAM also lets
an account have no more than so many roles.

Changes
-------
Takes all policies off the role and deletes it, the fence last, so that it never has a right on the
way. Everything there was to it is kept with the plan and the finding: the texts of its inline
policies, what was attached, its trust, boundary and tags. Just before each step, Locksmith looks
that the role still is the one that was seen, unused and in no instance profile, and before the last
that its trust is the same.

Undo
----
None for the role itself: one made anew has another unique id, so policies elsewhere that name the
role no longer mean it. What was taken off before the deletion is put back.

When to say no
--------------
When buckets, keys or other accounts name this role and somebody may need it back: leave it fenced.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
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
from remediations.least_privilege._dismantle import dismantle
from remediations.least_privilege._idle_role import idle_roles, signs


class FencedUnusedRoleSettings(Settings):
    """How long a fenced role is kept."""

    days: int = Field(
        default=120,
        ge=1,
        le=400,
        description="Days without any use, those before the fence included, after which a fenced "
        "role is proposed for deletion.",
    )
    seasonal: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of roles that stay fenced and are never deleted, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: FencedUnusedRoleSettings) -> Iterator[Finding]:
    """One finding per fenced role that nobody missed."""
    for role, since in idle_roles(snapshot, settings.days, settings.seasonal):
        if not is_fenced(role, UNUSED_FENCE, UNUSED_DOCUMENT):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{role.id}/role",
            resource=Resource("role", role.name, role.arn, role.id),
            severity=CONTROL.severity,
            summary=f"The role {role.name} is fenced off, and nobody used it since "
            f"{since:%Y-%m-%d}",
            evidence=signs(role, since, snapshot),
        )


def plan(finding: Finding, snapshot: Snapshot, settings: FencedUnusedRoleSettings) -> Plan | Manual:
    """Take the role apart and delete it."""
    role = snapshot.roles_by_id[finding.resource.unique_id]
    return dismantle(finding, role, snapshot, settings.days)


CONTROL = Control(
    id="fenced-unused-role",
    title="Unused role that was fenced and not missed",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.ROLES}),
    settings=FencedUnusedRoleSettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6"), pci=("7.2.4", "7.2.5.1")),
)
