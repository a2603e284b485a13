"""The journal: what a step intends is written before the call, what came of it after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from bot.errors import NotFoundError
from bot.model import Actor, Json, Outcome, StepRecord
from bot.store import tables
from bot.store.database import Transaction

_EXECUTIONS = tables.execution
_STEPS = tables.step_event
_AT_ONCE = 500

#: What may be learned of a step after what; an unknown one may be looked at again and again.
_FOLLOWS: Mapping[Outcome, frozenset[Outcome]] = {
    Outcome.INTENDED: frozenset(Outcome) - {Outcome.INTENDED},
    Outcome.ANSWERED: frozenset({Outcome.HOLDS, Outcome.NOT_APPLIED, Outcome.UNKNOWN}),
    Outcome.UNKNOWN: frozenset({Outcome.HOLDS, Outcome.NOT_APPLIED, Outcome.UNKNOWN}),
    Outcome.HOLDS: frozenset(),
    Outcome.NOT_APPLIED: frozenset(),  # but see `again`
}


def intend(
    tx: Transaction,
    execution_id: str,
    index: int,
    name: str,
    seen_before: Mapping[str, Json] | None,
    *,
    again: bool = False,
) -> None:
    """Write down that a step is about to be called, and what its `before` reads gave.

    Commit before the call. ValueError where the step was intended before: a write is tried once.
    With `again` it must have been, and certainly not applied: AWS said that it came too early.
    """
    row = _execution(tx, execution_id)
    entries = _entries(tx, [execution_id]).get(execution_id, {}).get(index, [])
    sendings = sum(each.outcome == Outcome.INTENDED for each in entries)
    if entries and not again:
        raise ValueError(f"{execution_id}: step {index} was intended before")
    if again and (not entries or entries[-1].outcome != Outcome.NOT_APPLIED):
        last = entries[-1].outcome if entries else "nothing"
        raise ValueError(f"{execution_id}: step {index} can't be sent again after {last}")
    tx.connection.execute(
        insert(_STEPS).values(
            execution_id=execution_id,
            step=index,
            sending=sendings + 1,
            name=name,
            outcome=Outcome.INTENDED.value,
            at=tx.now,
            seen_before=None if seen_before is None else dict(seen_before),
        )
    )
    tx.record(
        "step.intended",
        actor=_actor(row),
        account=row.account_id,
        subject=execution_id,
        data={
            "step": index,
            "name": name,
            "proposal": row.proposal_id,
            **({"sending": sendings + 1} if again else {}),
        },
    )


def settle_step(
    tx: Transaction,
    execution_id: str,
    index: int,
    outcome: Outcome,
    *,
    request_id: str | None = None,
    error: str | None = None,
    outputs: Mapping[str, Json] | None = None,
) -> None:
    """Write down what came of a step; leave secret outputs out.

    ValueError where the journal can't go on like that: a bug.
    """
    row = _execution(tx, execution_id)
    entries = _entries(tx, [execution_id]).get(execution_id, {}).get(index, [])
    last = Outcome(entries[-1].outcome) if entries else None
    if last is None or outcome not in _FOLLOWS[last]:
        raise ValueError(
            f"{execution_id}: step {index} can't be {outcome} after {last or 'nothing'}"
        )
    tx.connection.execute(
        insert(_STEPS).values(
            execution_id=execution_id,
            step=index,
            sending=entries[-1].sending,
            name=entries[-1].name,
            outcome=outcome.value,
            at=tx.now,
            request_id=request_id,
            error=error,
            outputs=None if outputs is None else dict(outputs),
        )
    )
    tx.record(
        f"step.{outcome.value.replace(' ', '-')}",
        actor=_actor(row),
        account=row.account_id,
        subject=execution_id,
        data={
            "step": index,
            "name": entries[-1].name,
            "proposal": row.proposal_id,
            "request_id": request_id,
            "error": error,
        },
    )


def steps_of(tx: Transaction, execution_ids: Sequence[str]) -> dict[str, tuple[StepRecord, ...]]:
    """What the journal knows of the steps of these executions, by execution id."""
    journal = _entries(tx, execution_ids)
    return {
        execution_id: tuple(_step(index, entries) for index, entries in sorted(steps.items()))
        for execution_id, steps in journal.items()
    }


def _execution(tx: Transaction, execution_id: str) -> Row[Any]:
    row = tx.connection.execute(
        select(_EXECUTIONS).where(_EXECUTIONS.c.id == execution_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no execution {execution_id}")
    return row


def _actor(row: Row[Any]) -> Actor:
    return Actor(row.actor_kind, row.actor, row.actor_arn)


def _entries(tx: Transaction, ids: Sequence[str]) -> dict[str, dict[int, list[Row[Any]]]]:
    """The journal of these executions: entries in order, by execution and step."""
    found: dict[str, dict[int, list[Row[Any]]]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = tx.connection.execute(
            select(_STEPS)
            .where(_STEPS.c.execution_id.in_(ids[start : start + _AT_ONCE]))
            .order_by(_STEPS.c.number)
        )
        for row in rows:
            found.setdefault(row.execution_id, {}).setdefault(row.step, []).append(row)
    return found


def _step(index: int, entries: Sequence[Row[Any]]) -> StepRecord:
    """What the entries add up to: the last sending's, and the newest error of any."""
    last = entries[-1]
    sending = [each for each in entries if each.sending == last.sending]
    first = sending[0]
    settled: datetime | None = last.at if len(sending) > 1 else None
    return StepRecord(
        index=index,
        name=first.name,
        outcome=Outcome(last.outcome),
        intended_at=first.at,
        settled_at=settled,
        request_id=_newest(sending, "request_id"),
        error=_newest(entries, "error"),
        seen_before=first.seen_before,
        outputs=_newest(sending, "outputs"),
    )


def _newest(entries: Sequence[Row[Any]], name: str) -> Any:
    """The last entry's value that isn't missing."""
    return next(
        (getattr(row, name) for row in reversed(entries) if getattr(row, name) is not None), None
    )
