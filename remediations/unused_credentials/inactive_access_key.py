"""Inactive access key that was left behind

Detects
-------
Access keys that have been switched off for longer than the grace (90 days), and were not used
within it. Since when a key is off, only the credential report tells, by its column "last rotated",
the last change of the key; a key that the report doesn't know as inactive yet is not reported.

Why it matters
--------------
An inactive key is one call from working again, and that call needs no secret. It also takes one
of the two places for keys that a user has, so that the next rotation has no room.

Changes
-------
Deletes the key. Just before, Locksmith looks that the key is still Inactive and was not used
within the grace.

Undo
----
None. AWS keeps no copy of a deleted key: if something still needs it, it needs a new key. This is
why the key is switched off long before, and why this never happens unattended unless the
configuration names this control as allowed to.

When to say no
--------------
When the key was switched off for a season and shall work again, or is evidence in an inquiry.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    days_since,
    inactive_since,
    is_older,
    key_evidence,
    key_finding,
    key_in,
    named,
    owned_keys,
    utc_text,
)
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
from remediations._key_steps import delete


class InactiveAccessKeySettings(Settings):
    """How long an inactive key is kept."""

    grace_days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days that a key must have been inactive, and unused, before it is deleted "
        "(AWS: delete keys that are no longer needed; no standard names a number).",
    )


def detect(snapshot: Snapshot, settings: InactiveAccessKeySettings) -> Iterator[Finding]:
    """One finding per key that is off for longer than the grace."""
    now = snapshot.taken_at
    for user, key in owned_keys(snapshot):
        since = None if key.active else inactive_since(key, snapshot)
        if since is None or not is_older(since, settings.grace_days, now):
            continue
        off = count(days_since(since, now), "day")
        summary = f"{user.name} has an access key that has been inactive for {off}"
        evidence = {**key_evidence(key, snapshot), "inactive_since": utc_text(since)}
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(
    finding: Finding, snapshot: Snapshot, settings: InactiveAccessKeySettings
) -> Plan | Manual:
    """Delete the key."""
    key = key_in(finding, snapshot)
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(delete(key, settings.grace_days),),
        summary=f"Delete {named(key)} of {key.user}, which is inactive; this can't be undone",
        breaks=(f"This key of {key.user} can never be switched on again",),
    )


CONTROL = Control(
    id="inactive-access-key",
    title="Inactive access key that was left behind",
    topic="unused_credentials",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=InactiveAccessKeySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        nist=("AC-2", "AC-2(3)"),
        pci=("8.2.6",),
    ),
)
