"""Root user with virtual MFA

Detects
-------
An account whose root user has a password and signs in with a virtual MFA device, such as an app on
a phone: the list of virtual devices has one that is assigned to root. It is told by whose it is,
not by its name, which anyone may choose. Not raised where root has no password, such as in members
of an organization that manages root access centrally, nor where it has no MFA at all, which is
`root-without-mfa`. A passkey or hardware token beside it can't be seen from outside: as long as the
virtual device is there, it lets root in, and the finding stays, as in AWS's own check.

Why it matters
--------------
The secret of a virtual device can be copied when it is enrolled, is often in a phone's backup, and
its codes can be phished. A passkey on hardware signs for the real AWS page only.

Changes
-------
Nothing: only root itself can enrol and remove its devices. Locksmith lists the steps and looks
again.

Undo
----
None is needed by Locksmith. Root can enrol a virtual device again in the same place.

When to say no
--------------
When the virtual device is the agreed spare of a hardware key and lies in a safe: exempt it. When
root's credentials are about to be removed centrally: do that, which is better.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-fido-mfa-for-root.html
https://docs.aws.amazon.com/config/latest/developerguide/root-account-hardware-mfa-enabled.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-6
CIS AWS Foundations Benchmark 3.0: 1.6, 5.0: 1.5, 7.0: 2.6
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Settings,
    Severity,
    Snapshot,
    Standards,
)
from remediations._subjects import account_resource
from remediations.root_account._root import evidence, sign_in

_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-fido-mfa-for-root.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html",
)


class RootWithVirtualMfaOnlySettings(Settings):
    """Nothing to set: root either has a virtual device or doesn't."""


def detect(snapshot: Snapshot, settings: RootWithVirtualMfaOnlySettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account, with the serial numbers of root's virtual devices."""
    summary, root = snapshot.account_summary, snapshot.account.iam_arn("root")
    serials: list[Json] = [
        device.serial for device in snapshot.virtual_mfa if device.user_arn == root
    ]
    without = summary.get("AccountMFAEnabled") == 0 or summary.get("AccountPasswordPresent") == 0
    if without or not serials:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-mfa",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="The root user signs in with a virtual MFA device",
        evidence={
            **evidence(snapshot),
            "virtual_devices": serials,
            "other_devices": "can't be seen from outside",
        },
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: RootWithVirtualMfaOnlySettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The steps that only root can take; at no time is it without MFA."""
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the root user itself can change its MFA devices",
        steps=(
            *sign_in(snapshot.account),
            (
                "Under Multi-factor authentication (MFA), choose Assign MFA device and enrol a "
                "passkey on hardware or a security key, and a second one to keep in another place"
            ),
            "Sign out, and sign in with each of them to prove it",
            "Only then choose the virtual device, then Remove",
            "Sign out, and let Locksmith look again",
        ),
        links=_LINKS,
    )


CONTROL = Control(
    id="root-with-virtual-mfa-only",
    title="Root user with virtual MFA",
    topic="root_account",
    severity=Severity.MEDIUM,
    risk=None,
    needs=frozenset({Part.ACCOUNT_SUMMARY, Part.VIRTUAL_MFA}),
    settings=RootWithVirtualMfaOnlySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.6",), "5.0": ("1.5",), "7.0": ("2.6",)},
        fsbp=("IAM.6",),
        nist=("AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.2",),
    ),
)
