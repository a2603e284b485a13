"""What rules did: the executions that no person approved, for the limits on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, select

from bot.model import ProposalState, Verdict
from bot.store import tables
from bot.store.database import Transaction

_BY = "rule"
_P = tables.proposal


@dataclass(frozen=True, slots=True)
class Deed:
    """One execution that a rule approved. `principal` is the unique id of whom it was about.

    `undone` says whether it was taken back; `finished_at` is None while it runs. `harmed_at` is
    when harm was seen that it did, None where none was.
    """

    proposal_id: str
    account_id: str
    control: str
    principal: str
    started_at: datetime
    finished_at: datetime | None
    state: ProposalState
    undone: bool
    harmed_at: datetime | None = None


def deeds(tx: Transaction) -> list[Deed]:
    """Everything that rules ever did, oldest first.

    What came to an end before anything was sent is none: it neither counts nor harms. Nor is an
    undo that a rule made after harm: it must not wait for what it takes back.
    """
    x, watch = tables.execution, tables.watch
    sent = select(tables.step_event.c.execution_id).distinct()
    rows = tx.connection.execute(
        select(x, _P.c.control, tables.finding.c.resource, watch.c.harmed_at)
        .join(_P, _P.c.id == x.c.proposal_id)
        .outerjoin(tables.finding, tables.finding.c.id == _P.c.finding_id)
        .outerjoin(watch, watch.c.execution_id == x.c.id)
        .where(x.c.proposal_id.in_(_approved_by_rules()), _P.c.undoes.is_(None))
        .where(x.c.finished_at.is_(None) | x.c.id.in_(sent))
        .order_by(x.c.number)
    )
    return [
        Deed(
            row.proposal_id,
            row.account_id,
            row.control,
            principal_of(row.resource or {}),
            row.started_at,
            row.finished_at,
            ProposalState(row.state),
            row.undone_by is not None,
            row.harmed_at,
        )
        for row in rows
    ]


def deeds_to_come(tx: Transaction) -> list[Deed]:
    """What rules approved and nobody has begun to carry out, oldest first."""
    rows = tx.connection.execute(
        select(_P, tables.finding.c.resource)
        .outerjoin(tables.finding, tables.finding.c.id == _P.c.finding_id)
        .where(
            _P.c.state == ProposalState.APPROVED.value,
            _P.c.id.in_(_approved_by_rules()),
            _P.c.undoes.is_(None),
        )
        .order_by(_P.c.number)
    )
    return [
        Deed(
            row.id,
            row.account_id,
            row.control,
            principal_of(row.resource or {}),
            row.changed_at,
            None,
            ProposalState.APPROVED,
            undone=False,
        )
        for row in rows
    ]


def _approved_by_rules() -> ScalarSelect[str]:
    d = tables.decision
    return (
        select(d.c.proposal_id)
        .where(d.c.actor_kind == _BY, d.c.verdict == Verdict.APPROVE.value)
        .scalar_subquery()
    )


def principal_of(resource: Mapping[str, Any]) -> str:
    """Whom a finding is about: the owner of a key, or the thing itself, by the unique id."""
    key: Mapping[str, Any] = resource.get("key") or {}
    return str(key.get("user_id") or resource.get("unique_id") or "")
