"""Privileged person with MFA that can be phished

Detects
-------
Only where `phishing_resistant` asks for it: users with a console password, rights that make them
privileged once they are signed in with MFA (see `privileged-user-without-mfa`), and a virtual MFA
device, that is an authenticator app. A passkey or security key beside it makes no difference,
since whoever signs in chooses the device: it is the weakest that counts. Devices are told by the
account's list of virtual devices and whose they are, without a call per user. Hardware tokens that
show codes can be phished as well, but nothing that a scan reads tells them from passkeys.
Break-glass users are left alone.

Why it matters
--------------
A code can be typed into the wrong page, and its seed copied from a phone's backup. A passkey or
security key signs for the real AWS page only.

Changes
-------
Nothing: only the person can enrol a passkey, in the console, and AWS has no condition on the kind
of MFA that a session was signed in with. Locksmith lists the steps and looks again.

Undo
----
None is needed by Locksmith. The person can enrol an app again.

When to say no
--------------
When the person has no computer that can use a passkey or security key: exempt them for as long as
that lasts.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_fido.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_fido_supported_configurations.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#enable-mfa-for-privileged-users
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import report_evidence, utc_text, with_password
from bot.model import (
    Control,
    Finding,
    Manual,
    Part,
    Plan,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import Proof
from remediations._privileges import Privileges, PrivilegeSettings
from remediations.mfa._enrolment import enrolled_devices, resource_of

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_fido.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_fido_supported_configurations.html",
)


class PrivilegedUserWithWeakMfaSettings(PrivilegeSettings):
    """Who is privileged, and whether their MFA must resist phishing."""

    phishing_resistant: bool = Field(
        default=False,
        description="Whether privileged people need MFA that can't be phished, which authenticator "
        "apps are not; without it this control finds nothing.",
    )


def detect(snapshot: Snapshot, settings: PrivilegedUserWithWeakMfaSettings) -> Iterator[Finding]:
    """One finding per privileged person with a virtual device."""
    if not settings.phishing_resistant:
        return
    privileges = Privileges(snapshot, Proof.MFA, settings.sensitive_actions)
    enrolled = enrolled_devices(snapshot)
    for user, row in with_password(snapshot):
        if user.arn not in enrolled or snapshot.protection.is_break_glass(user.arn):
            continue
        power = privileges.of(user)
        if not power:
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/mfa",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} is privileged and signs in with MFA that can be phished",
            evidence={
                **power.evidence(),
                "virtual_devices": [*enrolled[user.arn]],
                "password_last_used": utc_text(row.password_last_used),
                **report_evidence(snapshot),
            },
        )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: PrivilegedUserWithWeakMfaSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The steps that only the person can take; at no time are they without MFA."""
    name = finding.resource.name
    devices = enrolled_devices(snapshot).get(finding.resource.arn, [])
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason=f"only {name} can enrol a passkey or security key for their own user",
        steps=(
            f"As {name}, sign in to the console with MFA and open Security credentials",
            (
                "Under Multi-factor authentication (MFA), choose Assign MFA device and enrol a "
                "passkey or security key, and a second one to keep in another place"
            ),
            "Sign out, and sign in with each of them to prove it",
            f"Only then remove the virtual device {', '.join(devices)}",
            "Let Locksmith scan again",
        ),
        links=_LINKS,
    )


CONTROL = Control(
    id="privileged-user-with-weak-mfa",
    title="Privileged person with MFA that can be phished",
    topic="mfa",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset(
        {
            Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES,
            Part.CREDENTIAL_REPORT, Part.VIRTUAL_MFA,
        }
    ),
    settings=PrivilegedUserWithWeakMfaSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("IA-2(1)", "IA-2(6)", "IA-2(8)")),
)  # fmt: skip
