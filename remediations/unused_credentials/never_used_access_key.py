"""Access key that was never used

Detects
-------
Active access keys of users that were made longer ago than the limit (30 days) and never used, as
far as AWS knows: it writes down the use of keys since 22 April 2015. Keys of break-glass users are
not looked at: being unused is what they are for. Nor are those of users that send mail through
Amazon SES, whose SMTP sign-ins may not show as a use. A key that somebody switched on again counts
from the day on which Locksmith has named it: until then the report tells its last change as its
age.

Why it matters
--------------
Keys that are made along with a user, or by trial, work for ever and are missed by nobody. What was
never used can be switched off without asking who depends on it: nobody can, unless it is a key for
a day that has not come yet.

Changes
-------
Switches the key off: its status becomes Inactive. The key, its id and its user stay. Just before,
Locksmith looks that the key is still Active, old enough, and still unused; if it was used
meanwhile, nothing is written. For a user whom AWS put under quarantine because a key leaked, it is
final.

Undo
----
Switches the key on again: one call, and the same key works as before.

When to say no
--------------
When the key is meant for a day to come: a recovery drill, a yearly report, a program that is not
live yet.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
CIS AWS Foundations Benchmark 3.0: 1.11 and 1.12, 5.0: 1.10 and 1.11, 7.0: 2.11
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    count,
    days_since,
    is_older,
    key_evidence,
    key_finding,
    owned_keys,
    sends_mail,
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
from remediations._key_steps import deactivation


class NeverUsedAccessKeySettings(Settings):
    """How long a key may wait for its first use."""

    days: int = Field(
        default=30,
        ge=1,
        le=400,
        description="Days after its creation by which a key must have been used for the first "
        "time (CIS 5.0 1.10: make none that nobody uses; 1.11 and Security Hub IAM.22: 45).",
    )


def detect(snapshot: Snapshot, settings: NeverUsedAccessKeySettings) -> Iterator[Finding]:
    """One finding per active key that waits for its first use for too long."""
    now = snapshot.taken_at
    for user, key in owned_keys(snapshot):
        waits = key.active and key.last_used is None
        if not waits or not is_older(key.created, settings.days, now):
            continue
        if snapshot.protection.is_break_glass(user.arn) or sends_mail(user):
            continue
        age = count(days_since(key.created, now), "day")
        summary = f"{user.name} has an active access key that is {age} old and was never used"
        evidence = key_evidence(key, snapshot)
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(
    finding: Finding, snapshot: Snapshot, settings: NeverUsedAccessKeySettings
) -> Plan | Manual:
    """Switch the key off."""
    return deactivation(finding, snapshot, settings.days, "which was never used")


CONTROL = Control(
    id="never-used-access-key",
    title="Access key that was never used",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=NeverUsedAccessKeySettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(
        cis={"3.0": ("1.11", "1.12"), "5.0": ("1.10", "1.11"), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(1)", "AC-2(3)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-6"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset({"unused-access-key", "old-access-key"}),
)
