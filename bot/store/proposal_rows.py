"""Proposals as rows, and rows as proposals."""

import json
from typing import Any

from sqlalchemy import Row, Select, select

from bot.errors import NotFoundError
from bot.model import (
    Account,
    Manual,
    Origin,
    OwnerClaim,
    OwnerSource,
    Plan,
    ProposalRecord,
    ProposalState,
    Severity,
    plan_of,
)
from bot.store import tables
from bot.store.columns import to_json
from bot.store.database import Transaction
from bot.store.ids import nearest

_T = tables.proposal


def query() -> Select[Any]:
    """Every proposal with its account's partition and its finding's severity, oldest first."""
    return (
        select(_T, tables.account.c.partition, tables.finding.c.severity)
        .join(tables.account, tables.account.c.id == _T.c.account_id)
        .outerjoin(tables.finding, tables.finding.c.id == _T.c.finding_id)
        .order_by(_T.c.number)
    )


def records(tx: Transaction, wanted: Select[Any]) -> list[ProposalRecord]:
    """The proposals of a narrowed `query()`."""
    return [record_of(tx, row) for row in tx.connection.execute(wanted)]


def get_proposal(tx: Transaction, proposal_id: str) -> ProposalRecord:
    """The proposal with this id. Raises NotFoundError that names the nearest ids."""
    found = records(tx, query().where(_T.c.id == proposal_id))
    if not found:
        known = tx.connection.execute(select(_T.c.id)).scalars()
        raise NotFoundError(f"there is no proposal {proposal_id}", hint=nearest(proposal_id, known))
    return found[0]


def record_of(tx: Transaction, row: Row[Any]) -> ProposalRecord:
    """The record that a row of `query()` holds. Raises PlanError where its plan was changed."""
    return ProposalRecord(
        id=row.id,
        account=Account(row.account_id, row.partition),
        subject=row.subject,
        origin=Origin(row.origin),
        state=ProposalState(row.state),
        digest=row.digest,
        plan=_plan(tx, row),
        control=row.control,
        finding_id=row.finding_id,
        created_at=row.created_at,
        changed_at=row.changed_at,
        why=row.why,
        undoes=row.undoes,
        snoozed_until=row.snoozed_until,
        asked_before=row.asked_before,
        claims=tuple(_claim(each) for each in row.claims or ()),
        severity=None if row.severity is None else Severity(row.severity),
    )


def _claim(data: dict[str, Any]) -> OwnerClaim:
    return OwnerClaim(**{**data, "source": OwnerSource(data["source"])})


def values(record: ProposalRecord) -> dict[str, Any]:
    """The columns of a new proposal."""
    return {
        "id": record.id,
        "account_id": record.account.id,
        "subject": record.subject,
        "origin": record.origin.value,
        "state": record.state.value,
        "digest": record.digest,
        "plan": to_json(record.plan.data()),
        "control": record.control,
        "finding_id": record.finding_id,
        "created_at": record.created_at,
        "changed_at": record.changed_at,
        "why": record.why,
        "undoes": record.undoes,
        "snoozed_until": record.snoozed_until,
        "asked_before": record.asked_before,
        "claims": [dict(claim.data()) for claim in record.claims],
    }


def _plan(tx: Transaction, row: Row[Any]) -> Plan | Manual:
    """The plan, read once in a transaction: a plan never changes."""
    if row.id not in tx.plans:
        alike = tx.made.get(row.digest)
        is_same = alike is not None and to_json(alike.data()) == row.plan
        tx.plans[row.id] = alike if alike and is_same else plan_of(json.loads(row.plan))
    return tx.plans[row.id]
