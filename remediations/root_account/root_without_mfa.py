"""Root user without MFA

Detects
-------
An account whose root user has a password and no MFA device, as the account summary says. Not raised
where root has no password, such as in members of an organization that manages root access
centrally: nobody can sign in there.

Why it matters
--------------
Root's password alone then opens everything, billing and closing the account included, and the
mailbox that can reset it does too.

Changes
-------
Nothing: only root itself can enrol its device. Locksmith lists the steps and looks again.

Undo
----
None is needed by Locksmith. Root can take a device off again in the same place.

When to say no
--------------
When root's credentials are about to be removed centrally: do that, which is better.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-9
CIS AWS Foundations Benchmark 3.0: 1.5, 5.0: 1.4, 7.0: 2.5
"""

from collections.abc import Iterator

from bot.model import (
    Control,
    Finding,
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
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html",
)


class RootWithoutMfaSettings(Settings):
    """Nothing to set: root either has MFA or doesn't."""


def detect(snapshot: Snapshot, settings: RootWithoutMfaSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account; a summary that says nothing about MFA is no violation."""
    summary = snapshot.account_summary
    if summary.get("AccountMFAEnabled") != 0 or summary.get("AccountPasswordPresent") == 0:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-mfa",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="The root user can sign in without MFA",
        evidence=evidence(snapshot),
    )


def plan(finding: Finding, snapshot: Snapshot, settings: RootWithoutMfaSettings) -> Plan | Manual:  # noqa: ARG001 - every control's signature
    """The steps that only root can take."""
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the root user itself can enrol its MFA device",
        steps=(
            *sign_in(snapshot.account),
            "Under Multi-factor authentication (MFA), choose Assign MFA device",
            "Enrol a passkey or security key, and a second one to keep in another place",
            "Sign out, sign in with the device to prove it, and let Locksmith look again",
        ),
        links=_LINKS,
    )


CONTROL = Control(
    id="root-without-mfa",
    title="Root user without MFA",
    topic="root_account",
    severity=Severity.CRITICAL,
    risk=None,
    needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=RootWithoutMfaSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.5",), "5.0": ("1.4",), "7.0": ("2.5",)},
        fsbp=("IAM.6",),
        nist=("AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"),
        pci=("8.4.2",),
    ),
)
