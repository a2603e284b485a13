"""Reads what AWS refused to those who have a policy with a new version, by CloudTrail's history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.aws.after_change import (
    Denial,
    Reason,
    denials_of,
    regions_of,
    session_denials,
    users_reached,
)
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.aws.role_sessions import sessions_of
from bot.model import Group, ManagedPolicy, Narrowed, PolicyDenials, Refusal, Role, User

#: How far back a version may have been made: as far as CloudTrail remembers.
KEPT = timedelta(days=90)
OPERATION = "cloudtrail:LookupEvents"


def read_policy_denials(
    connection: AwsConnection,
    policies: Sequence[ManagedPolicy],
    roles: Sequence[Role] = (),
    narrowed: Sequence[tuple[Narrowed, User | Group | Role]] = (),
    *,
    budget: int,
    now: datetime,
) -> PolicyDenials:
    """Refused calls that no policy allows, of the users, and sessions of `roles`, who have one.

    Only policies count of which an older version is kept and the one in force is the newest and
    lies within CloudTrail's memory. `narrowed` are inline policies that Locksmith rewrote, each
    with its holder. All or nothing, within a budget of look-ups: one for each user and for each
    session of a role, and one for each role, in each Region. Raises ReadFailedError where there are
    more, and where AWS refuses.
    """
    reading = _Reading(connection, regions_of(connection), budget)
    found: dict[str, tuple[Refusal, ...]] = {}
    partly: dict[str, int] = {}
    for policy in policies:
        if not _is_new(policy, now):
            continue
        holding = [role for role in roles if policy.arn in role.attached]
        users, since = users_reached(connection, policy=policy.arn).users, policy.default.created
        found[policy.id] = (*reading.of_users(users, since), *reading.of_roles(holding, since))
        partly[policy.id] = sum(role.id in reading.partly for role in holding)
    inline = []
    for each, holder in narrowed:
        inline.append((each, tuple(_of_holder(reading, connection, holder, each.at))))
        partly[holder.id] = int(holder.id in reading.partly)
    return PolicyDenials(found, partly, tuple(inline))


def _of_holder(
    reading: "_Reading", connection: AwsConnection, holder: User | Group | Role, since: datetime
) -> Iterator[Refusal]:
    if isinstance(holder, Role):
        yield from reading.of_roles([holder], since)
    elif isinstance(holder, Group):
        yield from reading.of_users(users_reached(connection, group=holder.name).users, since)
    else:
        yield from reading.of_users({holder.name: holder.id}, since)


def _is_new(policy: ManagedPolicy, now: datetime) -> bool:
    default = policy.default
    newest = all(each.created <= default.created for each in policy.versions)
    return len(policy.versions) > 1 and newest and now - default.created <= KEPT


class _Reading:
    """Looks names up in each Region, as long as the budget lasts.

    `partly` are the ids of roles that had more sessions than are looked up.
    """

    def __init__(self, connection: AwsConnection, regions: Sequence[str], budget: int) -> None:
        self._connection = connection
        self._regions = regions
        self._left = budget
        self.partly: set[str] = set()

    def of_users(self, users: Mapping[str, str], since: datetime) -> Iterator[Refusal]:
        self._spend(len(users))
        for user, user_id in sorted(users.items()):
            for region in self._regions:
                denials = denials_of(self._connection, user, user_id, since, region)
                yield from _refusals(denials.found, user)

    def of_roles(self, roles: Sequence[Role], since: datetime) -> Iterator[Refusal]:
        self._spend(len(roles))
        for role in roles:
            sessions = sessions_of(self._connection, role.arn, since, self._regions)
            self._spend(len(sessions.names))
            if not sessions.whole:
                self.partly.add(role.id)
            for session in sessions.names:
                for region in self._regions:
                    denials = session_denials(self._connection, session, role.id, since, region)
                    yield from _refusals(denials.found, f"session {session} of role {role.name}")

    def _spend(self, names: int) -> None:
        self._left -= names * len(self._regions)
        if self._left < 0:
            raise ReadFailedError(
                OPERATION,
                "OverBudget",
                "more users and sessions of roles have policies with a new version than "
                "inventory.last_access_budget lets be looked up",
                OPERATION,
            )


def _refusals(denials: Sequence[Denial], whom: str) -> Iterator[Refusal]:
    for each in denials:
        if each.reason is Reason.IMPLICIT:
            yield Refusal(each.action, each.at, whom)
