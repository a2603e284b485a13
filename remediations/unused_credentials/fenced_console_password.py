"""Console password behind a fence that nobody misses

Detects
-------
Users with a console password on whom the fence `Locksmith-ConsoleFence` stands for longer than the
grace (90 days), just as Locksmith put it, and with whose password nobody signed in since; one that
was set anew counts as used. Since when the fence stands, Locksmith knows from its own record of
putting it; where there is none, people get the steps. Users who are contained, under AWS's
quarantine or fenced off whole, and break-glass users, are not looked at.

Why it matters
--------------
The fence is one call from being gone, and then the old password works again: it was guessed, reused
or phished long ago, perhaps, and nobody would know.

Changes
-------
Deletes the console password for good, then takes the fence away, which has nothing left to hold
back. Access keys, MFA devices and rights of the user stay. Just before, Locksmith looks that the
fence stands, and that the password is old enough and still unused; and before the fence goes, that
the user has no password.

Undo
----
None: AWS keeps no copy of a password. An administrator can only set another one. This is why the
fence stands for so long before, and why this never happens unattended unless the configuration
names this control as allowed to.

When to say no
--------------
When the person is away for longer and comes back to the console.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-22
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    is_older,
    password_active_at,
    password_evidence,
    password_used_when,
    utc_text,
    with_password,
)
from bot.model import (
    CONSOLE_FENCE,
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
    User,
)
from remediations import _reads as reads
from remediations._fence import is_fenced
from remediations._fence_documents import CONSOLE_DOCUMENT, INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations._subjects import resource_of
from remediations.unused_credentials._behind_a_fence import is_looked_into, stands, unrecorded
from remediations.unused_credentials._deleting import delete_login, take_inline


class FencedConsolePasswordSettings(Settings):
    """How long the fence stands before the password goes."""

    grace_days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days for which the fence must have stood, and nobody signed in, before the "
        "password is deleted (no standard names a number; a quarter misses few jobs).",
    )


def detect(snapshot: Snapshot, settings: FencedConsolePasswordSettings) -> Iterator[Finding]:
    """One finding per password behind the fence that nobody misses."""
    now, grace = snapshot.taken_at, settings.grace_days
    for user, row in with_password(snapshot):
        active = password_active_at(user, row, snapshot)
        if not is_older(active, grace, now) or not _is_behind(user, snapshot):
            continue
        since = snapshot.fences.get((user.id, CONSOLE_FENCE))
        if since and (not is_older(since, grace, now) or active > since):
            continue
        when = password_used_when(user, row, snapshot)
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/password",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} has a console password, {when}, behind a fence {stands(since)}",
            evidence={"fenced_at": utc_text(since), **password_evidence(user, row, snapshot)},
        )


def _is_behind(user: User, snapshot: Snapshot) -> bool:
    left_out = snapshot.protection.is_break_glass(user.arn) or is_looked_into(user)
    whole = is_fenced(user, INACTIVE_FENCE, INACTIVE_DOCUMENT)
    return not left_out and not whole and is_fenced(user, CONSOLE_FENCE, CONSOLE_DOCUMENT)


def plan(
    finding: Finding, snapshot: Snapshot, settings: FencedConsolePasswordSettings
) -> Plan | Manual:
    """Delete the password and what stood before it, or have people do it."""
    user, grace = snapshot.users_by_id[finding.resource.unique_id], settings.grace_days
    if (user.id, CONSOLE_FENCE) not in snapshot.fences:
        by_hand = f"aws iam delete-login-profile --user-name {user.name}"
        return unrecorded(finding, user, snapshot, CONSOLE_FENCE, grace, by_hand)
    guards = (
        reads.inline_is(user, CONSOLE_FENCE, CONSOLE_DOCUMENT),
        reads.password_made_before(user, grace),
        reads.password_unused_for(user, grace),
    )
    shut = (reads.without_password(user),)
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(
            delete_login(user, guards),
            take_inline(user, CONSOLE_FENCE, CONSOLE_DOCUMENT, shut, "unfence"),
        ),
        summary=f"Delete the console password of {user.name}, which nobody misses; this can't be "
        "undone",
        breaks=(
            f"{user.name} can never sign in to the console with this password again",
            (
                f"Temporary credentials of {user.name} (GetSessionToken) work again, for whoever "
                "has an access key of this user"
            ),
        ),
    )


CONTROL = Control(
    id="fenced-console-password",
    title="Console password behind a fence that nobody misses",
    topic="unused_credentials",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.FENCES}),
    plan_needs=frozenset({Part.PASSWORD_USE}),
    settings=FencedConsolePasswordSettings,
    detect=detect,
    plan=plan,
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(3)"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset({"console-user-without-mfa", "old-password"}),
)
