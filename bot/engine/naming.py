"""Access keys get their names: from what is remembered of them, or read live."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.aws.connection import AwsConnection
from bot.aws.keys import merge_listed, name_keys, still_valid
from bot.engine import planner
from bot.engine.planner import Evaluation
from bot.model import Part, Snapshot
from bot.store import accounts, keys
from bot.store.database import Store

# Without a budget nobody is left out.
_CALLS_PER_USER = 16


def with_remembered_keys(snapshot: Snapshot, store: Store) -> Snapshot:
    """The snapshot with the keys that earlier looks listed, where the report still agrees."""
    if Part.CREDENTIAL_REPORT not in snapshot.parts:
        return snapshot
    with store.read() as tx:
        remembered = keys.remembered_keys(tx, snapshot.account.id)
    return merge_listed(snapshot, still_valid(remembered, snapshot.credential_report))


def users_to_name(evaluation: Evaluation, snapshot: Snapshot) -> Sequence[tuple[str, str]]:
    """Owners of keys that findings can't name yet, those with the worst findings first."""
    worst_first = sorted(evaluation.seen, key=lambda seen: seen.finding.severity.rank)
    wanted: dict[tuple[str, str], None] = {}
    for seen in worst_first:
        owner = planner.owner_to_name(seen, snapshot)
        if owner is not None:
            wanted[owner] = None
    return tuple(wanted)


def with_named_keys(
    connection: AwsConnection,
    snapshot: Snapshot,
    users: Sequence[tuple[str, str]],
    budget: int | None,
    store: Store,
    clock: Callable[[], datetime],
) -> Snapshot:
    """The snapshot with these users' keys as they are listed now, which is remembered.

    `budget` is how many calls that may take; without one all are listed. Raises CredentialsError
    where the session ends.
    """
    names = name_keys(
        connection,
        users,
        budget=len(users) * _CALLS_PER_USER if budget is None else budget,
        snapshot=snapshot,
        clock=clock,
    )
    now = clock()
    with store.write() as tx:
        accounts.ensure_account(tx, snapshot.account)
        keys.remember_many(
            tx,
            snapshot.account.id,
            {user_id: (now, listed) for user_id, listed in names.listed.items()},
        )
    merged = merge_listed(snapshot, names.listed)
    if names.unavailable is None:
        return merged
    gaps = {**merged.unavailable, Part.KEY_NAMES: names.unavailable}
    return replace(merged, unavailable=gaps)
