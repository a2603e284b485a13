"""What the controls on passwords and access keys share: ages, idle times, findings, words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import PlanError
from bot.model import (
    AccessKey,
    Finding,
    Json,
    Part,
    ReportRow,
    Resource,
    Severity,
    Snapshot,
    User,
    is_quarantine,
)

# The report and GetUser tell a user's creation to the second; one that was made anew under the
# same name differs by more.
_SAME_MOMENT = timedelta(minutes=1)
#: What SES's console names the inline policy of a user that it makes for SMTP.
SES_POLICY = "AmazonSesSendingAccess"


def is_older(moment: datetime, days: int, now: datetime) -> bool:
    """Whether `moment` lies more than `days` days before `now`, as the live guard compares it."""
    return now - moment > timedelta(days=days)


def days_since(moment: datetime, now: datetime) -> int:
    """Whole days from `moment` to `now`; 0 for a moment that is still to come."""
    return max(0, (now - moment).days)


def days_ago(moment: datetime, now: datetime) -> str:
    """How long ago, in words: `today`, `1 day ago`."""
    days = days_since(moment, now)
    return f"{count(days, 'day')} ago" if days else "today"


def utc_text(moment: datetime | None) -> str | None:
    """The moment as ISO 8601 in UTC, to the second; None stays None."""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def count(number: int, thing: str) -> str:
    """A number of things: `1 day`, `45 days`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def people(snapshot: Snapshot) -> Iterator[tuple[User, ReportRow]]:
    """Each user with their row of the credential report; root's row belongs to no user.

    Rows of users who are gone, or were made anew under the same name since, are left out: the
    report is up to four hours old.
    """
    for user in snapshot.users:
        row = snapshot.report_rows.get(user.arn)
        if row is not None and abs(row.created - user.created) < _SAME_MOMENT:
            yield user, row


def with_password(snapshot: Snapshot) -> tuple[tuple[User, ReportRow], ...]:
    """The users who have a console password, with their rows."""
    return tuple((user, row) for user, row in people(snapshot) if row.password_enabled)


def password_active_at(user: User, row: ReportRow, snapshot: Snapshot) -> datetime:
    """When a password last showed a sign of life: it was used, changed, or came with the user.

    ListUsers knows the last use live; the report can lag behind it, or it behind the report.
    """
    live: Mapping[str, datetime] = snapshot.parts.get(Part.PASSWORD_USE, {})
    signs = (row.password_last_used, live.get(user.id), row.password_last_changed, user.created)
    return max(sign for sign in signs if sign is not None)


def password_used_at(user: User, row: ReportRow, snapshot: Snapshot) -> datetime | None:
    """When somebody last signed in with the password, as the newer of report and ListUsers says."""
    live: Mapping[str, datetime] = snapshot.parts.get(Part.PASSWORD_USE, {})
    uses = [use for use in (row.password_last_used, live.get(user.id)) if use is not None]
    return max(uses, default=None)


def password_evidence(user: User, row: ReportRow, snapshot: Snapshot) -> dict[str, Json]:
    """The facts about a password that people need to decide."""
    return {
        "password_last_used": utc_text(password_used_at(user, row, snapshot)),
        "password_last_changed": utc_text(row.password_last_changed),
        "idle_days": days_since(password_active_at(user, row, snapshot), snapshot.taken_at),
        "mfa": row.mfa_active,
        "active_keys": sum(key.active for key in row.keys),
        **report_evidence(snapshot),
    }


def password_used_when(user: User, row: ReportRow, snapshot: Snapshot) -> str:
    """When somebody last signed in with the password, for a summary."""
    used = password_used_at(user, row, snapshot)
    return (
        f"last used {days_ago(used, snapshot.taken_at)}"
        if used
        else "never used, as far as AWS knows"
    )


def owned_keys(snapshot: Snapshot) -> Iterator[tuple[User, AccessKey]]:
    """Each access key with the user who has it; root's keys belong to no user."""
    for key in snapshot.access_keys:
        user = snapshot.users_by_id.get(key.user_id)
        if user is not None:
            yield user, key


def key_active_at(key: AccessKey) -> datetime:
    """When a key last showed a sign of life: it was used, or else made."""
    return max(key.created, key.last_used) if key.last_used else key.created


@dataclass(frozen=True, slots=True)
class IdleUser:
    """A user without any sign of life since a moment, with what the user could come with."""

    user: User
    row: ReportRow
    keys: tuple[AccessKey, ...]
    since: datetime


def idle_users(snapshot: Snapshot, days: int) -> Iterator[IdleUser]:
    """The users who showed no sign of life for more than `days` days, break-glass users left out.

    Whoever has an active credential whose use AWS doesn't tell is left out too, as far as it was
    read: one for a service, an SSH key, a signing certificate; and who sends mail.
    """
    keys: dict[str, list[AccessKey]] = {}
    for user, key in owned_keys(snapshot):
        keys.setdefault(user.id, []).append(key)
    untold = {each.user for each in snapshot.service_credentials if each.active}
    others = (snapshot.parts.get(part, ()) for part in (Part.SSH_KEYS, Part.SIGNING_CERTIFICATES))
    of_others = {each.user_id for part in others for each in part if each.active}
    for user, row in people(snapshot):
        owned = tuple(keys.get(user.id, ()))
        since = _last_sign(user, row, owned, snapshot)
        if (
            user.name in untold
            or user.id in of_others
            or sends_mail(user)
            or snapshot.protection.is_break_glass(user.arn)
        ):
            continue
        if is_older(since, days, snapshot.taken_at):
            yield IdleUser(user, row, owned, since)


def _last_sign(
    user: User, row: ReportRow, keys: tuple[AccessKey, ...], snapshot: Snapshot
) -> datetime:
    """When a user last showed a sign of life. That a key is off by now is none."""
    signs = [user.created, password_used_at(user, row, snapshot)]
    if row.password_enabled:
        signs.append(row.password_last_changed)
    for key in keys:
        signs += [key.last_used, key.created if key.active else None]
    return max(sign for sign in signs if sign is not None)


def untouched_since(key: AccessKey, snapshot: Snapshot) -> datetime | None:
    """The last that is known of an inactive key: made, used or changed. None where nothing tells.

    Only the report knows, by "last rotated", when a key was last changed. Where the slot of a
    named key isn't known, the latest change of any inactive key of its user counts.
    """
    changes = _changes(key, snapshot)
    return max([*changes, key_active_at(key)]) if changes else None


def inactive_since(key: AccessKey, snapshot: Snapshot) -> datetime | None:
    """When an inactive key was switched off; None where nothing tells.

    AWS calls "last rotated" the time when a key was created or last changed. It is a change, and
    of an inactive key the switching-off, only where it lies after the key's creation and its last
    use. A key that only the report knows was certainly made before it was used.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    changes = _changes(key, snapshot)
    signs = [key.last_used] if key.last_used else []
    if key.key_id:
        signs.append(key.created + _SAME_MOMENT)
    if not changes or not signs or min(changes) <= max(signs):
        return None
    return max(changes)


def _changes(key: AccessKey, snapshot: Snapshot) -> list[datetime]:
    user = snapshot.users_by_id.get(key.user_id)
    row = snapshot.report_rows.get(user.arn) if user else None
    return [
        reported.created
        for reported in (row.keys if row else ())
        if not reported.active and key.slot in (None, reported.slot)
    ]


def quarantines(key: AccessKey, snapshot: Snapshot) -> list[str]:
    """The policies by which AWS put the key's user under quarantine because a key leaked."""
    user = snapshot.users_by_id.get(key.user_id)
    return sorted(arn for arn in (user.attached if user else ()) if is_quarantine(arn))


def key_evidence(key: AccessKey, snapshot: Snapshot) -> dict[str, Json]:
    """The facts about a key that people need to decide."""
    now, quarantined = snapshot.taken_at, quarantines(key, snapshot)
    return {
        "user": key.user,
        "key_id": key.key_id,
        "created": utc_text(key.created),
        "age_days": days_since(key.created, now),
        "last_used": utc_text(key.last_used),
        "last_used_service": key.last_used_service,
        "last_used_region": key.last_used_region,
        "idle_days": days_since(key_active_at(key), now),
        "seen_live": utc_text(key.seen_live),
        **({"quarantined_by": [*quarantined]} if quarantined else {}),
        **report_evidence(snapshot),
    }


def report_evidence(snapshot: Snapshot) -> dict[str, Json]:
    """When AWS wrote the credential report, and how many minutes old it was."""
    generated = snapshot.credential_report.generated
    age = None if generated is None else int((snapshot.taken_at - generated).total_seconds() // 60)
    return {"report_generated": utc_text(generated), "report_age_minutes": age}


def key_finding(
    control: str,
    severity: Severity,
    user: User,
    key: AccessKey,
    summary: str,
    evidence: Mapping[str, Json],
) -> Finding:
    """A finding about one access key; the ARN is its user's, since keys have none."""
    name = key.key_id or f"key {key.slot} of {key.user}"
    resource = Resource("access-key", name, user.arn, key.key_id or key.subject, key.reference)
    return Finding(control, key.subject, resource, severity, summary, evidence)


def key_in(finding: Finding, snapshot: Snapshot) -> AccessKey:
    """The key that a finding is about. Raises PlanError where the snapshot doesn't have it."""
    owner = finding.resource.key.user_id if finding.resource.key else ""
    keys = snapshot.live_keys.get(owner)
    if keys is None and owner in snapshot.users_by_id:
        row = snapshot.report_rows.get(snapshot.users_by_id[owner].arn)
        keys = row.keys if row else ()
    for key in keys or ():
        if key.subject == finding.subject:
            return key
    raise PlanError(f"{finding.control}: the snapshot has no key {finding.subject}")


def named(key: AccessKey) -> str:
    """The key as people call it: its id, or where the report has it until it is named."""
    return f"the key {key.key_id}" if key.key_id else f"key {key.slot}"


def used_when(key: AccessKey, now: datetime) -> str:
    """When and for what the key was last used, for a summary."""
    if key.last_used is None:
        return "never used"
    where = f" for {key.last_used_service}" if key.last_used_service else ""
    return f"last used {days_ago(key.last_used, now)}{where}"


def keys_beside(key: AccessKey, snapshot: Snapshot) -> tuple[AccessKey, ...]:
    """The other access keys of the same user, oldest first."""
    keys = snapshot.live_keys.get(key.user_id)
    if keys is None:
        user = snapshot.users_by_id.get(key.user_id)
        row = snapshot.report_rows.get(user.arn) if user else None
        keys = row.keys if row else ()
    others = (each for each in keys if each.subject != key.subject)
    return tuple(sorted(others, key=lambda each: each.created))


def sends_mail(user: User) -> bool:
    """Whether the user is one of Amazon SES's SMTP users, by what SES's console gives them.

    Their SMTP password is computed from the key's secret and sits in mail servers and vendors'
    settings. A key whose secret can't be put there must not be changed or taken away by a robot,
    and SMTP sign-ins are not a use that IAM is sure to write down.
    https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
    """
    return (
        user.name.startswith("ses-smtp-user.")
        or "AWSSESSendingGroupDoNotRename" in user.groups
        or any(policy.name == SES_POLICY for policy in user.inline)
    )


def smtp_reason(user: User) -> str:
    """Why Locksmith leaves an SMTP user's keys to people."""
    return (
        f"{user.name} sends mail through Amazon SES: its SMTP password is computed from the key's "
        "secret, so that mail stops when the key is changed or switched off"
    )
