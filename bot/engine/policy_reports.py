"""What AWS tells of the use of policies, read where a control that is on looks at it."""

from collections.abc import Callable, Container, Mapping, Sequence

from bot.aws.connection import AwsConnection
from bot.aws.policy_denials import read_policy_denials
from bot.aws.policy_use import read_policy_uses
from bot.aws.reading import with_part
from bot.model import (
    Group,
    ManagedPolicy,
    Narrowed,
    Part,
    Protection,
    Role,
    Snapshot,
    User,
    is_placed_by_locksmith,
)


def with_policy_reports(
    connection: AwsConnection,
    snapshot: Snapshot,
    needs: Container[Part],
    narrowed: Callable[[], Sequence[Narrowed]],
    *,
    budget: int,
    pause: Callable[[float], None],
    progress: Callable[[str], None],
) -> Snapshot:
    """The snapshot with the reports on policies that somebody holds, each whole or unavailable.

    Inline policies count, but for Locksmith's fences and those of roles that only AWS changes; of
    what is missed, those that Locksmith `narrowed`.
    """
    policies: tuple[ManagedPolicy, ...] = snapshot.parts.get(Part.CUSTOMER_POLICIES, ())
    held = [policy for policy in policies if policy.attachments]
    now = snapshot.taken_at
    reading: Mapping[Part, Callable[[], object]] = {
        Part.POLICY_USE: lambda: read_policy_uses(
            connection, held, with_inline(snapshot), budget=budget, now=now, pause=pause
        ),
        Part.POLICY_DENIALS: lambda: read_policy_denials(
            connection,
            held,
            snapshot.parts.get(Part.ROLES, ()),
            with_holders(narrowed(), snapshot),
            budget=budget,
            now=now,
        ),
    }
    for part, read in reading.items():
        if part not in needs:
            continue
        progress(f"Reading {part.value.replace('-', ' ')}")
        snapshot = with_part(snapshot, part, read)
    return snapshot


def with_holders(
    narrowed: Sequence[Narrowed], snapshot: Snapshot
) -> list[tuple[Narrowed, User | Group | Role]]:
    """Those whose holder is still there, with the holder."""
    known = {each.id: each for each in _everybody(snapshot)}
    return [(each, known[each.holder_id]) for each in narrowed if each.holder_id in known]


def _everybody(snapshot: Snapshot) -> list[User | Group | Role]:
    return [
        *snapshot.parts.get(Part.USERS, ()),
        *snapshot.parts.get(Part.GROUPS, ()),
        *snapshot.parts.get(Part.ROLES, ()),
    ]


def with_inline(snapshot: Snapshot) -> list[User | Group | Role]:
    """Whoever has an inline policy that people wrote and may change."""
    return [
        each
        for each in _everybody(snapshot)
        if any(not is_placed_by_locksmith(policy.name) for policy in each.inline)
        and Protection().reason_for(each.arn) is None
    ]
