"""Member account with root credentials

Detects
-------
Accounts of the organization whose root user has a password, access keys or signing certificates,
where this account manages root access centrally (the management account, or the one it delegated
that to). Each is looked at in a session as its root that AWS limits to looking. A member of which
root has nothing passes, and so does one that has only an MFA device left: nobody gets in with that.
Members that can't be looked at, because a policy of the organization denies root everything, are
said and leave what was known of them as it is.

Why it matters
--------------
A member needs no root credentials at all once root is managed centrally: what only root can do is
done in a session of minutes, and logged. Each password, mailbox and key that stays is a way around
every policy of the account.

Changes
-------
Deletes, in sessions as the member's root that AWS limits to that: access keys, signing
certificates, the password, and then the MFA devices. Nothing of it comes back, so it takes two
people and the account's number typed. Just before each step Locksmith looks again; a key or a
password that was used within the margin (90 days) is left alone, and where one was, Locksmith lists
how to find out what uses it instead. AWS lets no such session switch a key off first.

Beside `SecurityAudit` it takes the permission `sts:AssumeRoot` on `arn:aws:iam::*:root`, best with
the condition that `sts:TaskPolicyArn` is one of
`arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials` (for scans) and
`arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials` (for the fix). Locksmith asks for
no other task, whatever it may do.

Undo
----
None for keys, certificates and devices. The management account can allow root to choose a new
password (the task IAMCreateRootUserPassword), by mail to the account's address.

When to say no
--------------
When the account is about to leave the organization, and needs a root user of its own. When a
program still uses the key: let it use a role first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html
CIS AWS Foundations Benchmark 7.0: 2.1.1
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import count, is_older, used_when, utc_text
from bot.errors import PlanError
from bot.model import (
    Account,
    Control,
    Finding,
    Manual,
    MemberRoot,
    Part,
    Plan,
    Resource,
    Risk,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations.root_account._member_steps import steps

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html"


class MemberRootCredentialsPresentSettings(Settings):
    """When a credential counts as not in use."""

    unused_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days without use after which a key or the password may be deleted (our "
        "choice: there is no way back).",
    )


def detect(
    snapshot: Snapshot,
    settings: MemberRootCredentialsPresentSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding for each member with any credential."""
    for root in snapshot.member_roots:
        if not root.has_credentials:
            continue
        arn = Account(root.account, snapshot.account.partition).iam_arn("root")
        yield Finding(
            control=CONTROL.id,
            subject=f"{root.account}/root-credentials",
            resource=Resource("account", root.account, arn, root.account),
            severity=CONTROL.severity,
            summary=f"Root of member {root.account} has {_what(root)}",
            evidence={
                "account_name": root.name,
                "password": root.password,
                "access_keys": {
                    key.shown_id: f"{'active' if key.active else 'inactive'}, made "
                    f"{utc_text(key.created)}, {used_when(key, snapshot.taken_at)}"
                    for key in root.keys
                },
                "signing_certificates": [*root.certificates],
                "mfa_devices": [*root.devices],
            },
        )


def _what(root: MemberRoot) -> str:
    parts = ["a password"] if root.password else []
    if root.keys:
        parts.append(count(len(root.keys), "access key"))
    if root.certificates:
        parts.append(count(len(root.certificates), "signing certificate"))
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def plan(
    finding: Finding, snapshot: Snapshot, settings: MemberRootCredentialsPresentSettings
) -> Plan | Manual:
    """Delete everything, unless a key is in use."""
    root = _root_of(finding, snapshot)
    now = snapshot.taken_at
    used = [
        key.shown_id
        for key in root.keys
        if key.last_used and not is_older(key.last_used, settings.unused_days, now)
    ]
    if used:
        return Manual(
            account=snapshot.account,
            subject=finding.subject,
            reason=f"root's key {', '.join(used)} is in use, and deleting it can't be undone",
            steps=(
                f"In CloudTrail of {root.account}, look which calls the user root makes with it",
                "Let what makes them use a role instead",
                f"Scan again once it was not used for {count(settings.unused_days, 'day')}",
            ),
            links=(_LINK,),
        )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=tuple(steps(root, settings.unused_days)),
        summary=f"Delete all root credentials of member {root.account}",
        breaks=(
            f"Nobody can sign in as root of {root.account}, nor recover its password by mail",
            "What only root can do there is done in a short session from here from then on",
        ),
    )


def _root_of(finding: Finding, snapshot: Snapshot) -> MemberRoot:
    for root in snapshot.member_roots:
        if root.account == finding.resource.unique_id:
            return root
    raise PlanError(f"{finding.control}: the snapshot has no member {finding.resource.unique_id}")


CONTROL = Control(
    id="member-root-credentials-present",
    title="Member account with root credentials",
    topic="root_account",
    severity=Severity.HIGH,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.MEMBER_ROOTS}),
    settings=MemberRootCredentialsPresentSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"7.0": ("2.1.1",)}, nist=("AC-2(1)", "AC-3(15)", "AC-6(2)"), pci=("7.2.1", "8.2.2")
    ),
)
