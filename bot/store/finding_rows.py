"""Findings as rows, and rows as findings."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from bot.model import (
    Account,
    Finding,
    FindingRecord,
    FindingStatus,
    Json,
    KeyReference,
    Resource,
    Severity,
    plan_of,
)
from bot.store import tables

_T = tables.finding


def query() -> Select[Any]:
    """Every finding with its account's partition; narrow it down with `where`."""
    return select(_T, tables.account.c.partition).join(
        tables.account, tables.account.c.id == _T.c.account_id
    )


def record_of(row: Row[Any]) -> FindingRecord:
    """The record that a row of `query()` holds."""
    return FindingRecord(
        id=row.id,
        fingerprint=row.fingerprint,
        account=Account(row.account_id, row.partition),
        finding=Finding(
            row.control,
            row.subject,
            _resource_of(row.resource),
            Severity(row.severity),
            row.summary,
            row.evidence,
        ),
        topic=row.topic,
        status=FindingStatus(row.status),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        resolved_at=row.resolved_at,
        reopened=row.reopened,
        held=row.held,
        exempt_until=row.exempt_until,
        exempt_reason=row.exempt_reason,
        from_files=row.from_files,
        template=plan_of(row.template) if row.template else None,
    )


def new_values(record: FindingRecord) -> dict[str, Any]:
    """The columns of a finding that is seen for the first time."""
    return {
        "id": record.id,
        "account_id": record.account.id,
        "control": record.finding.control,
        "first_seen": record.first_seen,
        "held": record.held,
        "from_files": record.from_files,
        **seen_values(record),
    }


def seen_values(record: FindingRecord) -> dict[str, Any]:
    """The columns that change when a finding is seen again."""
    return {
        "fingerprint": record.fingerprint,
        "topic": record.topic,
        "subject": record.finding.subject,
        "resource": _resource_data(record.finding.resource),
        "severity": record.finding.severity.value,
        "summary": record.finding.summary,
        "evidence": record.finding.evidence,
        "status": record.status.value,
        "last_seen": record.last_seen,
        "resolved_at": record.resolved_at,
        "reopened": record.reopened,
        "exempt_until": record.exempt_until,
        "exempt_reason": record.exempt_reason,
        "template": record.template.data() if record.template else None,
    }


def _resource_data(resource: Resource) -> dict[str, Json]:
    key = resource.key
    return {
        "type": resource.type,
        "name": resource.name,
        "arn": resource.arn,
        "unique_id": resource.unique_id,
        "key": None
        if key is None
        else {
            "user": key.user,
            "user_id": key.user_id,
            "slot": key.slot,
            "created": key.created.isoformat(),
            "key_id": key.key_id,
        },
    }


def _resource_of(data: dict[str, Any]) -> Resource:
    key = data["key"]
    reference = None
    if key is not None:
        created = datetime.fromisoformat(key["created"])
        reference = KeyReference(**{**key, "created": created})
    return Resource(data["type"], data["name"], data["arn"], data["unique_id"], reference)
