"""Person who signs in without MFA

Detects
-------
Users with a console password and no MFA device of any kind: no passkey or security key, no
authenticator app, no hardware token. A device that was enrolled since the credential report was
written is seen where it is virtual. Users whom Locksmith fenced already are left alone. Users
without a password, who can't sign in, don't count, nor does root, which is no user.

Why it matters
--------------
Whoever has the password has the account: phished, guessed, reused from a site that leaked. A second
factor is what most takeovers of console users fail at.

Changes
-------
Nobody can enrol a device for somebody else, so Locksmith puts the inline policy
`Locksmith-DenyUntilMfa` on the user. A session without MFA then can do one thing only: enrol a
device for this user, which the policy also allows, and change an initial password. With a device,
and signed in with it, the person has all their rights again; the policy no longer matters. Access
keys go on working, unless `include_keys` is set. Just before, Locksmith looks that the password is
still there and that there is still no device.

Undo
----
Takes the policy away: one call. A device that the person enrolled in the meantime stays.

When to say no
--------------
When the person should sign in through Identity Center instead and the password can simply go. When
a program signs in as this user. When the person has no way to be told: tell them first.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5
CIS AWS Foundations Benchmark 3.0: 1.10, 5.0: 1.9, 7.0: 2.10
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import password_used_at, report_evidence, utc_text, with_password
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
from remediations import _reads as reads
from remediations._fence import fence, is_fenced
from remediations._fence_documents import MFA_FENCE, mfa_document


class ConsoleUserWithoutMfaSettings(Settings):
    """Whom the fence holds back."""

    include_keys: bool = Field(
        default=False,
        description="Whether access keys without MFA are held back as well; this stops programs "
        "that use the user's keys (Security Hub IAM.19 asks for MFA for all users).",
    )


def detect(snapshot: Snapshot, settings: ConsoleUserWithoutMfaSettings) -> Iterator[Finding]:
    """One finding per person who can sign in with a password alone."""
    enrolled = {device.user_arn for device in snapshot.parts.get(Part.VIRTUAL_MFA, ())}
    for user, row in with_password(snapshot):
        if row.mfa_active or user.arn in enrolled:
            continue
        document = mfa_document(user, snapshot.account, include_keys=settings.include_keys)
        if is_fenced(user, MFA_FENCE, document):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/mfa",
            resource=Resource("user", user.name, user.arn, user.id),
            severity=CONTROL.severity,
            summary=f"{user.name} can sign in to the console without MFA",
            evidence={
                "password_last_used": utc_text(password_used_at(user, row, snapshot)),
                "password_last_changed": utc_text(row.password_last_changed),
                "active_keys": sum(key.active for key in row.keys),
                "groups": list(user.groups),
                **report_evidence(snapshot),
            },
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ConsoleUserWithoutMfaSettings
) -> Plan | Manual:
    """Put the fence on the user."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    held = "sessions and keys" if settings.include_keys else "sessions"
    return fence(
        finding,
        user,
        snapshot,
        name=MFA_FENCE,
        document=mfa_document(user, snapshot.account, include_keys=settings.include_keys),
        guards=(reads.has_password(user), reads.without_mfa(user)),
        risk=Risk.DISRUPTIVE,
        summary=f"Deny {user.name}'s {held} everything but enrolling MFA, until MFA is there",
        breaks=(
            f"{user.name} can do nothing else in the console before enrolling an MFA device",
            f"Temporary credentials of {user.name} without MFA (GetSessionToken) are refused",
            f"Sessions of roles that {user.name} assumed before stay open up to 12 hours",
        ),
    )


CONTROL = Control(
    id="console-user-without-mfa",
    title="Person who signs in without MFA",
    topic="mfa",
    severity=Severity.HIGH,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.VIRTUAL_MFA, Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY}),
    settings=ConsoleUserWithoutMfaSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.10",), "5.0": ("1.9",), "7.0": ("2.10",)},
        fsbp=("IAM.5",),
        nist=("AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.2",),
    ),
)
