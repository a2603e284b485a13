"""SSH key for CodeCommit that nobody uses

Detects
-------
Active SSH public keys of users that were uploaded longer ago than the limit (90 days), of users who
did not try CodeCommit for as long. IAM doesn't tell when a key was used; AWS's last-accessed report
of its user tells of every try of the service, by whatever credential, refused ones too, up to four
hours late. Where that report can't be read, or `inventory.last_access_budget` is too small, nothing
is judged, and the scan says so; so is a user in whose report CodeCommit isn't. Asked are only users
with a policy that names CodeCommit, as for `old-ssh-key`.

Why it matters
--------------
The private key lies on somebody's disk, often without a passphrase, and would open every repository
that its user may see. Nobody would miss it, so nobody would notice who else has it.

Changes
-------
Switches it off: its status becomes Inactive. Nothing is deleted. AWS says of its reports that they
count API calls, and not whether Git over SSH is one, so that the owner is asked. Just before,
Locksmith looks that the key is still active, and so old, and orders AWS's report anew: where the
user tried CodeCommit since, or the report can't be had or is older than five days, the key stays.

Undo
----
Switches it on again: one call, and the same key works as before.

When to say no
--------------
When a job pulls or pushes more seldom than the limit.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
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
from remediations._switching_off import SSH_KEY, ssh_keys, switch_off
from remediations.unused_credentials._unused import unused


class UnusedSshKeySettings(Settings):
    """How long nobody may use one."""

    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days without a try of CodeCommit after which it is unused (Security Hub "
        "IAM.8: 90, of passwords and access keys; AWS remembers 400).",
    )


def detect(snapshot: Snapshot, settings: UnusedSshKeySettings) -> Iterator[Finding]:
    """One finding per active one that nobody uses."""
    return unused(
        SSH_KEY,
        ssh_keys(snapshot),
        settings.days,
        snapshot,
        namespace=lambda _key: "codecommit",
        control=CONTROL.id,
        severity=CONTROL.severity,
    )


def plan(finding: Finding, snapshot: Snapshot, settings: UnusedSshKeySettings) -> Plan | Manual:
    """Switch it off."""
    return switch_off(
        SSH_KEY,
        finding,
        settings.days,
        snapshot,
        risk=Risk.DISRUPTIVE,
        because="which nobody seems to use",
        guards=still_unused(finding.resource.arn, ("codecommit",), settings.days),
    )


CONTROL = Control(
    id="unused-ssh-key",
    title="SSH key for CodeCommit that nobody uses",
    topic="unused_credentials",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset(
        {
            Part.USERS,
            Part.GROUPS,
            Part.CUSTOMER_POLICIES,
            Part.SSH_KEYS,
            Part.SERVICE_USE,
        }
    ),
    settings=UnusedSshKeySettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(nist=("AC-2", "AC-2(3)", "AC-6"), pci=("8.2.6",)),
    supersedes=frozenset({"old-ssh-key"}),
)
