"""Snapshots written by hand: people, their passwords and keys, for tables of cases."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from bot.model import (
    AccessKey,
    Account,
    CredentialReport,
    Finding,
    InlinePolicy,
    Manual,
    Part,
    PasswordPolicy,
    Plan,
    Protection,
    ReportRow,
    Snapshot,
    User,
)
from tests.remediations.contract import NOW

ACCOUNT = Account("123456789012")
STRONG = PasswordPolicy(
    exists=True,
    minimum_length=14,
    symbols=True,
    numbers=True,
    uppercase=True,
    lowercase=True,
    max_age=90,
    reuse=24,
)


def ago(days: float = 0, **more: float) -> datetime:
    """So long before the snapshot."""
    return NOW - timedelta(days=days, **more)


def key(
    *,
    created: datetime,
    last_used: datetime | None = None,
    active: bool = True,
    slot: int = 1,
    key_id: str | None = None,
) -> AccessKey:
    """A key as the report has it, or, with an id, as AWS lists it; its user is set by `person`."""
    return AccessKey(
        "", "", created, active, last_used, "s3" if last_used else None, None, slot, key_id
    )


def root_row(*keys: AccessKey, used: datetime | None = None) -> ReportRow:
    """Root's row of the report: its keys, numbered by slot, and when its password was used."""
    name = "<root_account>"
    owned = tuple(
        replace(each, user=name, user_id=name, slot=slot) for slot, each in enumerate(keys, 1)
    )
    return ReportRow(
        user=name,
        arn=ACCOUNT.iam_arn("root"),
        created=ago(2000),
        password_enabled=True,
        password_last_used=used,
        password_last_changed=None,
        mfa_active=True,
        keys=owned,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A user and their row; `listed` are keys as AWS lists them live."""

    user: User
    row: ReportRow
    listed: tuple[AccessKey, ...]


def person(
    name: str = "alice",
    *,
    created: datetime | None = None,
    row_created: datetime | None = None,
    password: bool | None = False,
    changed: datetime | None = None,
    used: datetime | None = None,
    mfa: bool = False,
    keys: tuple[AccessKey, ...] = (),
    listed: tuple[AccessKey, ...] = (),
    inline: Mapping[str, str] | None = None,
    attached: tuple[str, ...] = (),
) -> Person:
    """A user, made three years ago unless said otherwise."""
    user_id = f"AIDA{name.upper()}"
    made = created or ago(1000)
    user = User(
        name,
        user_id,
        ACCOUNT.iam_arn(f"user/{name}"),
        "/",
        made,
        attached=attached,
        inline=tuple(InlinePolicy(policy, text) for policy, text in (inline or {}).items()),
    )
    owned = [
        [AccessKey(name, user_id, *_facts(each)) for each in several] for several in (keys, listed)
    ]
    row = ReportRow(
        name, user.arn, row_created or made, password, used, changed, mfa, tuple(owned[0])
    )
    return Person(user, row, tuple(owned[1]))


def _facts(key: AccessKey) -> tuple[Any, ...]:
    return tuple(
        getattr(key, name)
        for name in (
            "created", "active", "last_used", "last_used_service", "last_used_region", "slot",
            "key_id",
        )
    )  # fmt: skip


def seen(
    *people: Person,
    policy: PasswordPolicy = STRONG,
    protection: Protection | None = None,
    use: Mapping[str, datetime] | None = None,
    parts: Mapping[Part, Any] | None = None,
    root: ReportRow | None = None,
) -> Snapshot:
    """A snapshot of these people; the report is an hour old."""
    return Snapshot(
        account=ACCOUNT,
        taken_at=NOW,
        parts={
            Part.USERS: tuple(each.user for each in people),
            Part.CREDENTIAL_REPORT: CredentialReport(
                ago(hours=1), root, tuple(each.row for each in people)
            ),
            Part.PASSWORD_POLICY: policy,
            Part.PASSWORD_USE: {f"AIDA{name.upper()}": when for name, when in (use or {}).items()},
            **(parts or {}),
        },
        live_keys={each.user.id: each.listed for each in people if each.listed},
        protection=protection or Protection(),
    )


def found(control: ModuleType, snapshot: Snapshot, **settings: Any) -> list[Finding]:
    """What the control sees."""
    return list(control.detect(snapshot, control.CONTROL.settings(**settings)))


def planned(control: ModuleType, snapshot: Snapshot, **settings: Any) -> Plan | Manual:
    """The fix of the one finding."""
    (finding,) = found(control, snapshot, **settings)
    fix: Plan | Manual = control.plan(finding, snapshot, control.CONTROL.settings(**settings))
    return fix
