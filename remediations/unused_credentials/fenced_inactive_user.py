"""Inactive user behind a fence that nobody misses

Detects
-------
Users on whom the fence `Locksmith-InactiveUser` stands for longer than the grace (90 days), just as
Locksmith put it, and whom nobody used since: no sign-in, no new password, no access key made or
used. Tries that the fence refused count as use. Since when it stands, Locksmith knows from its own
record of putting it; where there is none, people get the steps. Users who are contained or under
AWS's quarantine, and break-glass users, are not looked at.

Why it matters
--------------
The fence is one call from being gone, and then all the old passwords and keys work again. A user
whom nobody missed for half a year is not coming back.

Changes
-------
Deletes the user for good, in the order that AWS wants: password, access keys, signing certificates,
SSH keys, credentials for one service and MFA devices while the fence still stands, then other
policies and groups, at the very end the fence and the user. Before anything, Locksmith looks that
the fence stands, that nobody used the user within the grace, and that exactly what was seen hangs
on the user. Just before each thing goes, what can be read of it is kept in the journal: documents
of policies, certificates, public keys, the user's path, tags and boundary.

Undo
----
None, once it is through. A user that is made anew has another unique id, other keys and another
password. This is why the fence stands for so long before, and why this never happens unattended
unless the configuration names this control as allowed to.

When to say no
--------------
When the person is away for longer and comes back, when the user is evidence in an inquiry, or when
policies of buckets or other accounts name this user and the same name shall be used again.

References
----------
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-8
"""

from collections.abc import Iterator

from pydantic import Field

from bot.credentials import idle_users, is_older, utc_text
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
from remediations._fence import is_fenced
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations._subjects import resource_of
from remediations.groups._grants import why_unreadable
from remediations.unused_credentials._behind_a_fence import is_looked_into, stands, unrecorded
from remediations.unused_credentials._idle_user import signs
from remediations.unused_credentials._whole_user import belongings_of, deletion, listed

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html"


class FencedInactiveUserSettings(Settings):
    """How long the fence stands before the user goes."""

    grace_days: int = Field(
        default=90,
        ge=1,
        le=400,
        description="Days for which the fence must have stood, and nobody used the user, before "
        "the user is deleted (no standard names a number; a quarter misses few jobs).",
    )


def detect(snapshot: Snapshot, settings: FencedInactiveUserSettings) -> Iterator[Finding]:
    """One finding per user behind the fence whom nobody misses."""
    now = snapshot.taken_at
    for idle in idle_users(snapshot, settings.grace_days):
        user = idle.user
        if not is_fenced(user, INACTIVE_FENCE, INACTIVE_DOCUMENT) or is_looked_into(user):
            continue
        since = snapshot.fences.get((user.id, INACTIVE_FENCE))
        if since and (not is_older(since, settings.grace_days, now) or idle.since > since):
            continue
        yield Finding(
            control=CONTROL.id,
            subject=f"{user.id}/user",
            resource=resource_of(user),
            severity=CONTROL.severity,
            summary=f"{user.name} is fenced off {stands(since)}, and nobody misses this user",
            evidence={
                "fenced_at": utc_text(since),
                **signs(idle, snapshot),
                **listed(belongings_of(user, snapshot)),
            },
        )


def plan(
    finding: Finding, snapshot: Snapshot, settings: FencedInactiveUserSettings
) -> Plan | Manual:
    """Delete the user and everything of theirs, or have people do it."""
    user = snapshot.users_by_id[finding.resource.unique_id]
    owned, grace = belongings_of(user, snapshot), settings.grace_days
    if (user.id, INACTIVE_FENCE) not in snapshot.fences:
        by_hand = f"delete {user.name} with everything that hangs on it"
        return unrecorded(finding, user, snapshot, INACTIVE_FENCE, grace, by_hand)
    unreadable = why_unreadable(user.inline, user.name)
    if unreadable or owned is None:
        reason = unreadable or f"what hangs on {user.name} could not be read whole"
        by_hand = f"Delete {user.name} by hand, in the order of AWS's page"
        return Manual(
            snapshot.account,
            finding.subject,
            reason,
            (by_hand, "Let Locksmith scan again"),
            (_LINK,),
        )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=deletion(user, snapshot, owned, grace),
        summary=f"Delete the user {user.name} and everything of theirs; this can't be undone",
        breaks=(
            f"{user.name} is gone: its password, keys and devices can never work again",
            "Policies elsewhere that name this user go on naming a user that is gone",
        ),
    )


CONTROL = Control(
    id="fenced-inactive-user",
    title="Inactive user behind a fence that nobody misses",
    topic="unused_credentials",
    severity=Severity.LOW,
    risk=Risk.IRREVERSIBLE,
    needs=frozenset({Part.USERS, Part.CREDENTIAL_REPORT, Part.SERVICE_CREDENTIALS, Part.FENCES}),
    plan_needs=frozenset(
        {
            Part.BELONGINGS,
            Part.KEY_NAMES,
            Part.PASSWORD_USE,
            Part.SIGNING_CERTIFICATES,
            Part.SSH_KEYS,
        }
    ),
    settings=FencedInactiveUserSettings,
    detect=detect,
    plan=plan,
    whole_user=True,
    standards=Standards(
        cis={"3.0": ("1.12",), "5.0": ("1.11",), "7.0": ("2.11",)},
        fsbp=("IAM.8",),
        nist=("AC-2", "AC-2(3)"),
        pci=("8.2.6",),
    ),
    supersedes=frozenset(
        {
            "console-password-on-service-user",
            "console-user-without-mfa",
            "fenced-console-password",
            "inactive-access-key",
            "never-used-access-key",
            "old-access-key",
            "old-password",
            "second-active-key-unused",
            "superseded-access-key",
            "unused-access-key",
            "unused-console-password",
        }
    ),
)
