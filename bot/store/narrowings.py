"""Which inline policies Locksmith narrowed, and what they said before, as its executions tell."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.model import Narrowed
from bot.store.database import Transaction
from bot.store.standing_plans import standing_plans

_PUTS = {"PutUserPolicy": "User", "PutGroupPolicy": "Group", "PutRolePolicy": "Role"}


def narrowed_inline(tx: Transaction, account_id: str, since: datetime) -> tuple[Narrowed, ...]:
    """What Locksmith made of each inline policy since a moment, as far as it was seen to hold.

    Only what was not taken back by an undo. Of changes that followed on each other, the first says
    what was there before, and the last what is there now; whether that is still so in AWS, this
    doesn't know.
    """
    found: dict[tuple[str, str], Narrowed] = {}
    for _, plan, finished_at in standing_plans(tx, account_id, _PUTS, since):
        for step in json.loads(plan)["steps"]:
            for each in _narrowed(step, finished_at):
                known = found.get((each.holder_id, each.policy))
                follows = known is not None and known.now == each.before
                first = known.before if known is not None and follows else each.before
                found[each.holder_id, each.policy] = replace(each, before=first)
    return tuple(found.values())


def _narrowed(step: Mapping[str, Any], at: datetime) -> Iterator[Narrowed]:
    """An overwritten document, and whose it is by the unique id that was looked at before."""
    do, undo = step["do"], step["undo"]
    kind = _PUTS.get(do["operation"])
    if kind is None or undo is None or undo["operation"] != do["operation"]:
        return
    path = f"{kind}.{kind}Id"
    ids = [each["value"] for each in step["before"] if each["path"] == path]
    if ids:
        before, now = undo["params"]["PolicyDocument"], do["params"]["PolicyDocument"]
        yield Narrowed(str(ids[0]), str(do["params"]["PolicyName"]), str(before), str(now), at)
