"""What a scan saw, merged into what is remembered: same violation, same id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, update

from bot.model import (
    Account,
    Actor,
    FindingRecord,
    FindingStatus,
)
from bot.store import tables
from bot.store.batches import batches
from bot.store.chain import NewEvent
from bot.store.database import Transaction
from bot.store.finding_rows import new_values, query, record_of, seen_values
from bot.store.ids import new_id
from bot.store.recognising import (
    Known,
    SeenFinding,
    by_fingerprint,
    known_findings,
    match,
    pages,
)

_T = tables.finding
_ALIASES = tables.finding_alias


@dataclass(frozen=True, slots=True)
class Observation:
    """What changed. `records` has every finding that was seen, by its present fingerprint.

    `exempt` were seen too, and are accepted until their day.
    """

    new: tuple[FindingRecord, ...]
    still_open: tuple[FindingRecord, ...]
    reopened: tuple[FindingRecord, ...]
    resolved: tuple[FindingRecord, ...]
    exempt: tuple[FindingRecord, ...]
    records: Mapping[str, FindingRecord]


def observe(
    tx: Transaction,
    account: Account,
    seen: Sequence[SeenFinding],
    *,
    complete_controls: Collection[str],
    actor: Actor,
    from_files: bool = False,
) -> Observation:
    """Merge what was seen in one look at an account into the findings.

    A finding known by its fingerprint or an alias keeps its id and is refreshed; one that was
    resolved reopens; an exempt one stays so until its day. Of the controls in
    `complete_controls`, which looked at everything, findings that weren't seen are resolved.
    What was read `from_files` is kept apart from what AWS showed.
    Raises PlanError where a control gives two findings for one subject.
    """
    by_print = by_fingerprint(account, seen, from_files=from_files)
    known = known_findings(tx, account, by_print, from_files=from_files)
    ids = match(by_print, known)
    changes = [
        _change(tx.now, account, print_, item, known.rows.get(ids.get(print_, "")), from_files)
        for print_, item in by_print.items()
    ]
    seen_ids = set(ids.values())
    gone = [
        row.id
        for row in known.rows.values()
        if row.status != FindingStatus.RESOLVED
        and row.control in complete_controls
        and row.id not in seen_ids
    ]
    _write(tx, changes, by_print, known)
    resolved = _resolve(tx, gone)
    events = [event for change in changes for event in change.events]
    events += [_event("finding.resolved", record) for record in resolved]
    tx.record_many(events, actor=actor)
    return _observation(changes, resolved)


@dataclass(frozen=True, slots=True)
class _Change:
    """One seen finding: its record from now on, what it was before, and what to log."""

    record: FindingRecord
    before: FindingStatus | None
    events: tuple[NewEvent, ...]


def _change(
    now: datetime,
    account: Account,
    print_: str,
    item: SeenFinding,
    row: Row[Any] | None,
    from_files: bool,
) -> _Change:
    new = FindingRecord(
        id=new_id("f") if row is None else row.id,
        fingerprint=print_,
        account=account,
        finding=item.finding,
        topic=item.topic,
        status=FindingStatus.OPEN,
        first_seen=now,
        last_seen=now,
        from_files=from_files,
        template=item.template,
    )
    if row is None:
        return _Change(new, None, (_event("finding.opened", new),))
    return _seen_again(new, row, now)


def _seen_again(new: FindingRecord, row: Row[Any], now: datetime) -> _Change:
    """What becomes of a finding that is known, from what it looks like now."""
    before = FindingStatus(row.status)
    exempt = row.exempt_until is not None and row.exempt_until > now
    record = replace(
        new,
        status=FindingStatus.EXEMPT if exempt else FindingStatus.OPEN,
        first_seen=row.first_seen,
        reopened=row.reopened + (before is FindingStatus.RESOLVED),
        held=row.held,
        exempt_until=row.exempt_until if exempt else None,
        exempt_reason=row.exempt_reason if exempt else "",
    )
    events: tuple[NewEvent, ...] = ()
    if before is FindingStatus.RESOLVED:
        events = (_event("finding.reopened", record),)
    elif before is FindingStatus.EXEMPT and not exempt:
        events = (_event("finding.exemption-ended", record),)
    return _Change(record, before, events)


def _event(name: str, record: FindingRecord) -> NewEvent:
    return NewEvent(
        name,
        record.account.id,
        record.id,
        {
            "control": record.finding.control,
            "severity": record.finding.severity.value,
            "resource": record.finding.resource.unique_id,
            "fingerprint": record.fingerprint,
        },
    )


def _write(
    tx: Transaction,
    changes: Sequence[_Change],
    by_print: Mapping[str, SeenFinding],
    known: Known,
) -> None:
    new = [change.record for change in changes if change.before is None]
    again = [change.record for change in changes if change.before is not None]
    for some in batches(new):
        tx.connection.execute(insert(_T), [new_values(record) for record in some])
    known_id = update(_T).where(_T.c.id == bindparam("known_id"))
    for some in batches(again):
        values = [{"known_id": record.id, **seen_values(record)} for record in some]
        tx.connection.execute(known_id, values)
    aliases = {
        print_: change.record.id
        for change in changes
        for print_ in (
            change.record.fingerprint,
            *by_print[change.record.fingerprint].aliases,
        )
        if print_ not in known.ids
    }
    if aliases:
        tx.connection.execute(
            insert(_ALIASES),
            [{"fingerprint": print_, "finding_id": id_} for print_, id_ in aliases.items()],
        )


def _resolve(tx: Transaction, ids: Sequence[str]) -> tuple[FindingRecord, ...]:
    """Resolve these; an exemption stays noted, in case the violation is back before its day."""
    resolved: list[FindingRecord] = []
    for page in pages(ids):
        tx.connection.execute(
            update(_T)
            .where(_T.c.id.in_(page))
            .values(status=FindingStatus.RESOLVED.value, resolved_at=tx.now)
        )
        rows = tx.connection.execute(query().where(_T.c.id.in_(page)))
        resolved.extend(record_of(row) for row in rows)
    return tuple(resolved)


def _observation(changes: Sequence[_Change], resolved: tuple[FindingRecord, ...]) -> Observation:
    def of(*before: FindingStatus | None, status: FindingStatus) -> tuple[FindingRecord, ...]:
        return tuple(
            change.record
            for change in changes
            if change.before in before and change.record.status is status
        )

    opened, exempt = FindingStatus.OPEN, FindingStatus.EXEMPT
    return Observation(
        new=of(None, status=opened),
        still_open=of(opened, exempt, status=opened),
        reopened=of(FindingStatus.RESOLVED, status=opened),
        resolved=resolved,
        exempt=of(opened, exempt, FindingStatus.RESOLVED, status=exempt),
        records={change.record.fingerprint: change.record for change in changes},
    )
