"""Signing certificate that is too old

Detects
-------
Active X.509 signing certificates of users that were uploaded longer ago than the limit (90 days).
The credential report tells who has any; only those users are asked about, as long as they are no
more than `inventory.listing_budget`. Root's are another control's.

Why it matters
--------------
Signing certificates sign requests of the old SOAP interfaces, and work for ever. Hardly anything
needs them any more, so that nobody watches them.

Changes
-------
Switches it off: its status becomes Inactive. Nothing is deleted. IAM doesn't tell when it was last
used, so its owner is asked, and has to put a new one in its place first. Just before, Locksmith
looks that it is still active, and so old.

Undo
----
Switches it on again: one call, and the same credential works as before.

When to say no
--------------
When an old SOAP client still signs with it and can't take a new one before an agreed date.

References
----------
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSigningCertificate.html
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
)
from remediations._switching_off import (
    SIGNING_CERTIFICATE,
    signing_certificates,
    switch_off,
    too_old,
)


class OldSigningCertificateSettings(Settings):
    """How old one may be."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which it is too old (as for access keys, CIS 5.0 1.13: 90).",
    )


def detect(snapshot: Snapshot, settings: OldSigningCertificateSettings) -> Iterator[Finding]:
    """One finding per active credential that is too old."""
    return too_old(
        SIGNING_CERTIFICATE,
        signing_certificates(snapshot),
        settings.days,
        snapshot,
        control=CONTROL.id,
        severity=CONTROL.severity,
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: OldSigningCertificateSettings
) -> Plan | Manual:
    """Switch it off."""
    return switch_off(
        SIGNING_CERTIFICATE,
        finding,
        settings.days,
        snapshot,
        risk=Risk.DISRUPTIVE,
        because="which is too old",
    )


CONTROL = Control(
    id="old-signing-certificate",
    title="Signing certificate that is too old",
    topic="rotation",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.SIGNING_CERTIFICATES}),
    settings=OldSigningCertificateSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "IA-5", "IA-5(1)"),
        pci=("8.3.9", "8.6.3"),
    ),
)
