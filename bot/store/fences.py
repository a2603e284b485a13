"""Since when the fences stand that Locksmith put on users and roles, as its executions tell."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select

from bot.model import Origin, ProposalState
from bot.store import tables
from bot.store.database import Transaction

_PUTS = ("PutUserPolicy", "PutRolePolicy")


def fences_put(tx: Transaction, account_id: str) -> Mapping[tuple[str, str], datetime]:
    """When an inline policy was last put on a user or role, by their unique id and its name.

    Only what was seen to hold, and was not taken back by an undo since. Whether it still stands in
    AWS, this doesn't know.
    """
    x, p = tables.execution, tables.proposal
    rows = tx.connection.execute(
        select(p.c.subject, p.c.plan, x.c.finished_at)
        .join(x, x.c.proposal_id == p.c.id)
        .where(
            p.c.account_id == account_id,
            p.c.origin != Origin.UNDO.value,
            or_(*map(p.c.plan.contains, _PUTS)),
            x.c.state == ProposalState.DONE.value,
            x.c.undone_by.is_(None),
        )
        .order_by(x.c.number)
    )
    found: dict[tuple[str, str], datetime] = {}
    for subject, plan, finished_at in rows:
        for step in json.loads(plan)["steps"]:
            if step["do"]["operation"] in _PUTS:
                found[subject.partition("/")[0], str(step["do"]["params"]["PolicyName"])] = (
                    finished_at
                )
    return found
