"""Access key that nobody uses

Detects
-------
Active access keys of users that were not used for longer than the limit (45 days). A key that was
never used counts from the day it was made. AWS writes down the first use in every 15 minutes, and
has done so since 22 April 2015. Keys of break-glass users are not looked at: being unused is what
they are for. Nor are those of users that send mail through Amazon SES, for SMTP sign-ins may not
show as a use. Root's keys are another control's, `root-access-key`.

Why it matters
--------------
A key that works and that nobody misses is a way in that nobody watches. It lies in an old laptop, a
build log or a backup, and whoever finds it can do what its user may do.

Changes
-------
Switches the key off: its status becomes Inactive. The key, its id and its user stay. Just before,
Locksmith looks that the key is still Active, old enough, and was not used in the meantime; if it
was, nothing is written. Sessions that were made with the key before stay open until they end (up
to 36 hours). For a user whom AWS put under quarantine because a key leaked, it is final.

Undo
----
Switches the key on again: one call, and the same key works as before.

When to say no
--------------
When a program uses the key more seldom than the limit: a yearly report, a recovery drill.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22
CIS AWS Foundations Benchmark 3.0: 1.12, 5.0: 1.11, 7.0: 2.11
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import key_evidence, key_finding, used_when
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
from remediations.unused_credentials._idle import idle_keys


class UnusedAccessKeySettings(Settings):
    """How long a key may lie idle."""

    days: int = Field(
        default=45,
        ge=1,
        le=400,
        description="Days without use after which a key is unused (CIS 5.0 1.11, Security Hub "
        "IAM.22: 45; Security Hub IAM.8: 90).",
    )


def detect(snapshot: Snapshot, settings: UnusedAccessKeySettings) -> Iterator[Finding]:
    """One finding per active key that was idle for too long."""
    for user, key in idle_keys(snapshot, settings.days):
        summary = f"{user.name} has an active access key, {used_when(key, snapshot.taken_at)}"
        evidence = key_evidence(key, snapshot)
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(finding: Finding, snapshot: Snapshot, settings: UnusedAccessKeySettings) -> Plan | Manual:
    """Switch the key off."""
    return deactivation(finding, snapshot, settings.days)


CONTROL = Control(
    id="unused-access-key",
    title="Access key that nobody uses",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.KEY_NAMES}),
    settings=UnusedAccessKeySettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(1)", "AC-2(3)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-6"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset({"old-access-key", "unused-access-analyzer-findings"}),
)
