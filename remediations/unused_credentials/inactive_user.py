"""User that nobody uses in any way

Detects
-------
Users without any sign of life for longer than the limit (90 days): nobody signed in with the
password or changed it, no access key was made or used, and the user is older than that. What AWS
doesn't tell the use of leaves a user out: an active credential for one service, such as CodeCommit
or Bedrock, an SSH key or a signing certificate could be in daily use; so could the key of a user
that sends mail through Amazon SES. Users whom Locksmith fenced already, and break-glass users, are
not looked at.

Why it matters
--------------
Whoever left keeps every right they had. Nobody would notice a stranger who works as them.

Changes
-------
Its owner is told by the question; then a fence is put on the user: the inline policy
`Locksmith-InactiveUser`, which denies everything. It comes before any key is switched off or
password fenced, because calls that a fence denies stand in CloudTrail, where Locksmith looks for
them afterwards: a key that is off leaves no trace. Just before, Locksmith looks that the user has
the same credentials, that none was used meanwhile, and that there is no active SSH key, signing
certificate or credential for one service. Nothing is deleted: once the fence has stood for long and
nobody missed the user, `fenced-inactive-user` asks about that. Sessions of roles that the user took
on before go on until they end.

Undo
----
Takes the fence away: one call, and everything of the user works as before.

When to say no
--------------
When the person is away for long and comes back, or when a program of this user runs more seldom
than the limit.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-8
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import idle_users
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
from remediations._fence import fence, is_fenced
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations._subjects import resource_of
from remediations.unused_credentials._idle_user import idle_guards, signs


class InactiveUserSettings(Settings):
    """How long a user may show no sign of life."""

    days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days without any sign of life after which a user is inactive (PCI 8.2.6, "
        "Security Hub IAM.8: 90).",
    )


def detect(snapshot: Snapshot, settings: InactiveUserSettings) -> Iterator[Finding]:
    """One finding per user without any sign of life."""
    for idle in idle_users(snapshot, settings.days):
        user = idle.user
        if is_fenced(user, INACTIVE_FENCE, INACTIVE_DOCUMENT):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/user",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} shows no sign of life since {idle.since:%Y-%m-%d}",
            evidence=signs(idle, snapshot),
        )


def plan(finding: Finding, snapshot: Snapshot, settings: InactiveUserSettings) -> Plan | Manual:
    """Put the fence on the user."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    return fence(
        finding,
        user,
        snapshot,
        name=INACTIVE_FENCE,
        document=INACTIVE_DOCUMENT,
        guards=idle_guards(user, snapshot, settings.days),
        risk=Risk.REVERSIBLE,
        summary=f"Fence off {user.name}, whom nobody uses: everything is denied, nothing deleted",
        breaks=(
            f"Whatever still works as {user.name} is refused until the fence is taken away",
            f"Sessions of roles that {user.name} assumed before stay open up to 12 hours",
        ),
    )


CONTROL = Control(
    id="inactive-user",
    title="User that nobody uses in any way",
    topic="unused_credentials",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.SERVICE_CREDENTIALS}),
    plan_needs=frozenset(
        {
            Part.ACCOUNT_SUMMARY,
            Part.KEY_NAMES,
            Part.PASSWORD_USE,
            Part.SIGNING_CERTIFICATES,
            Part.SSH_KEYS,
        }
    ),
    settings=InactiveUserSettings,
    detect=detect,
    plan=plan,
    idle_setting="days",
    whole_user=True,
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(1)", "AC-2(3)", "AC-6"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset(
        {
            "console-password-on-service-user",
            "console-user-without-mfa",
            "never-used-access-key",
            "old-access-key",
            "unused-access-key",
            "unused-console-password",
        }
    ),
)
