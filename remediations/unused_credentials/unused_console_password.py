"""Console password that nobody uses

Detects
-------
Users with a console password with which nobody signed in for longer than the limit (45 days). A
password that was never used counts from the day it was made or last changed; so does one of which
AWS has no information, such as a use before October 2014. Users whom Locksmith fenced already, and
break-glass users, are not looked at. Root is no user.

Why it matters
--------------
A password that nobody misses is guessed, reused and phished unnoticed. Often its person has left.

Changes
-------
Puts a fence on the user: the inline policy `Locksmith-ConsoleFence`, which denies everything to
console sessions and to the user's temporary credentials, those already issued included. Access keys
of the user go on working. Nothing is deleted: the password stays and would work again, until
`fenced-console-password` asks about it. Just before, Locksmith looks that the password is still
there, old enough, and still unused. Roles that the user took on before are not ended.

Undo
----
Takes the fence away: one call, and the person can sign in with the same password again.

When to say no
--------------
When the person is away for long and comes back, or when programs call GetSessionToken with a key of
this user: temporary credentials are fenced too.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22
CIS AWS Foundations Benchmark 3.0: 1.12, 5.0: 1.11, 7.0: 2.11
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import password_evidence, password_used_when
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
from remediations._subjects import resource_of
from remediations.unused_credentials._idle import fence_password, idle_passwords


class UnusedConsolePasswordSettings(Settings):
    """How long a password may lie idle."""

    days: int = Field(
        default=45,
        ge=1,
        le=400,
        description="Days without a sign-in after which a password is unused (CIS 5.0 1.11, "
        "Security Hub IAM.22: 45; Security Hub IAM.8: 90).",
    )


def detect(snapshot: Snapshot, settings: UnusedConsolePasswordSettings) -> Iterator[Finding]:
    """One finding per password that was idle for too long."""
    for user, row in idle_passwords(snapshot, settings.days):
        when = password_used_when(user, row, snapshot)
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/password",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} has a console password, {when}",
            evidence=password_evidence(user, row, snapshot),
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: UnusedConsolePasswordSettings
) -> Plan | Manual:
    """Put the fence on the user."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    return fence_password(finding, user, snapshot, settings.days)


CONTROL = Control(
    id="unused-console-password",
    title="Console password that nobody uses",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT}),
    plan_needs=frozenset({Part.PASSWORD_USE, Part.ACCOUNT_SUMMARY}),
    settings=UnusedConsolePasswordSettings,
    detect=detect,
    plan=plan,
    supersedes=frozenset({"unused-access-analyzer-findings"}),
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(1)", "AC-2(3)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-6"),
        pci=("8.2.6",),
    ),
)
