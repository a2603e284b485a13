"""Root is the only administrator

Detects
-------
An account in which nobody but the root user administers IAM: no user with a password or an active
key, and no role that people come by, has all rights there, not even with MFA only. Break-glass
users count as administrators, Locksmith's own role and roles of services don't. Not raised where
root has no password, as in members of an organization that manages root access centrally, and not
where a policy can't be read. Organization policies are not known here.

Why it matters
--------------
Whoever must change a right has to sign in as root, which can't be limited, and whose password and
MFA several people then share. Nobody can be told from another in the logs.

Changes
-------
Nothing, until people have chosen who is to administer: `administrators` takes the names of their
IAM users, who need MFA. Then Locksmith makes the group `administrators` under the path
/locksmith/, allows it everything to those who signed in with MFA, and adds them. That gives them
all rights, so two people approve it.

Undo
----
Takes the people out of the group again, and empties and deletes it unless somebody else has joined.

When to say no
--------------
When people are to come by Identity Center: assign them AdministratorAccess there, which is better.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/getting-started-account-iam.html
CIS AWS Foundations Benchmark 3.0: 1.7, 5.0: 1.6, 7.0: 2.7
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
    User,
)
from remediations._subjects import account_resource
from remediations.individual_users._administrators import NEEDS, administrator
from remediations.individual_users._appointing import GROUP, appoint

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"


class RootIsTheOnlyAdministratorSettings(Settings):
    """Who is to administer the account."""

    administrators: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of the IAM users that are to administer; Locksmith never chooses them.",
    )


def detect(
    snapshot: Snapshot,
    settings: RootIsTheOnlyAdministratorSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding for the account."""
    if snapshot.account_summary.get("AccountPasswordPresent") == 0:
        return
    if administrator(snapshot) is None:
        yield Finding(
            control=CONTROL.id,
            subject=f"{snapshot.account.id}/administrators",
            resource=account_resource(snapshot),
            severity=CONTROL.severity,
            summary="Nobody but the root user administers the account",
            evidence={"users": len(snapshot.users), "roles": len(snapshot.roles)},
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: RootIsTheOnlyAdministratorSettings
) -> Plan | Manual:
    """Appoint those whom people chose, or say how they are chosen."""
    users: list[User] = []
    unfit: list[str] = []
    for name in dict.fromkeys(settings.administrators):
        user = snapshot.users_by_name.get(name)
        row = snapshot.report_rows.get(user.arn) if user else None
        if user is None:
            unfit.append(f"{name} is no user of this account")
        elif row is None or not row.mfa_active:
            unfit.append(f"{name} has no MFA device yet")
        else:
            users.append(user)
    if users and not unfit:
        return appoint(finding, tuple(users), snapshot)
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="; ".join(unfit) or "who is to administer the account people must say",
        steps=(
            (
                "Choose two people or more; where there is Identity Center, assign them "
                f"AdministratorAccess in account {snapshot.account.id} there, and be done"
            ),
            "Else give each an IAM user with a password and an MFA device of their own",
            "Name the users in controls.root-is-the-only-administrator.administrators",
            f"Let Locksmith scan again: it proposes the group {GROUP}, which two people approve",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="root-is-the-only-administrator",
    title="Root is the only administrator",
    topic="individual_users",
    severity=Severity.HIGH,
    risk=Risk.REVERSIBLE,
    needs=NEEDS | {Part.ACCOUNT_SUMMARY},
    settings=RootIsTheOnlyAdministratorSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.7",), "5.0": ("1.6",), "7.0": ("2.7",)},
        nist=("AC-2", "AC-5", "AC-6", "AC-6(2)", "AC-6(5)"),
        pci=("7.2.1", "8.2.2"),
    ),
    adds_rights=True,
)
