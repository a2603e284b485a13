"""What AWS tells of the use of policies, read where a control that is on looks at it."""

from collections.abc import Callable, Container, Mapping

from bot.aws.connection import AwsConnection
from bot.aws.policy_denials import read_policy_denials
from bot.aws.policy_use import read_policy_uses
from bot.aws.reading import with_part
from bot.model import (
    Group,
    ManagedPolicy,
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
    *,
    budget: int,
    pause: Callable[[float], None],
    progress: Callable[[str], None],
) -> Snapshot:
    """The snapshot with the reports on policies that somebody holds, each whole or unavailable.

    Inline policies count, but for Locksmith's fences and those of roles that only AWS changes.
    """
    policies: tuple[ManagedPolicy, ...] = snapshot.parts.get(Part.CUSTOMER_POLICIES, ())
    held = [policy for policy in policies if policy.attachments]
    now = snapshot.taken_at
    reading: Mapping[Part, Callable[[], object]] = {
        Part.POLICY_USE: lambda: read_policy_uses(
            connection, held, with_inline(snapshot), budget=budget, now=now, pause=pause
        ),
        Part.POLICY_DENIALS: lambda: read_policy_denials(
            connection, held, snapshot.parts.get(Part.ROLES, ()), budget=budget, now=now
        ),
    }
    for part, read in reading.items():
        if part not in needs:
            continue
        progress(f"Reading {part.value.replace('-', ' ')}")
        snapshot = with_part(snapshot, part, read)
    return snapshot


def with_inline(snapshot: Snapshot) -> list[User | Group | Role]:
    """Whoever has an inline policy that people wrote and may change."""
    everybody: list[User | Group | Role] = [
        *snapshot.parts.get(Part.USERS, ()),
        *snapshot.parts.get(Part.GROUPS, ()),
        *snapshot.parts.get(Part.ROLES, ()),
    ]
    return [
        each
        for each in everybody
        if any(not is_placed_by_locksmith(policy.name) for policy in each.inline)
        and Protection().reason_for(each.arn) is None
    ]
