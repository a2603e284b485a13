"""What each look at an account read, could not read, and found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from bot.model import Actor, Json, Part, Unavailable
from bot.store import accounts, tables
from bot.store.database import Transaction

_T = tables.scan


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One scan. `complete` when everything was read and every control could look.

    `calls` counts AWS calls by operation; `not_evaluated` maps control ids to reasons;
    `principals` is how many users and roles there are, of what was read of them; None for nothing.
    """

    account_id: str
    started_at: datetime
    finished_at: datetime
    complete: bool
    offline: bool
    findings: int
    calls: Mapping[str, int]
    unavailable: tuple[Unavailable, ...]
    not_evaluated: Mapping[str, str]
    principals: int | None = None


def record_scan(
    tx: Transaction,
    account_id: str,
    *,
    started_at: datetime,
    finished_at: datetime,
    calls: Mapping[str, int],
    unavailable: Mapping[Part, Unavailable],
    not_evaluated: Mapping[str, str],
    findings: int,
    offline: bool,
    actor: Actor,
    principals: int | None = None,
    whole: bool = True,
) -> ScanRecord:
    """Remember a scan, with its audit event. One of files is no look at the account itself.

    One that is not `whole` looked only at what a change was about: it says nothing of the account.
    """
    record = ScanRecord(
        account_id,
        started_at,
        finished_at,
        not unavailable and not not_evaluated,
        offline,
        findings,
        dict(calls),
        tuple(unavailable.values()),
        dict(not_evaluated),
        principals,
    )
    tx.connection.execute(insert(_T).values(**_columns(record), whole=whole))
    if whole and not offline:
        accounts.scanned(tx, account_id, finished_at)
    said = _said(record, whole=whole)
    tx.record("scan.finished", actor=actor, account=account_id, subject=account_id, data=said)
    return record


def _columns(record: ScanRecord) -> dict[str, Any]:
    return {
        "account_id": record.account_id,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "complete": record.complete,
        "offline": record.offline,
        "findings": record.findings,
        "principals": record.principals,
        "calls": record.calls,
        "unavailable": [_gap(each) for each in record.unavailable],
        "not_evaluated": record.not_evaluated,
    }


def _said(record: ScanRecord, *, whole: bool) -> dict[str, Json]:
    """What the audit log says of a scan."""
    return {
        "started_at": record.started_at.isoformat(),
        "finished_at": record.finished_at.isoformat(),
        "complete": record.complete,
        "offline": record.offline,
        "whole": whole,
        "findings": record.findings,
        "calls": sum(record.calls.values()),
        "unavailable": [each.part.value for each in record.unavailable],
        "not_evaluated": sorted(record.not_evaluated),
    }


def last_scan(tx: Transaction, account_id: str) -> ScanRecord | None:
    """The newest scan of this account, or None."""
    return next(iter(recent_scans(tx, account_id, limit=1, offline=None)), None)


def recent_scans(
    tx: Transaction, account_id: str, *, limit: int, offline: bool | None = False
) -> list[ScanRecord]:
    """The newest scans of the whole account, the newest first; None takes those of files too."""
    wanted = select(_T).where(_T.c.account_id == account_id, _T.c.whole)
    if offline is not None:
        wanted = wanted.where(_T.c.offline == offline)
    rows = tx.connection.execute(wanted.order_by(_T.c.number.desc()).limit(limit))
    return [_record(row) for row in rows]


def _record(row: Row[Any]) -> ScanRecord:
    return ScanRecord(
        row.account_id,
        row.started_at,
        row.finished_at,
        row.complete,
        row.offline,
        row.findings,
        row.calls,
        tuple(Unavailable(**{**gap, "part": Part(gap["part"])}) for gap in row.unavailable),
        row.not_evaluated,
        row.principals,
    )


def _gap(gap: Unavailable) -> dict[str, str | bool]:
    return {
        "part": gap.part.value,
        "operation": gap.operation,
        "error": gap.error,
        "grant": gap.grant,
        "given": gap.given,
    }
