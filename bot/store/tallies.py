"""Findings as numbers: what is open, exempt or gone, and since when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.model import FindingStatus, Severity
from bot.store import tables
from bot.store.database import Transaction

_T = tables.finding


@dataclass(frozen=True, slots=True)
class Span:
    """One finding as a span of time. One that came back counts from when it was first seen."""

    topic: str
    severity: Severity
    status: FindingStatus
    first_seen: datetime
    resolved_at: datetime | None

    def was_there(self, at: datetime) -> bool:
        """Whether the violation was there at a moment, as far as is remembered."""
        return self.first_seen <= at and (self.resolved_at is None or self.resolved_at > at)


def spans(tx: Transaction, account_id: str | None = None) -> list[Span]:
    """Every finding that AWS showed, of one account or all; what files say is left out."""
    wanted = select(
        _T.c.topic, _T.c.severity, _T.c.status, _T.c.first_seen, _T.c.resolved_at
    ).where(_T.c.from_files.is_(False))
    if account_id is not None:
        wanted = wanted.where(_T.c.account_id == account_id)
    return [
        Span(
            row.topic,
            Severity(row.severity),
            FindingStatus(row.status),
            row.first_seen,
            row.resolved_at if row.status == FindingStatus.RESOLVED.value else None,
        )
        for row in tx.connection.execute(wanted)
    ]
