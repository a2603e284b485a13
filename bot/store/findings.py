"""Findings: reading them, and what people decide about them."""

from datetime import datetime

from sqlalchemy import select, update

from bot.errors import NotFoundError, RefusedError
from bot.model import Actor, FindingRecord, FindingStatus, Severity
from bot.store import tables
from bot.store.chain import NewEvent
from bot.store.database import Transaction
from bot.store.finding_rows import query, record_of
from bot.store.ids import nearest
from bot.store.observing import Observation, observe
from bot.store.recognising import SeenFinding

__all__ = [
    "Observation", "SeenFinding", "observe",
    "get_finding", "list_findings", "exempt", "end_exemptions", "hold", "lift_hold",
]  # fmt: skip

_T = tables.finding


def get_finding(tx: Transaction, finding_id: str) -> FindingRecord:
    """The finding with this id. Raises NotFoundError that names the nearest ids."""
    row = tx.connection.execute(query().where(_T.c.id == finding_id)).one_or_none()
    if row is None:
        known = tx.connection.execute(select(_T.c.id)).scalars()
        raise NotFoundError(f"there is no finding {finding_id}", hint=nearest(finding_id, known))
    return record_of(row)


def list_findings(
    tx: Transaction,
    *,
    account: str | None = None,
    status: FindingStatus | None = None,
    control: str | None = None,
    severity: Severity | None = None,
) -> list[FindingRecord]:
    """Findings that match every given word, worst first, then by control and name."""
    wanted = query()
    for column, value in (
        (_T.c.account_id, account),
        (_T.c.status, status),
        (_T.c.control, control),
        (_T.c.severity, severity),
    ):
        if value is not None:
            wanted = wanted.where(column == str(value))
    records = [record_of(row) for row in tx.connection.execute(wanted)]
    return sorted(
        records,
        key=lambda record: (
            record.finding.severity.rank,
            record.finding.control,
            record.finding.resource.name,
            record.id,
        ),
    )


def exempt(
    tx: Transaction, finding_id: str, reason: str, until: datetime, actor: Actor
) -> FindingRecord:
    """Accept a violation until a moment; it comes back by itself.

    Raises RefusedError where the moment has passed, there is no reason, or the violation is gone.
    """
    known = get_finding(tx, finding_id)
    if known.status is FindingStatus.RESOLVED:
        raise RefusedError(f"{finding_id} is resolved: there is nothing to exempt")
    if until <= tx.now:
        raise RefusedError(f"{until:%Y-%m-%d %H:%M} UTC has passed: choose a later day")
    if not reason.strip():
        raise RefusedError("an exemption needs a reason that others can judge")
    tx.connection.execute(
        update(_T)
        .where(_T.c.id == finding_id)
        .values(status=FindingStatus.EXEMPT.value, exempt_until=until, exempt_reason=reason)
    )
    tx.record(
        "finding.exempt",
        actor=actor,
        account=known.account.id,
        subject=finding_id,
        data={"until": until.isoformat(), "control": known.finding.control},
        people={"reason": reason},
    )
    return get_finding(tx, finding_id)


def end_exemptions(tx: Transaction, now: datetime) -> int:
    """Open every finding again whose exemption is over; returns how many."""
    over = tx.connection.execute(
        select(_T.c.id, _T.c.account_id, _T.c.control).where(
            _T.c.status == FindingStatus.EXEMPT.value, _T.c.exempt_until <= now
        )
    ).all()
    if not over:
        return 0
    tx.connection.execute(
        update(_T)
        .where(_T.c.status == FindingStatus.EXEMPT.value, _T.c.exempt_until <= now)
        .values(status=FindingStatus.OPEN.value, exempt_until=None, exempt_reason="")
    )
    tx.record_many(
        [
            NewEvent("finding.exemption-ended", row.account_id, row.id, {"control": row.control})
            for row in over
        ],
        actor=Actor("locksmith", "clock"),
    )
    return len(over)


def hold(tx: Transaction, finding_id: str, actor: Actor) -> None:
    """Keep rules away from a finding whose fix was undone, until a person lifts the hold."""
    _set_held(tx, finding_id, actor, held=True)


def lift_hold(tx: Transaction, finding_id: str, actor: Actor) -> None:
    """Let rules act on the finding again."""
    _set_held(tx, finding_id, actor, held=False)


def _set_held(tx: Transaction, finding_id: str, actor: Actor, *, held: bool) -> None:
    known = get_finding(tx, finding_id)
    if known.held is held:
        return
    tx.connection.execute(update(_T).where(_T.c.id == finding_id).values(held=held))
    tx.record(
        "finding.held" if held else "finding.hold-lifted",
        actor=actor,
        account=known.account.id,
        subject=finding_id,
    )
