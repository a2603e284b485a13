"""Reads AWS's last-accessed reports of policies, down to actions: within a budget, or not at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.last_access import OPERATION, AccessReports, tried
from bot.aws.reading import ReadFailedError
from bot.model import ManagedPolicy, PolicyUse, PolicyUses, ServiceUse

# Jobs that are begun before the first one is fetched; most take a second or two.
_AT_ONCE = 20
_GRANTING = ("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")


def read_policy_uses(
    connection: AwsConnection,
    policies: Sequence[ManagedPolicy],
    *,
    budget: int,
    now: datetime,
    pause: Callable[[float], None],
) -> PolicyUses:
    """What of these policies was used, and who got them lately; those that are gone are left out.

    Ordered and fetched in one session, as AWS wants it. All or nothing: with some unread, a finding
    of an earlier look would seem to be gone. Raises ReadFailedError where the budget is too small
    for all of them, where AWS refuses, and where a report fails.
    """
    least = 2 * len(policies) + len(_GRANTING) + 1
    if least > budget:
        raise ReadFailedError(
            OPERATION,
            "OverBudget",
            f"{len(policies)} policies that somebody holds take {least} calls or more, and "
            f"inventory.last_access_budget is {budget}",
            OPERATION,
        )
    reports = AccessReports(connection, budget, pause)
    found: dict[str, PolicyUse] = {}
    for start in range(0, len(policies), _AT_ONCE):
        some = policies[start : start + _AT_ONCE]
        jobs = [(policy, reports.begin(policy.arn, actions=True)) for policy in some]
        for policy, job in jobs:
            report = reports.finished(policy.name, job) if job else None
            if report is not None:
                services = {each["ServiceNamespace"]: _use(each) for each in report.services}
                found[policy.id] = PolicyUse(report.made, services)
    return PolicyUses(found, _attached(reports, now))


def _use(item: Mapping[str, Any]) -> ServiceUse:
    tracked = item.get("TrackedActionsLastAccessed") or ()
    actions = {each["ActionName"]: tried(each, "LastAccessedTime") for each in tracked}
    return ServiceUse(tried(item, "LastAuthenticated"), actions)


def _attached(reports: AccessReports, now: datetime) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for name in (*_GRANTING, "AddUserToGroup"):
        for asked, when in reports.events(name, now):
            what = str(asked.get("policyArn") or asked.get("groupName"))
            found[what] = max(when, found.get(what, when))
    return found
