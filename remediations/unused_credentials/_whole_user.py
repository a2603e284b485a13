"""A user behind the fence as a whole: what hangs on it, and the steps that delete all of it."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from bot.model import Belongings, Json, Part, Snapshot, Step, User
from remediations import _reads as reads
from remediations._fence_documents import INACTIVE_DOCUMENT, INACTIVE_FENCE
from remediations.unused_credentials._deleting import (
    as_recorded,
    credentials,
    farewell,
    has_just,
    rights,
)
from remediations.unused_credentials._idle_user import idle_guards


def belongings_of(user: User, snapshot: Snapshot) -> Belongings | None:
    """What hangs on the user; None where it was not read."""
    known: Mapping[str, Belongings] = snapshot.parts.get(Part.BELONGINGS, {})
    return known.get(user.id)


def listed(owned: Belongings | None) -> dict[str, Json]:
    """It as evidence."""
    return {} if owned is None else {name: [*ids] for name, ids in asdict(owned).items()}


def deletion(
    user: User, snapshot: Snapshot, owned: Belongings, grace_days: int
) -> tuple[Step, ...]:
    """All steps, the first with what must hold of the whole user before anything goes."""
    row = snapshot.report_rows[user.arn]
    keys = snapshot.live_keys.get(user.id, row.keys)
    fence = reads.inline_is(user, INACTIVE_FENCE, INACTIVE_DOCUMENT)
    first, *rest = (
        *credentials(user, keys, owned, fence, password=bool(row.password_enabled)),
        *rights(user, fence, INACTIVE_FENCE),
        *farewell(user, INACTIVE_FENCE, INACTIVE_DOCUMENT),
    )
    whole = (as_recorded(user), *idle_guards(user, snapshot, grace_days), fence)
    more = (each for each in (*whole, *has_just(user, keys, owned)) if each not in first.before)
    return replace(first, before=(*first.before, *more)), *rest
