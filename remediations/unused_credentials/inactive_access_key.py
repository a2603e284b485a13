"""Inactive access key that was left behind

Detects
-------
Access keys that are inactive, and were neither made, used nor changed within the grace (90 days),
as far as AWS tells. When a key was switched off, only the credential report can tell, by its column
"last rotated": when the key was created or last changed. Where that lies after the creation and
the last use, it is the switching-off; else the time is unknown, and said so. A key that the report
doesn't know as inactive yet is not reported.

Why it matters
--------------
An inactive key is one call from working again, and that call needs no secret. It also takes one
of the two places for keys that a user has, so that the next rotation has no room.

Changes
-------
Deletes the key, if it is known to be off for longer than the grace. Just before, Locksmith looks
that the key is still Inactive, and was neither made nor used within the grace; no call of IAM tells
more. Where it is unknown when the key was switched off, and for users that send mail through Amazon
SES, Locksmith deletes nothing: people get the steps to find out.

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
    days_ago,
    inactive_since,
    is_older,
    key_evidence,
    key_finding,
    key_in,
    named,
    owned_keys,
    sends_mail,
    smtp_reason,
    untouched_since,
    used_when,
    utc_text,
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
from remediations._key_steps import OPEN_SESSIONS, delete

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html"


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
        last = None if key.active else untouched_since(key, snapshot)
        if last is None or not is_older(last, settings.grace_days, now):
            continue
        since = inactive_since(key, snapshot)
        off = f", switched off {days_ago(since, now)}" if since else ""
        summary = f"{user.name} has an inactive access key, {used_when(key, now)}{off}"
        evidence = {**key_evidence(key, snapshot), "inactive_since": utc_text(since) or "unknown"}
        yield key_finding(CONTROL.id, CONTROL.severity, user, key, summary, evidence)


def plan(
    finding: Finding, snapshot: Snapshot, settings: InactiveAccessKeySettings
) -> Plan | Manual:
    """Delete the key, or have people find out since when it is off."""
    key = key_in(finding, snapshot)
    user = snapshot.users_by_id[key.user_id]
    if sends_mail(user):
        grace = count(settings.grace_days, "day")
        steps = _find_out(key, grace)
        return Manual(snapshot.account, finding.subject, smtp_reason(user), steps, (_LINK,))
    if inactive_since(key, snapshot) is None:
        grace = count(settings.grace_days, "day")
        return Manual(
            snapshot.account,
            finding.subject,
            f"nothing tells when {named(key)} of {key.user} was switched off, so it could have "
            f"been less than {grace} ago",
            _find_out(key, grace),
            (_LINK,),
        )
    return Plan(
        account=snapshot.account,
        subject=finding.subject,
        steps=(delete(key, settings.grace_days),),
        summary=f"Delete {named(key)} of {key.user}, which is inactive; this can't be undone",
        breaks=(f"This key of {key.user} can never be switched on again", OPEN_SESSIONS),
    )


def _find_out(key: AccessKey, grace: str) -> tuple[str, ...]:
    user, key_id = key.user, key.shown_id
    return (
        (
            f"Look when {key_id} was switched off: the event UpdateAccessKey of the user {user} in "
            "CloudTrail, whose event history goes back 90 days: aws cloudtrail lookup-events "
            "--region us-east-1 --lookup-attributes "
            "AttributeKey=EventName,AttributeValue=UpdateAccessKey"
        ),
        f"Ask whoever answers for {user} whether it shall ever work again",
        (
            f"If it has been off for more than {grace}, delete it; this can't be undone: "
            f"aws iam delete-access-key --user-name {user} --access-key-id {key_id}"
        ),
        "Let Locksmith look again",
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
    # Catalogues that ask for keys to be switched off or deleted are content with one that is off.
    standards=Standards(nist=("AC-2", "IA-5")),
)
