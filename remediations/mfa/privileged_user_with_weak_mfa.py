"""Privileged person with MFA that can be phished

Detects
-------
Only where `phishing_resistant` asks for it: users with a console password, rights that make them
privileged once they are signed in with MFA (see `privileged-user-without-mfa`), and no MFA but
virtual devices, that is authenticator apps. Who may have one is told by the account's list of
virtual devices and whose they are, without a call per user; the devices of the privileged among
them are then listed, of 200 at most, and of the others the evidence says that they weren't. A
passkey or security key beside the app counts as enough, unless `beside_passkey` asks that the app
goes too: whoever signs in chooses the device. Hardware tokens that show codes can be phished as
well, and are no reason to be left out. Break-glass users are left alone.

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

from collections.abc import Iterator, Mapping

from pydantic import Field

from bot.credentials import report_evidence, utc_text, with_password
from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    MfaKind,
    Part,
    Plan,
    Severity,
    Snapshot,
    Standards,
)
from bot.policy import Proof
from remediations._privileges import Privileges, PrivilegeSettings
from remediations._subjects import resource_of
from remediations.mfa._enrolment import enrolled_devices

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
    beside_passkey: bool = Field(
        default=False,
        description="Whether an authenticator app counts beside a passkey or security key too, "
        "since whoever signs in chooses between them.",
    )


def detect(snapshot: Snapshot, settings: PrivilegedUserWithWeakMfaSettings) -> Iterator[Finding]:
    """One finding per privileged person with a virtual device."""
    if not settings.phishing_resistant:
        return
    privileges = Privileges(snapshot, Proof.MFA, settings.sensitive_actions)
    enrolled = enrolled_devices(snapshot)
    kinds: Mapping[str, tuple[MfaKind, ...]] = snapshot.parts.get(Part.MFA_DEVICES, {})
    for user, row in with_password(snapshot):
        if user.arn not in enrolled or snapshot.protection.is_break_glass(user.arn):
            continue
        if MfaKind.PASSKEY in kinds.get(user.id, ()) and not settings.beside_passkey:
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
                "kinds_of_mfa": _kinds(kinds.get(user.id)),
                "password_last_used": utc_text(row.password_last_used),
                **report_evidence(snapshot),
            },
        )


def _kinds(found: tuple[MfaKind, ...] | None) -> Json:
    return "not looked at" if found is None else sorted({each.value for each in found})


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
    plan_needs=frozenset({Part.MFA_DEVICES}),
    settings=PrivilegedUserWithWeakMfaSettings,
    detect=detect,
    plan=plan,
    standards=Standards(nist=("IA-2(1)", "IA-2(6)", "IA-2(8)")),
)  # fmt: skip
