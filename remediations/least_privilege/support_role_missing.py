"""Nobody is set up to work with AWS Support

Detects
-------
An account in which no user, no group with members and no role has AWS's policy AWSSupportAccess.
That administrators could call Support too doesn't count, as it doesn't for CIS: who handles an
incident with AWS should not need all rights for it.

Why it matters
--------------
In an incident the first who calls Support signs in as an administrator or as root, or can't get in.

Changes
-------
Nothing, until people have chosen who works with Support: `trusted` takes their ARNs. Then Locksmith
makes a role under the path /locksmith/ that those may take on and nobody else, with MFA unless
`mfa` says otherwise, and attaches AWSSupportAccess to it. That gives them rights, so two people
approve it.

Undo
----
Detaches the policy and deletes the role, if it is still the one that Locksmith made.

When to say no
--------------
When people come by Identity Center: assign a permission set with AWSSupportAccess there instead;
its role counts.

References
----------
https://docs.aws.amazon.com/awssupport/latest/user/accessing-support.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-18
CIS AWS Foundations Benchmark 3.0: 1.17, 5.0: 1.16, 7.0: 2.15
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.model import (
    Control,
    Finding,
    Group,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.least_privilege._holders import holders, members_of
from remediations.least_privilege._support_role import make_role

_POLICY = "AWSSupportAccess"
_LINK = "https://docs.aws.amazon.com/awssupport/latest/user/accessing-support.html"

IdentityArn = Annotated[
    str, StringConstraints(pattern=r"^arn:[a-z-]+:iam::\d{12}:(user|role)/[\w+=,.@/-]+$")
]


class SupportRoleMissingSettings(Settings):
    """Who works with AWS Support, and by which role."""

    trusted: tuple[IdentityArn, ...] = Field(
        default=(),
        strict=False,
        description="ARNs of the users and roles of this account that may take on the role; "
        "Locksmith never chooses them.",
    )
    role: str = Field(
        default="aws-support",
        pattern=r"^[\w+=,.@-]{1,64}$",
        description="The name of the role that is made.",
    )
    mfa: bool = Field(
        default=True, description="Whether the role can only be taken on with proof of MFA."
    )


def detect(snapshot: Snapshot, settings: SupportRoleMissingSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account."""
    arn = snapshot.account.aws_policy_arn(_POLICY)
    for holder in holders(snapshot):
        reaches = not isinstance(holder, Group) or members_of(holder, snapshot)
        if arn in holder.attached and reaches:
            return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/support-role",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="Nobody is set up to work with AWS Support",
        evidence={"policy": arn, "users": len(snapshot.users), "roles": len(snapshot.roles)},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: SupportRoleMissingSettings
) -> Plan | Manual:
    """Make the role for those whom people chose, or say how they are chosen."""
    reason = _hindrance(snapshot, settings)
    if reason is None:
        arn = snapshot.account.aws_policy_arn(_POLICY)
        trusted = tuple(sorted(set(settings.trusted)))
        steps = make_role(settings.role, trusted, arn, with_mfa=settings.mfa)
        who = ", ".join(each.rpartition(":")[2] for each in trusted)
        return Plan(
            snapshot.account,
            finding.subject,
            steps,
            f"Make the role {settings.role}, by which {who} may work with AWS Support",
            (f"{who} may see and answer cases with AWS Support from then on",),
        )
    return Manual(
        snapshot.account,
        finding.subject,
        reason,
        (
            "Choose who works with AWS Support in an incident",
            (
                "Where there is Identity Center, assign them a permission set with "
                f"{_POLICY} in account {snapshot.account.id} there, and be done"
            ),
            f"Else name their users or roles in controls.{CONTROL.id}.trusted",
            "Let Locksmith scan again: it proposes the role, which two people approve",
        ),
        (_LINK,),
    )


def _hindrance(snapshot: Snapshot, settings: SupportRoleMissingSettings) -> str | None:
    if not settings.trusted:
        return "who is to work with AWS Support people must say"
    known = {user.arn for user in snapshot.users} | {role.arn for role in snapshot.roles}
    unknown = sorted(set(settings.trusted) - known)
    if unknown:
        return f"{', '.join(unknown)} is no user and no role of this account"
    if any(role.name.casefold() == settings.role.casefold() for role in snapshot.roles):
        return f"there is a role {settings.role} already, without {_POLICY}"
    return None


CONTROL = Control(
    id="support-role-missing",
    title="Nobody is set up to work with AWS Support",
    topic="least_privilege",
    severity=Severity.LOW,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.ROLES}),
    settings=SupportRoleMissingSettings,
    detect=detect,
    plan=plan,
    adds_rights=True,
    standards=Standards(
        cis={"3.0": ("1.17",), "5.0": ("1.16",), "7.0": ("2.15",)},
        nist=("AC-2", "IR-7"),
        pci=("12.10.3",),
    ),
)
