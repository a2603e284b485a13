"""What rules will carry out once their grace is over, and until when owners may object."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.model import GraceRecord, ProposalState
from bot.store import messages, tables
from bot.store.database import Transaction

_T = tables.grace


def begin_grace(
    tx: Transaction, proposal_id: str, rule: str, span: str, zone: str | None = None
) -> GraceRecord:
    """Let this rule carry the proposal out once its owner was told and the grace is over.

    In place of an earlier one of the same proposal: a rule with other words starts anew.
    """
    values = {
        "rule": rule,
        "begun_at": tx.now,
        "told_at": None,
        "until": None,
        "span": span,
        "zone": zone,
        "stopped": "",
    }
    changed = tx.connection.execute(
        update(_T).where(_T.c.proposal_id == proposal_id).values(**values)
    )
    if changed.rowcount == 0:
        tx.connection.execute(insert(_T).values(proposal_id=proposal_id, **values))
    return GraceRecord(proposal_id, rule, tx.now, span, zone=zone)


def get_grace(tx: Transaction, proposal_id: str) -> GraceRecord | None:
    """The grace of a proposal, or None where no rule was to act on it."""
    row = tx.connection.execute(select(_T).where(_T.c.proposal_id == proposal_id)).one_or_none()
    return None if row is None else _record(row)


def told(tx: Transaction, proposal_id: str, until: datetime) -> None:
    """Its owner was told, as is known now: the grace runs until `until`."""
    tx.connection.execute(
        update(_T).where(_T.c.proposal_id == proposal_id).values(told_at=tx.now, until=until)
    )


def stop_grace(tx: Transaction, proposal_id: str, why: str) -> bool:
    """Let the rule not act on this any more; whether it would have."""
    stopped = tx.connection.execute(
        update(_T).where(_T.c.proposal_id == proposal_id, _T.c.stopped == "").values(stopped=why)
    )
    if stopped.rowcount == 1:
        messages.retell(tx, [proposal_id])
    return stopped.rowcount == 1


def running(tx: Transaction) -> list[GraceRecord]:
    """Every grace that runs: its owner was told and may still object; the first to end first."""
    asked = tables.proposal
    rows = tx.connection.execute(
        select(_T)
        .join(asked, asked.c.id == _T.c.proposal_id)
        .where(
            asked.c.state == ProposalState.PENDING.value,
            _T.c.stopped == "",
            _T.c.until.is_not(None),
        )
        .order_by(_T.c.until, _T.c.proposal_id)
    )
    return [_record(row) for row in rows]


def lengthen(tx: Transaction, grace: GraceRecord, by: timedelta) -> GraceRecord:
    """Let a running grace last longer: this time didn't count."""
    if grace.until is None:
        raise ValueError(f"the grace of {grace.proposal_id} has not begun to run")
    until = grace.until + by
    tx.connection.execute(
        update(_T).where(_T.c.proposal_id == grace.proposal_id).values(until=until)
    )
    messages.retell(tx, [grace.proposal_id])
    return replace(grace, until=until)


def _record(row: Row[Any]) -> GraceRecord:
    return GraceRecord(
        row.proposal_id,
        row.rule,
        row.begun_at,
        row.span,
        row.told_at,
        row.until,
        row.zone,
        row.stopped,
    )
