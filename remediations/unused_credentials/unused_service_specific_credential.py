"""Service-specific credential that nobody uses

Detects
-------
Active service-specific credentials (for CodeCommit, Keyspaces, Bedrock, CloudWatch Logs) that were
made longer ago than the limit (90 days), of users who did not try that service for as long. IAM
doesn't tell when a credential was used; AWS's last-accessed report of its user tells of every try
of the service, by whatever credential, refused ones too, up to four hours late. Where that report
can't be read, or `inventory.last_access_budget` is too small, nothing is judged, and the scan says
so; nor is a service that the user's report doesn't have. One that has expired by itself is not
looked at: it works no more.

Why it matters
--------------
They are passwords and API keys for one service, made for a trial and forgotten. Nothing expires
most of them, the credential report doesn't show them, and a stranger's use would look like the
user's.

Changes
-------
Switches it off: its status becomes Inactive. Nothing is deleted. AWS says of its reports that they
count API calls, and not whether Git over HTTPS or the protocol of Keyspaces are any, so that the
owner is asked. Just before, Locksmith looks that the credential is still active, and so old, and
orders AWS's report anew: where the user tried the service since, or the report can't be had or is
older than five days, the credential stays.

Undo
----
Switches it on again: one call, and the same credential works as before.

When to say no
--------------
When a job uses the service more seldom than the limit.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
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
from remediations._last_used import still_unused
from remediations._switching_off import SERVICE_CREDENTIAL, Dated, service_credentials, switch_off
from remediations.unused_credentials._unused import unused


class UnusedServiceCredentialSettings(Settings):
    """How long nobody may use one."""

    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days without a try of the service after which it is unused (Security Hub "
        "IAM.8: 90, of passwords and access keys; AWS remembers 400).",
    )


def detect(snapshot: Snapshot, settings: UnusedServiceCredentialSettings) -> Iterator[Finding]:
    """One finding per active one that nobody uses."""
    return unused(
        SERVICE_CREDENTIAL,
        service_credentials(snapshot),
        settings.days,
        snapshot,
        namespace=_namespace,
        control=CONTROL.id,
        severity=CONTROL.severity,
    )


def _namespace(credential: Dated) -> str:
    """The service as policies and reports write it: codecommit of codecommit.amazonaws.com."""
    return str(dict(credential.more)["service"]).partition(".")[0]


def plan(
    finding: Finding, snapshot: Snapshot, settings: UnusedServiceCredentialSettings
) -> Plan | Manual:
    """Switch it off."""
    (credential,) = (each for each in service_credentials(snapshot) if each.id == finding.subject)
    return switch_off(
        SERVICE_CREDENTIAL,
        finding,
        settings.days,
        snapshot,
        risk=Risk.DISRUPTIVE,
        because="which nobody seems to use",
        guards=still_unused(finding.resource.arn, (_namespace(credential),), settings.days),
    )


CONTROL = Control(
    id="unused-service-specific-credential",
    title="Service-specific credential that nobody uses",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.SERVICE_CREDENTIALS, Part.SERVICE_USE}),
    settings=UnusedServiceCredentialSettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6"), pci=("8.2.6",)),
    supersedes=frozenset({"old-service-specific-credential"}),
)
