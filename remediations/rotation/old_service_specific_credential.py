"""Service-specific credential that is too old

Detects
-------
Active service-specific credentials of users (for CodeCommit, Keyspaces, Bedrock, CloudWatch Logs)
that were made longer ago than the limit (90 days). One that has expired by itself is not looked at:
it works no more.

Why it matters
--------------
They are passwords and API keys for one service, made once and pasted into settings. Nothing expires
most of them, and the credential report doesn't show them.

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
When a program can't take a new one before an agreed date: exempt it until then.

References
----------
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
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
from remediations._switching_off import SERVICE_CREDENTIAL, service_credentials, switch_off, too_old


class OldServiceSpecificCredentialSettings(Settings):
    """How old one may be."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which it is too old (as for access keys, CIS 5.0 1.13: 90).",
    )


def detect(snapshot: Snapshot, settings: OldServiceSpecificCredentialSettings) -> Iterator[Finding]:
    """One finding per active credential that is too old."""
    return too_old(
        SERVICE_CREDENTIAL,
        service_credentials(snapshot),
        settings.days,
        snapshot,
        control=CONTROL.id,
        severity=CONTROL.severity,
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: OldServiceSpecificCredentialSettings
) -> Plan | Manual:
    """Switch it off."""
    return switch_off(
        SERVICE_CREDENTIAL,
        finding,
        settings.days,
        snapshot,
        risk=Risk.DISRUPTIVE,
        because="which is too old",
    )


CONTROL = Control(
    id="old-service-specific-credential",
    title="Service-specific credential that is too old",
    topic="rotation",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.SERVICE_CREDENTIALS}),
    settings=OldServiceSpecificCredentialSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "IA-5", "IA-5(1)"),
        pci=("8.3.9", "8.6.3"),
    ),
)
