"""What rules did, and people beside them: executions, for the limits on rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, Subquery, func, select

from bot.model import Origin, ProposalState, Verdict
from bot.store import tables
from bot.store.database import Transaction

_BY = "rule"
_P = tables.proposal
#: An undo that came to this was not wanted after all.
_NOT_WANTED = (ProposalState.DENIED.value, ProposalState.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class Watched:
    """How a change is looked after. `covered_at` is the last look that could read everything."""

    covered_at: datetime | None = None
    ended: bool = False
    harmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One execution. `principal` is the unique id of whom it was about.

    `finished_at` is None while it runs. `undone_at` is when somebody asked to take it back, None
    where nobody did or that was turned down. `watched` is None where nothing was taken from
    anyone, so that there is nothing to look after.
    """

    proposal_id: str
    account_id: str
    control: str
    principal: str
    started_at: datetime
    finished_at: datetime | None
    state: ProposalState
    undone_at: datetime | None = None
    watched: Watched | None = None

    @property
    def harmed_at(self) -> datetime | None:
        """When harm was seen that it did, None where none was."""
        return None if self.watched is None else self.watched.harmed_at


def deeds(tx: Transaction) -> list[Deed]:
    """Everything that rules ever did, oldest first.

    What came to an end before anything was sent is none: it neither counts nor harms. Nor is an
    undo that a rule made after harm: it must not wait for what it takes back.
    """
    by_rules = tables.execution.c.proposal_id.in_(_approved_by_rules())
    found = _done().where(by_rules, _P.c.undoes.is_(None))
    return [_deed(row) for row in tx.connection.execute(found)]


def deeds_of_people(tx: Transaction, account_id: str, since: datetime) -> list[Deed]:
    """What people approved and began in an account since a moment, undos too, oldest first."""
    x = tables.execution
    found = _done().where(
        x.c.account_id == account_id,
        x.c.started_at > since,
        x.c.proposal_id.not_in(_approved_by_rules()),
    )
    return [_deed(row) for row in tx.connection.execute(found)]


def _done() -> Select[Any]:
    """Executions that run, or came to an end after something was sent, oldest first."""
    x, watch = tables.execution, tables.watch
    sent = select(tables.step_event.c.execution_id).distinct()
    back = _taken_back()
    return (
        select(
            x,
            _P.c.control,
            tables.finding.c.resource,
            watch.c.execution_id.label("watched"),
            watch.c.covered_at,
            watch.c.ended_at,
            watch.c.harmed_at,
            back.c.asked_at,
        )
        .join(_P, _P.c.id == x.c.proposal_id)
        .outerjoin(tables.finding, tables.finding.c.id == _P.c.finding_id)
        .outerjoin(watch, watch.c.execution_id == x.c.id)
        .outerjoin(back, back.c.undoes == x.c.id)
        .where(x.c.finished_at.is_(None) | x.c.id.in_(sent))
        .order_by(x.c.number)
    )


def _deed(row: Row[Any]) -> Deed:
    watched = Watched(row.covered_at, row.ended_at is not None, row.harmed_at)
    return Deed(
        row.proposal_id,
        row.account_id,
        row.control,
        principal_of(row.resource or {}),
        row.started_at,
        row.finished_at,
        ProposalState(row.state),
        row.asked_at,
        watched if row.watched else None,
    )


def _taken_back() -> Subquery:
    """When each execution was last asked to be taken back, where that was not turned down."""
    return (
        select(_P.c.undoes, func.max(_P.c.created_at).label("asked_at"))
        .where(_P.c.origin == Origin.UNDO.value, _P.c.state.not_in(_NOT_WANTED))
        .group_by(_P.c.undoes)
        .subquery()
    )


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
        .order_by(_P.c.changed_at, _P.c.number)
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
