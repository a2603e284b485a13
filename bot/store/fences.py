"""Since when the fences stand that Locksmith put on users and roles, as its executions tell."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.store.database import Transaction
from bot.store.standing_plans import standing_plans

_PUTS = ("PutUserPolicy", "PutRolePolicy")


def fences_put(tx: Transaction, account_id: str) -> Mapping[tuple[str, str], datetime]:
    """When an inline policy was last put on a user or role, by their unique id and its name.

    Only what was seen to hold, and was not taken back by an undo since. Whether it still stands in
    AWS, this doesn't know.
    """
    found: dict[tuple[str, str], datetime] = {}
    for subject, plan, finished_at in standing_plans(tx, account_id, _PUTS):
        for step in json.loads(plan)["steps"]:
            if step["do"]["operation"] in _PUTS:
                found[subject.partition("/")[0], str(step["do"]["params"]["PolicyName"])] = (
                    finished_at
                )
    return found
