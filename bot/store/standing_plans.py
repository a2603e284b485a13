"""Plans that were carried out and not taken back since."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from bot.model import Origin, ProposalState
from bot.store import tables
from bot.store.database import Transaction


def standing_plans(
    tx: Transaction, account_id: str, operations: Collection[str], since: datetime | None = None
) -> list[tuple[str, str, datetime]]:
    """Subject, plan as JSON text, and end of each with one of these operations, oldest first.

    Only what was seen to hold. Whether it still stands in AWS, this doesn't know. With `since`
    only what ended then or later.
    """
    x, p = tables.execution, tables.proposal
    query = (
        select(p.c.subject, p.c.plan, x.c.finished_at)
        .join(x, x.c.proposal_id == p.c.id)
        .where(
            p.c.account_id == account_id,
            p.c.origin != Origin.UNDO.value,
            or_(*map(p.c.plan.contains, operations)),
            x.c.state == ProposalState.DONE.value,
            x.c.undone_by.is_(None),
        )
        .order_by(x.c.number)
    )
    if since is not None:
        query = query.where(x.c.finished_at >= since)
    return [(row.subject, row.plan, row.finished_at) for row in tx.connection.execute(query)]
