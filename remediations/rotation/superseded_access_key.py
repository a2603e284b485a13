"""Access key that another one has followed

Detects
-------
Active access keys of users who have a newer active key that is in use, while the older one was idle
for longer than the margin (14 days). That is the end of a rotation, and also what is left where
someone made a second key and forgot the first. Users that send mail through Amazon SES are not
looked at, nor are break-glass users.

Why it matters
--------------
A rotation that stops half way is worth nothing: the old key, the one that has lain about for long,
still works. Two active keys also leave no room for the next rotation.

Changes
-------
Switches the older key off: its status becomes Inactive. Just before, Locksmith looks that it is
still Active and was not used within the margin; if it was, nothing is written. For a user whom AWS
put under quarantine because a key leaked, it is final. After its grace, `inactive-access-key` asks
to delete the key.

Undo
----
Switches the key on again: one call, and the same key works as before. Locksmith offers it by itself
where the key turns out to have been in use.

When to say no
--------------
When the two keys serve two programs, and the older one is used more seldom than the margin.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
CIS AWS Foundations Benchmark 3.0: 1.13, 5.0: 1.12 (one active key for each user)
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    days_since,
    is_older,
    key_active_at,
    key_evidence,
    key_finding,
    owned_keys,
    sends_mail,
    used_when,
)
from bot.model import (
    AccessKey,
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
from remediations._key_steps import deactivation
from remediations.rotation._standing import rotation_evidence, successor


class SupersededAccessKeySettings(Settings):
    """How long the older key must have been idle."""

    idle_days: int = Field(
        default=14,
        ge=1,
        le=400,
        description="Days without use of the older key after which it is switched off, once the "
        "newer one is used (AWS: wait until the first key isn't in use; no standard has a number).",
    )


def detect(snapshot: Snapshot, settings: SupersededAccessKeySettings) -> Iterator[Finding]:
    """One finding per key that was idle since another one took over."""
    now = snapshot.taken_at
    for user, key in owned_keys(snapshot):
        left_out = sends_mail(user) or snapshot.protection.is_break_glass(user.arn)
        if left_out or not _is_superseded(key, snapshot, settings.idle_days):
            continue
        idle = count(days_since(key_active_at(key), now), "day")
        summary = f"{user.name} works with a newer access key; the older one, {used_when(key, now)}"
        evidence = {**key_evidence(key, snapshot), **rotation_evidence(key, snapshot)}
        yield key_finding(
            CONTROL.id, CONTROL.severity, user, key, f"{summary}, is idle for {idle}", evidence
        )


def _is_superseded(key: AccessKey, snapshot: Snapshot, idle_days: int) -> bool:
    if not key.active or not is_older(key_active_at(key), idle_days, snapshot.taken_at):
        return False
    newer = successor(key, snapshot)
    return (
        newer is not None and newer.last_used is not None and newer.last_used > key_active_at(key)
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: SupersededAccessKeySettings
) -> Plan | Manual:
    """Switch the older key off."""
    return deactivation(finding, snapshot, settings.idle_days, "which a newer key has followed")


CONTROL = Control(
    id="superseded-access-key",
    title="Access key that another one has followed",
    topic="rotation",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=SupersededAccessKeySettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.13",), "5.0": ("1.12",)},
        nist=("AC-2", "IA-5"),
        pci=("8.2.6", "8.6.3"),
    ),
    supersedes=frozenset(
        {
            "never-used-access-key",
            "old-access-key",
            "second-active-key-unused",
            "unused-access-key",
        }
    ),
)
