"""Reads what AWS refused to those who have a policy with a new version, by CloudTrail's history."""

from collections.abc import Iterator, Sequence
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
from bot.model import ManagedPolicy, PolicyDenials, Refusal, Role

#: How far back a version may have been made: as far as CloudTrail remembers.
KEPT = timedelta(days=90)
OPERATION = "cloudtrail:LookupEvents"


def read_policy_denials(
    connection: AwsConnection,
    policies: Sequence[ManagedPolicy],
    roles: Sequence[Role] = (),
    *,
    budget: int,
    now: datetime,
) -> PolicyDenials:
    """Refused calls that no policy allows, of the users, and sessions of `roles`, who have one.

    Only policies count of which an older version is kept and the one in force is the newest and
    lies within CloudTrail's memory. All or nothing, within a budget of look-ups: one for each user
    and for each session of a role, and one for each role, in each Region. Raises ReadFailedError
    where there are more, and where AWS refuses.
    """
    reading = _Reading(connection, regions_of(connection), budget)
    found: dict[str, tuple[Refusal, ...]] = {}
    partly: dict[str, int] = {}
    for policy in policies:
        if not _is_new(policy, now):
            continue
        holding = [role for role in roles if policy.arn in role.attached]
        refused = [*reading.of_users(policy), *reading.of_roles(policy, holding)]
        found[policy.id] = tuple(refused)
        partly[policy.id] = sum(role.id in reading.partly for role in holding)
    return PolicyDenials(found, partly)


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

    def of_users(self, policy: ManagedPolicy) -> Iterator[Refusal]:
        holders = users_reached(self._connection, policy=policy.arn)
        self._spend(len(holders.users))
        since = policy.default.created
        for user, user_id in sorted(holders.users.items()):
            for region in self._regions:
                denials = denials_of(self._connection, user, user_id, since, region)
                yield from _refusals(denials.found, user)

    def of_roles(self, policy: ManagedPolicy, roles: Sequence[Role]) -> Iterator[Refusal]:
        since = policy.default.created
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
