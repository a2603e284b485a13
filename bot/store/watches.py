"""Watches: what is looked at after an execution, and what came of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from bot.model import WatchRecord
from bot.store import tables
from bot.store.database import Transaction
from bot.store.deeds import principal_of

_T = tables.watch
#: How long a watch is taken to run before its first look says so: the default of `watch.days`.
_USUAL = timedelta(days=7)
#: What nobody has ended so long after its time is looked at by nobody any more.
_LATE = timedelta(days=1)


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


def looked_after(tx: Transaction, account_id: str) -> Mapping[str, datetime]:
    """What running watches of an account are about, each with when it is looked after no more.

    Things go by the unique id of the principal and by their subject. Where nobody serves, no watch
    is ever ended; those count until a day after their time.
    """
    x, p = tables.execution, tables.proposal
    rows = tx.connection.execute(
        select(_T.c.begun_at, _T.c.until, p.c.subject, tables.finding.c.resource)
        .join(x, x.c.id == _T.c.execution_id)
        .join(p, p.c.id == x.c.proposal_id)
        .outerjoin(tables.finding, tables.finding.c.id == p.c.finding_id)
        .where(_T.c.ended_at.is_(None), x.c.account_id == account_id)
    )
    things: dict[str, datetime] = {}
    for row in rows:
        until = (row.until or row.begun_at + _USUAL) + _LATE
        for thing in (row.subject, principal_of(row.resource or {})):
            if thing and tx.now < until:
                things[thing] = max(until, things.get(thing, until))
    return things


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
