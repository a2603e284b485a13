"""Reads what AWS refused to users who have a policy with a new version, by CloudTrail's history."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.aws.after_change import Reason, denials_of, regions_of, users_reached
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.model import ManagedPolicy, PolicyDenials, Refusal

#: How far back a version may have been made: as far as CloudTrail remembers.
KEPT = timedelta(days=90)
OPERATION = "cloudtrail:LookupEvents"


def read_policy_denials(
    connection: AwsConnection, policies: Sequence[ManagedPolicy], *, budget: int, now: datetime
) -> PolicyDenials:
    """Refused calls that no policy allows, of the users who have one of these policies.

    Only policies count of which an older version is kept and the one in force is the newest and
    lies within CloudTrail's memory. All or nothing, within a budget of users to look up. Raises
    ReadFailedError where there are more, and where AWS refuses.
    """
    found: dict[str, tuple[Refusal, ...]] = {}
    roles: dict[str, int] = {}
    left = budget
    for policy in policies:
        if not _is_new(policy, now):
            continue
        holders = users_reached(connection, policy=policy.arn)
        regions = regions_of(connection)
        left -= len(holders.users) * len(regions)
        if left < 0:
            raise ReadFailedError(
                OPERATION,
                "OverBudget",
                "more users have policies with a new version than inventory.last_access_budget "
                "lets be looked up",
                OPERATION,
            )
        roles[policy.id] = holders.roles
        found[policy.id] = tuple(_refusals(connection, policy, holders.users, regions))
    return PolicyDenials(found, roles)


def _is_new(policy: ManagedPolicy, now: datetime) -> bool:
    default = policy.default
    newest = all(each.created <= default.created for each in policy.versions)
    return len(policy.versions) > 1 and newest and now - default.created <= KEPT


def _refusals(
    connection: AwsConnection,
    policy: ManagedPolicy,
    users: Mapping[str, str],
    regions: Sequence[str],
) -> list[Refusal]:
    return [
        Refusal(denial.action, denial.at, user)
        for user, user_id in sorted(users.items())
        for region in regions
        for denial in denials_of(connection, user, user_id, policy.default.created, region).found
        if denial.reason is Reason.IMPLICIT
    ]
