"""Exemptions that wait for a second person, and those that are about to end."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.errors import LostRaceError, RefusedError
from bot.model import Actor, ExemptionRequest, FindingRecord, FindingStatus, ProposalRecord
from bot.store import messages, tables
from bot.store.database import Transaction
from bot.store.finding_rows import query, record_of
from bot.store.ids import new_id

_T = tables.exemption_request
WAITING, GRANTED = "waiting", "granted"


def request_exemption(
    tx: Transaction, proposal: ProposalRecord, until: datetime, reason: str, actor: Actor
) -> ExemptionRequest:
    """Ask for an exemption that a second person must confirm.

    Raises RefusedError where one waits already, or the proposal is about no finding.
    """
    if proposal.finding_id is None:
        raise RefusedError(f"{proposal.id} is about no finding: there is nothing to exempt")
    waiting = waiting_request(tx, proposal.id)
    if waiting is not None:
        raise RefusedError(f"{waiting.by} asked for an exemption already: confirm or refuse that")
    request = ExemptionRequest(
        new_id("e"), proposal.finding_id, proposal.id, until, reason, actor, tx.now
    )
    tx.connection.execute(
        insert(_T).values(
            id=request.id,
            finding_id=request.finding_id,
            proposal_id=request.proposal_id,
            until=until,
            reason=reason,
            asked_by_kind=actor.kind,
            asked_by=actor.name,
            at=tx.now,
            state=WAITING,
        )
    )
    tx.record(
        "exemption.requested",
        actor=actor,
        account=proposal.account.id,
        subject=proposal.id,
        data={"request": request.id, "until": until.isoformat()},
        people={"reason": reason},
    )
    messages.retell(tx, [proposal.id])
    return request


def answer_request(
    tx: Transaction, request: ExemptionRequest, state: str, actor: Actor, account_id: str
) -> None:
    """End the waiting with granted, refused or withdrawn. Raises LostRaceError where it ended."""
    answered = tx.connection.execute(
        update(_T)
        .where(_T.c.id == request.id, _T.c.state == WAITING)
        .values(state=state, answered_by_kind=actor.kind, answered_by=actor.name)
    )
    if answered.rowcount != 1:
        raise LostRaceError(f"the exemption request {request.id} was answered already")
    tx.record(
        f"exemption.{state}",
        actor=actor,
        account=account_id,
        subject=request.proposal_id,
        data={"request": request.id},
    )
    messages.retell(tx, [request.proposal_id])


def waiting_request(tx: Transaction, proposal_id: str) -> ExemptionRequest | None:
    """The exemption request of a proposal that still waits, or None."""
    row = tx.connection.execute(
        select(_T).where(_T.c.proposal_id == proposal_id, _T.c.state == WAITING)
    ).one_or_none()
    return None if row is None else _request(row)


def asked_for_by(tx: Transaction, actor: Actor) -> frozenset[str]:
    """The findings for which someone asked for an exemption that a second person granted."""
    rows = tx.connection.execute(
        select(_T.c.finding_id).where(
            _T.c.state == GRANTED, _T.c.asked_by_kind == actor.kind, _T.c.asked_by == actor.name
        )
    )
    return frozenset(rows.scalars())


def exempt_findings(tx: Transaction) -> list[FindingRecord]:
    """Every exempt finding, the one whose exemption ends first first."""
    finding = tables.finding
    rows = tx.connection.execute(
        query()
        .where(finding.c.status == FindingStatus.EXEMPT.value)
        .order_by(finding.c.exempt_until, finding.c.id)
    )
    return [record_of(row) for row in rows]


def _request(row: Row[Any]) -> ExemptionRequest:
    answered = None if row.answered_by is None else Actor(row.answered_by_kind, row.answered_by)
    return ExemptionRequest(
        id=row.id,
        finding_id=row.finding_id,
        proposal_id=row.proposal_id,
        until=row.until,
        reason=row.reason,
        by=Actor(row.asked_by_kind, row.asked_by),
        at=row.at,
        state=row.state,
        answered_by=answered,
    )
