"""SSH key for CodeCommit that is too old

Detects
-------
Active SSH public keys of users that were uploaded longer ago than the limit (90 days). IAM lists
them user by user, so only users with a policy that names CodeCommit are asked about; those who may
use it as administrators of everything are not. Where that is more users than
`inventory.listing_budget`, nothing is looked at, and the scan says so.

Why it matters
--------------
The private key lies on somebody's disk, often without a passphrase, and reads and writes every
repository that its user may. A new one makes forgotten copies worthless.

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
When the key is in a device that can't take a new one before an agreed date: exempt it until then.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
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
from remediations._switching_off import SSH_KEY, ssh_keys, switch_off, too_old


class OldSshKeySettings(Settings):
    """How old one may be."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which it is too old (as for access keys, CIS 5.0 1.13: 90).",
    )


def detect(snapshot: Snapshot, settings: OldSshKeySettings) -> Iterator[Finding]:
    """One finding per active credential that is too old."""
    return too_old(
        SSH_KEY,
        ssh_keys(snapshot),
        settings.days,
        snapshot,
        control=CONTROL.id,
        severity=CONTROL.severity,
    )


def plan(finding: Finding, snapshot: Snapshot, settings: OldSshKeySettings) -> Plan | Manual:
    """Switch it off."""
    return switch_off(
        SSH_KEY,
        finding,
        settings.days,
        snapshot,
        risk=Risk.DISRUPTIVE,
        because="which is too old",
    )


CONTROL = Control(
    id="old-ssh-key",
    title="SSH key for CodeCommit that is too old",
    topic="rotation",
    severity=Severity.LOW,
    risk=Risk.DISRUPTIVE,
    needs=frozenset({Part.USERS, Part.GROUPS, Part.CUSTOMER_POLICIES, Part.SSH_KEYS}),
    settings=OldSshKeySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        nist=("AC-2", "IA-5", "IA-5(1)"),
        pci=("8.3.9", "8.6.3"),
    ),
)
