"""Executions: who carried a proposal out, how it ended, and what the journal says of its steps."""

from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from bot.errors import LostRaceError, NotFoundError
from bot.model import (
    Account,
    Actor,
    ExecutionRecord,
    ProposalRecord,
    ProposalState,
)
from bot.store import messages, tables
from bot.store.database import Transaction
from bot.store.ids import nearest, new_id
from bot.store.journal import intend, settle_step, steps_of

__all__ = [
    "start_execution", "finish_execution", "mark_undone",
    "intend", "settle_step",
    "get_execution", "execution_of", "list_executions", "unfinished",
]  # fmt: skip

_T = tables.execution

_UNDER_WAY = frozenset({ProposalState.EXECUTING, ProposalState.VERIFYING, ProposalState.UNKNOWN})


def start_execution(tx: Transaction, proposal: ProposalRecord, actor: Actor) -> str:
    """Begin an execution of a proposal that was just moved to executing; returns its id.

    Raises LostRaceError where another execution of it isn't finished.
    """
    claimed = tx.connection.execute(
        select(_T.c.id).where(_T.c.proposal_id == proposal.id, _T.c.finished_at.is_(None))
    ).scalar()
    if claimed is not None:
        raise LostRaceError(
            f"{proposal.id} is being carried out already, as {claimed}",
            hint=f"`locksmith executions show {claimed}` shows by whom.",
        )
    execution_id = new_id("x")
    tx.connection.execute(
        insert(_T).values(
            id=execution_id,
            proposal_id=proposal.id,
            account_id=proposal.account.id,
            actor_kind=actor.kind,
            actor=actor.name,
            actor_arn=actor.aws_arn,
            started_at=tx.now,
            state=ProposalState.EXECUTING.value,
            why="",
        )
    )
    tx.record(
        "execution.started",
        actor=actor,
        account=proposal.account.id,
        subject=execution_id,
        data={"proposal": proposal.id, "digest": proposal.digest},
    )
    return execution_id


def finish_execution(
    tx: Transaction,
    execution_id: str,
    state: ProposalState,
    why: str,
    *,
    actor: Actor | None = None,
) -> ExecutionRecord:
    """Write down how an execution ended, and by whose doing: its own actor's if not said.

    UNKNOWN is an end for now: `unfinished` keeps listing it, and a later look ends it again.
    LostRaceError where it ended otherwise before.
    """
    row = _row(tx, execution_id)
    finished = tx.connection.execute(
        update(_T)
        .where(_T.c.id == execution_id, _T.c.state.in_([each.value for each in _UNDER_WAY]))
        .values(state=state.value, why=why, finished_at=tx.now)
    )
    if finished.rowcount != 1:
        raise LostRaceError(
            f"{execution_id} is {row.state} already: {row.why}",
            hint=f"`locksmith executions show {execution_id}` tells more.",
        )
    tx.record(
        "execution.finished",
        actor=actor or _actor(row),
        account=row.account_id,
        subject=execution_id,
        data={"proposal": row.proposal_id, "state": state.value},
        people={"why": why},
    )
    return get_execution(tx, execution_id)


def mark_undone(tx: Transaction, execution_id: str, by: str) -> None:
    """Write down that the execution `by` took this one back. LostRaceError where another did."""
    row, undoing = _row(tx, execution_id), _row(tx, by)
    if row.undone_by == by:
        return
    marked = tx.connection.execute(
        update(_T).where(_T.c.id == execution_id, _T.c.undone_by.is_(None)).values(undone_by=by)
    )
    if marked.rowcount != 1:
        raise LostRaceError(f"{execution_id} was undone already by {row.undone_by}")
    messages.retell(tx, [row.proposal_id])
    tx.record(
        "execution.undone",
        actor=_actor(undoing),
        account=row.account_id,
        subject=execution_id,
        data={"by": by, "proposal": row.proposal_id},
    )


def get_execution(tx: Transaction, execution_id: str) -> ExecutionRecord:
    """The execution with this id. Raises NotFoundError that names the nearest ids."""
    _row(tx, execution_id)
    return _records(tx, _query().where(_T.c.id == execution_id))[0]


def execution_of(tx: Transaction, proposal_id: str) -> ExecutionRecord | None:
    """The newest execution of a proposal, or None where it was never claimed."""
    found = _records(tx, _query().where(_T.c.proposal_id == proposal_id).limit(1))
    return found[0] if found else None


def list_executions(tx: Transaction, *, account: str | None = None) -> list[ExecutionRecord]:
    """Every execution, newest first."""
    wanted = _query() if account is None else _query().where(_T.c.account_id == account)
    return _records(tx, wanted)


def unfinished(tx: Transaction, account_id: str) -> list[ExecutionRecord]:
    """Executions that a crash or a lost answer left open, newest first: look before acting."""
    return _records(
        tx,
        _query().where(
            _T.c.account_id == account_id, _T.c.state.in_([each.value for each in _UNDER_WAY])
        ),
    )


def _row(tx: Transaction, execution_id: str) -> Row[Any]:
    row = tx.connection.execute(select(_T).where(_T.c.id == execution_id)).one_or_none()
    if row is None:
        known = tx.connection.execute(select(_T.c.id)).scalars()
        raise NotFoundError(
            f"there is no execution {execution_id}", hint=nearest(execution_id, known)
        )
    return row


def _actor(row: Row[Any]) -> Actor:
    return Actor(row.actor_kind, row.actor, row.actor_arn)


def _query() -> Select[Any]:
    return (
        select(_T, tables.account.c.partition)
        .join(tables.account, tables.account.c.id == _T.c.account_id)
        .order_by(_T.c.number.desc())
    )


def _records(tx: Transaction, wanted: Select[Any]) -> list[ExecutionRecord]:
    rows = tx.connection.execute(wanted).all()
    steps = steps_of(tx, [row.id for row in rows])
    return [
        ExecutionRecord(
            id=row.id,
            proposal_id=row.proposal_id,
            account=Account(row.account_id, row.partition),
            actor=_actor(row),
            started_at=row.started_at,
            finished_at=row.finished_at,
            state=ProposalState(row.state),
            why=row.why,
            steps=steps.get(row.id, ()),
            undone_by=row.undone_by,
        )
        for row in rows
    ]
