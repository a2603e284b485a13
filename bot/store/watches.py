"""Watches: what is looked at after an execution, and what came of it."""

from typing import Any

from sqlalchemy import Row, func, insert, select, update

from bot.model import WatchRecord
from bot.store import tables
from bot.store.database import Transaction

_T = tables.watch


def begin_watch(tx: Transaction, execution_id: str) -> None:
    """Let an execution be watched from now on; nothing changes where it is already."""
    if get_watch(tx, execution_id) is not None:
        return
    tx.connection.execute(
        insert(_T).values(
            execution_id=execution_id, begun_at=tx.now, looks=0, said={}, harm=[], ended=""
        )
    )


def get_watch(tx: Transaction, execution_id: str) -> WatchRecord | None:
    """The watch of an execution, or None where it isn't watched."""
    row = tx.connection.execute(select(_T).where(_T.c.execution_id == execution_id)).one_or_none()
    return None if row is None else _record(row)


def save_look(tx: Transaction, watch: WatchRecord) -> None:
    """Write down what the last look saw, and until when there will be looks."""
    _update(
        tx,
        watch.execution_id,
        until=watch.until,
        looked_at=watch.looked_at,
        covered_at=watch.covered_at,
        looks=watch.looks,
        said=watch.said(),
        harm=list(watch.harm),
        harmed_at=watch.harmed_at,
    )


def end_watch(tx: Transaction, execution_id: str, why: str) -> None:
    """Write down that nothing is looked at any more, and why."""
    _update(tx, execution_id, ended_at=tx.now, ended=why)


def running_watches(tx: Transaction) -> int:
    """How many executions are being watched."""
    count: int = tx.connection.execute(
        select(func.count()).select_from(_T).where(_T.c.ended_at.is_(None))
    ).scalar_one()
    return count


def _update(tx: Transaction, execution_id: str, **values: Any) -> None:
    tx.connection.execute(update(_T).where(_T.c.execution_id == execution_id).values(**values))


def _record(row: Row[Any]) -> WatchRecord:
    said = row.said
    return WatchRecord(
        execution_id=row.execution_id,
        begun_at=row.begun_at,
        until=row.until,
        looked_at=row.looked_at,
        covered_at=row.covered_at,
        looks=row.looks,
        looked=tuple(said.get("looked", ())),
        unknown=tuple(said.get("unknown", ())),
        blind=tuple(said.get("blind", ())),
        harm=tuple(row.harm),
        harmed_at=row.harmed_at,
        ended_at=row.ended_at,
        ended=row.ended,
    )
