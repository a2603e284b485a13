"""People who sign in without MFA: who they are, and the fences that hold them to enrolling it."""

from collections import defaultdict
from collections.abc import Iterator

from pydantic import Field

from bot.credentials import (
    days_since,
    is_older,
    password_active_at,
    password_used_at,
    report_evidence,
    utc_text,
    with_password,
)
from bot.model import (
    CONSOLE_FENCE,
    MFA_FENCE,
    Expect,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    ReportRow,
    Risk,
    SignIns,
    Snapshot,
    User,
)
from remediations import _reads as reads
from remediations._fence import fence
from remediations._fence_documents import CONSOLE_DOCUMENT, is_held_until_mfa, mfa_document
from remediations.mfa._places import NewPlace, PlaceSettings, new_place

_ROLES = "Sessions of roles that {name} assumed before stay open up to 12 hours"


class EnrolmentSettings(PlaceSettings):
    """Whom the fence holds back, and who may enrol by themselves."""

    include_keys: bool = Field(
        default=False,
        description="Whether access keys without MFA are held back as well; this stops programs "
        "that use the user's keys (Security Hub IAM.19 asks for MFA for all users).",
    )
    dormant_days: int | None = Field(
        default=45,
        ge=1,
        le=400,
        description="Days without a sign-in after which the fence doesn't leave enrolling open: "
        "whoever comes then may be a thief who has the password; null leaves it open always.",
    )


def without_mfa(
    snapshot: Snapshot, settings: EnrolmentSettings
) -> Iterator[tuple[User, ReportRow]]:
    """Who can sign in with a password alone, break-glass users and the fenced left out.

    The report is hours old; a virtual device that was enrolled since is seen all the same.
    """
    enrolled = enrolled_devices(snapshot)
    keys = settings.include_keys
    for user, row in with_password(snapshot):
        if row.mfa_active or user.arn in enrolled:
            continue
        if snapshot.protection.is_break_glass(user.arn):
            continue
        if not is_held_until_mfa(user, snapshot.account, include_keys=keys):
            yield user, row


def enrolled_devices(snapshot: Snapshot) -> dict[str, list[str]]:
    """The serial numbers of virtual devices by the ARN of whoever has them, as they are now."""
    found: dict[str, list[str]] = defaultdict(list)
    for device in snapshot.parts.get(Part.VIRTUAL_MFA, ()):
        if device.user_arn is not None:
            found[device.user_arn].append(device.serial)
    return dict(found)


def subject_of(user: User) -> str:
    """What the fences hold back: one question for every control about this password."""
    return f"{user.id}/password"


def evidence_of(
    user: User, row: ReportRow, snapshot: Snapshot, settings: EnrolmentSettings
) -> dict[str, Json]:
    """The facts that people need to decide."""
    place = _new_place(user, row, snapshot, settings)
    sign_ins: SignIns | None = snapshot.parts.get(Part.SIGN_INS)
    unread = [*sign_ins.unread] if sign_ins else []
    return {
        **(place.evidence() if place else {}),
        **({"sign_ins_not_seen_in": [*unread]} if unread else {}),
        "password_last_used": utc_text(password_used_at(user, row, snapshot)),
        "password_last_changed": utc_text(row.password_last_changed),
        "idle_days": days_since(password_active_at(user, row, snapshot), snapshot.taken_at),
        "active_keys": sum(key.active for key in row.keys),
        "groups": list(user.groups),
        **report_evidence(snapshot),
    }


def hold_back(finding: Finding, snapshot: Snapshot, settings: EnrolmentSettings) -> Plan | Manual:
    """The fence that leaves enrolling open, but not to whom nobody knows.

    Those are who comes with a password that nobody uses, or from a network that is new to it.
    """
    user = snapshot.users_by_id[finding.resource.unique_id]
    row = snapshot.report_rows[user.arn]
    days = settings.dormant_days
    active = password_active_at(user, row, snapshot)
    if days is not None and is_older(active, days, snapshot.taken_at):
        unused = (reads.password_made_before(user, days), reads.password_unused_for(user, days))
        return _shut(finding, user, snapshot, "which nobody uses", unused)
    if _new_place(user, row, snapshot, settings):
        return _shut(finding, user, snapshot, "used from a network that is new to it", ())
    return _until_enrolled(finding, user, snapshot, settings)


def _new_place(
    user: User, row: ReportRow, snapshot: Snapshot, settings: EnrolmentSettings
) -> NewPlace | None:
    return new_place(user, row, snapshot, settings, idle_days=settings.dormant_days)


def _until_enrolled(
    finding: Finding, user: User, snapshot: Snapshot, settings: EnrolmentSettings
) -> Plan | Manual:
    held = "sessions and keys" if settings.include_keys else "sessions"
    return fence(
        finding,
        user,
        snapshot,
        name=MFA_FENCE,
        document=mfa_document(user, snapshot.account, include_keys=settings.include_keys),
        guards=(reads.has_password(user), reads.without_mfa(user)),
        risk=Risk.DISRUPTIVE,
        summary=f"Deny {user.name}'s {held} everything but enrolling MFA, until MFA is there",
        breaks=(
            f"{user.name} can do nothing else in the console before enrolling an MFA device",
            f"Temporary credentials of {user.name} without MFA (GetSessionToken) are refused",
            _ROLES.format(name=user.name),
        ),
    )


def _shut(
    finding: Finding, user: User, snapshot: Snapshot, which: str, guards: tuple[Expect, ...]
) -> Plan | Manual:
    return fence(
        finding,
        user,
        snapshot,
        name=CONSOLE_FENCE,
        document=CONSOLE_DOCUMENT,
        guards=(reads.has_password(user), reads.without_mfa(user), *guards),
        risk=Risk.DISRUPTIVE,
        summary=f"Fence off {user.name}'s console password, {which} and no MFA protects",
        breaks=(
            f"{user.name} can do nothing in the console, enrolling MFA neither, until it is undone",
            f"Temporary credentials of {user.name} (GetSessionToken) are refused",
            _ROLES.format(name=user.name),
        ),
    )
