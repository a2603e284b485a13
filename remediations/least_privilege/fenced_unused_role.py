"""Unused role that was fenced and not missed

Detects
-------
Roles on which the fence of unused-role stands for longer than the grace (90 days), just as
Locksmith put it, and that nobody used since. A call that the fence denies counts as use with AWS,
so that a role that somebody missed is not found here. Since when it stands, Locksmith knows from
its own record of putting it; where there is none, people get the steps. Left out is whatever
unused-role leaves out, `seasonal` included.

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

from bot.credentials import is_older, utc_text
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
from remediations._fence import is_fenced
from remediations._fence_documents import UNUSED_DOCUMENT, UNUSED_FENCE
from remediations._subjects import resource_of
from remediations.least_privilege._dismantle import dismantle
from remediations.least_privilege._idle_role import idle_roles, signs

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html"


class FencedUnusedRoleSettings(Settings):
    """How long a fenced role is kept."""

    grace_days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days for which the fence must have stood, and nobody used the role, before "
        "the role is deleted (no standard names a number; a quarter misses few jobs).",
    )
    seasonal: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of roles that stay fenced and are never deleted, with * and ?.",
    )


def detect(snapshot: Snapshot, settings: FencedUnusedRoleSettings) -> Iterator[Finding]:
    """One finding per fenced role that nobody missed."""
    for role, since in idle_roles(snapshot, settings.grace_days, settings.seasonal):
        if not is_fenced(role, UNUSED_FENCE, UNUSED_DOCUMENT):
            continue
        put = snapshot.fences.get((role.id, UNUSED_FENCE))
        if put and (not is_older(put, settings.grace_days, snapshot.taken_at) or since > put):
            continue
        stands = f"since {put:%Y-%m-%d}" if put else "since nobody knows when"
        yield Finding(
            control=CONTROL.id,
            subject=f"{role.id}/role",
            resource=resource_of(role),
            severity=CONTROL.severity,
            summary=f"The role {role.name} is fenced off {stands}, and nobody misses it",
            evidence={"fenced_at": utc_text(put), **signs(role, since, snapshot)},
        )


def plan(finding: Finding, snapshot: Snapshot, settings: FencedUnusedRoleSettings) -> Plan | Manual:
    """Take the role apart and delete it."""
    role, days = snapshot.roles_by_id[finding.resource.unique_id], settings.grace_days
    if (role.id, UNUSED_FENCE) in snapshot.fences:
        return dismantle(finding, role, snapshot, days)
    return Manual(
        snapshot.account,
        finding.subject,
        f"Locksmith has no record of putting {UNUSED_FENCE} on {role.name}, so it could have been "
        f"less than {days} days ago",
        (
            (
                f"Look when {UNUSED_FENCE} was put on {role.name}: aws cloudtrail lookup-events "
                "--region us-east-1 --lookup-attributes "
                "AttributeKey=EventName,AttributeValue=PutRolePolicy"
            ),
            f"Ask whoever answers for {role.name} whether anybody still needs it",
            (
                f"If it has stood for more than {days} days, save what the policies and the trust "
                f"of {role.name} say, and delete the role; this can't be undone"
            ),
            "Let Locksmith look again",
        ),
        (_LINK,),
    )


CONTROL = Control(
    id="fenced-unused-role",
    title="Unused role that was fenced and not missed",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.ROLES, Part.FENCES}),
    settings=FencedUnusedRoleSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6"), pci=("7.2.4", "7.2.5.1")),
)
