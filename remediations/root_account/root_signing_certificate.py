"""Root user has a signing certificate

Detects
-------
An account whose root user has an X.509 signing certificate, active or not, as the account summary
says. Not raised where the summary doesn't tell.

Why it matters
--------------
Whoever has the certificate's private key can sign requests as root to the few old interfaces that
still take it. Hardly anyone knows that it is there, nobody rotates it, and no policy limits it.

Changes
-------
Nothing: AWS lets only root itself delete its certificates. Locksmith lists the steps and looks
again. Where root access is managed centrally, the organization's management account can delete
those of a member: `member-root-credentials-present` does.

Undo
----
None is needed by Locksmith. A deleted certificate can't be brought back; deactivate it first and
wait.

When to say no
--------------
When an old tool for images of EC2 still signs with it and a date for its end is agreed.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SigningCertificate.html
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
)
from remediations._subjects import account_resource
from remediations.root_account._root import evidence, sign_in

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"


class RootSigningCertificateSettings(Settings):
    """Nothing to set: any certificate of root's is one too many."""


def detect(snapshot: Snapshot, settings: RootSigningCertificateSettings) -> Iterator[Finding]:  # noqa: ARG001 - every control's signature
    """One finding for the account."""
    if snapshot.account_summary.get("AccountSigningCertificatesPresent", 0) < 1:
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/root-certificates",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="The root user has a signing certificate",
        evidence=evidence(snapshot),
    )


def plan(
    finding: Finding,
    snapshot: Snapshot,
    settings: RootSigningCertificateSettings,  # noqa: ARG001 - every control's signature
) -> Plan | Manual:
    """The steps that only root can take."""
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason="only the root user itself can delete its signing certificates",
        steps=(
            *sign_in(snapshot.account),
            "Under X.509 Signing certificates, ask who has the private key of each one",
            "Choose Actions, then Deactivate, and wait until you are sure that nothing broke",
            "Choose Actions, then Delete, and confirm",
            "Sign out, and let Locksmith look again",
        ),
        links=(_LINK,),
    )


CONTROL = Control(
    id="root-signing-certificate",
    title="Root user has a signing certificate",
    topic="root_account",
    severity=Severity.HIGH,
    risk=None,
    needs=frozenset({Part.ACCOUNT_SUMMARY}),
    settings=RootSigningCertificateSettings,
    detect=detect,
    plan=plan,
)
