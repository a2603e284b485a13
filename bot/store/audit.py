"""Reading, checking and exporting the audit log."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from bot.model import AuditEvent
from bot.store import tables
from bot.store.chain import ERASED, commitment, genesis, row_hash
from bot.store.database import Transaction

_T = tables.audit
_TEXTS = tables.person_text
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Whether the log is whole. `at_seq` is the first row that isn't as it was written.

    `head_seq` and `head_hash` are what to note down elsewhere: whoever can write to the database
    file could make a whole new log, and only an outside note of the head shows that.
    """

    ok: bool
    events: int
    head_seq: int
    head_hash: str
    problem: str | None = None
    at_seq: int | None = None


def verify(tx: Transaction) -> AuditVerdict:
    """Recompute the whole chain, and name the first row that was changed, removed or moved.

    Finds changed, removed, inserted and reordered rows, a cut tail (the head is kept apart), and
    personal texts that aren't the ones committed to. It can't find a log whose every later hash
    and head were recomputed by someone with write access to the database, nor a restored older
    copy: for these, compare `head_seq` and `head_hash` with a note kept outside.
    """
    head = tx.connection.execute(select(tables.audit_head)).one()
    count = 0
    problem: tuple[int, str] | None = None
    previous = genesis(tx.connection.execute(select(tables.schema_info.c.database_id)).scalar_one())
    for row in _rows(tx):
        count += 1
        if problem is None:
            problem = _problem(tx, row, count, previous, head.seq)
        previous = row.hash
    if problem is None:
        problem = _problem_at_the_end(count, previous, head) or _changed_text(tx)
    if problem is None:
        return AuditVerdict(ok=True, events=count, head_seq=head.seq, head_hash=head.hash)
    at_seq, said = problem
    return AuditVerdict(
        ok=False,
        events=count,
        head_seq=head.seq,
        head_hash=head.hash,
        problem=said,
        at_seq=at_seq,
    )


def _problem(
    tx: Transaction, row: Row[Any], expected: int, previous: str, head_seq: int
) -> tuple[int, str] | None:
    if row.seq > expected:
        return expected, f"row {expected} is missing: it was removed"
    if row.seq < expected:
        return row.seq, f"row {row.seq} was inserted before the first"
    if row.seq > head_seq:
        return row.seq, f"row {row.seq} was inserted after the end of the log, {head_seq}"
    if _hash(row, row.seq) != row.hash:
        return row.seq, _why_changed(tx, row, head_seq)
    if row.previous != previous:
        return row.seq, (
            f"row {row.seq} doesn't follow on row {row.seq - 1}: "
            "a row was replaced, inserted or removed there"
        )
    return None


def _why_changed(tx: Transaction, row: Row[Any], head_seq: int) -> str:
    """Tell a row that was moved from one that was changed: a moved one fits another number."""
    original = next(
        (seq for seq in range(1, head_seq + 2) if _hash(row, seq) == row.hash),
        None,
    )
    if original is None:
        return f"row {row.seq} is not as it was written: it was changed, or inserted later"
    there = tx.connection.execute(select(_T).where(_T.c.seq == original)).one_or_none()
    if there is not None and _hash(there, row.seq) == there.hash:
        return f"rows {row.seq} and {original} were reordered: each stands in the other's place"
    what = "inserted before it" if original < row.seq else "removed before it"
    return f"row {row.seq} was written as row {original}: a row was {what}, or it was moved"


def _problem_at_the_end(count: int, last: str, head: Row[Any]) -> tuple[int, str] | None:
    if count < head.seq:
        cut = (
            f"row {head.seq} is" if count + 1 == head.seq else f"rows {count + 1} to {head.seq} are"
        )
        return count + 1, f"{cut} missing: the end of the log was removed"
    if last != head.hash:
        return count, f"row {count} is not the one that the head of the log names: it was replaced"
    return None


def _changed_text(tx: Transaction) -> tuple[int, str] | None:
    for name, salt, text in tx.connection.execute(
        select(_TEXTS.c.commitment, _TEXTS.c.salt, _TEXTS.c.text)
    ):
        if commitment(salt, text) == name:
            continue
        row = tx.connection.execute(
            select(_T.c.seq)
            .where((_T.c.actor == name) | _T.c.people.contains(name))
            .order_by(_T.c.seq)
            .limit(1)
        ).one_or_none()
        if row is not None:
            return row.seq, f"row {row.seq} names a person or a reason that was changed since"
    return None


def _hash(row: Row[Any], seq: int) -> str:
    return row_hash(
        seq,
        row.at,
        row.event,
        row.actor_kind,
        row.actor,
        row.account,
        row.subject,
        row.data,
        row.people,
        row.previous,
    )


def _rows(tx: Transaction) -> Iterator[Row[Any]]:
    """Every row in order, a thousand at a time."""
    last: int | None = None
    while True:
        query = select(_T).order_by(_T.c.seq).limit(_AT_ONCE)
        page = tx.connection.execute(query if last is None else query.where(_T.c.seq > last)).all()
        if not page:
            return
        yield from page
        last = page[-1].seq


def export(tx: Transaction) -> Iterator[AuditEvent]:
    """Every event, oldest first."""
    page: list[Row[Any]] = []
    for row in _rows(tx):
        page.append(row)
        if len(page) == _AT_ONCE:
            yield from _events(tx, page)
            page = []
    yield from _events(tx, page)


def events(
    tx: Transaction, *, subject: str | None = None, account: str | None = None, limit: int = 50
) -> list[AuditEvent]:
    """The newest `limit` events about a subject, an account or everything, oldest of them first."""
    query = select(_T).order_by(_T.c.seq.desc()).limit(max(0, limit))
    if subject is not None:
        query = query.where(_T.c.subject == subject)
    if account is not None:
        query = query.where(_T.c.account == account)
    return list(reversed(_events(tx, tx.connection.execute(query).all())))


def events_named(tx: Transaction, event: str) -> list[AuditEvent]:
    """Every event of a name, oldest first."""
    rows = tx.connection.execute(select(_T).where(_T.c.event == event).order_by(_T.c.seq)).all()
    return _events(tx, rows)


def texts_of(tx: Transaction, commitments: Iterable[str]) -> dict[str, str]:
    """The texts behind these commitments; those that were erased are left out."""
    wanted = sorted(set(commitments))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        page = wanted[start : start + _AT_ONCE]
        rows = tx.connection.execute(
            select(_TEXTS.c.commitment, _TEXTS.c.text).where(_TEXTS.c.commitment.in_(page))
        )
        found.update((name, text) for name, text in rows)
    return found


def _events(tx: Transaction, rows: Sequence[Row[Any]]) -> list[AuditEvent]:
    people = [json.loads(row.people) for row in rows]
    texts = texts_of(
        tx,
        [row.actor for row in rows] + [name for each in people for name in each.values()],
    )
    return [
        AuditEvent(
            row.seq,
            row.at,
            row.event,
            f"{row.actor_kind}:{texts.get(row.actor, ERASED)}",
            row.account,
            row.subject,
            {
                **json.loads(row.data),
                **{name: texts.get(value, ERASED) for name, value in each.items()},
            },
            row.previous,
            row.hash,
        )
        for row, each in zip(rows, people, strict=True)
    ]
