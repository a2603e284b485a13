"""Reads AWS's last-accessed reports of policies, down to actions: within a budget, or not at all.

What of an inline policy was used the report of its user, group or role tells.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.last_access import OPERATION, AccessReports, tried
from bot.aws.reading import ReadFailedError
from bot.model import Group, ManagedPolicy, PolicyUse, PolicyUses, Role, ServiceUse, User

# Jobs that are begun before the first one is fetched; most take a second or two.
_AT_ONCE = 20
_GRANTING = ("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")
_KINDS = ("User", "Group", "Role")


def read_policy_uses(
    connection: AwsConnection,
    policies: Sequence[ManagedPolicy],
    holders: Sequence[User | Group | Role] = (),
    *,
    budget: int,
    now: datetime,
    pause: Callable[[float], None],
) -> PolicyUses:
    """What of these policies, and of these holders' inline ones, was used, and who got it lately.

    Those that are gone are left out. Ordered and fetched in one session, as AWS wants it. All or
    nothing: with some unread, a finding of an earlier look would seem to be gone. Raises
    ReadFailedError where the budget is too small for all of them, where AWS refuses, and where a
    report fails.
    """
    events = len(_GRANTING) + 1 + (len(_KINDS) if holders else 0)
    least = 2 * (len(policies) + len(holders)) + events
    if least > budget:
        inline = f" and {len(holders)} holders of inline ones" if holders else ""
        raise ReadFailedError(
            OPERATION,
            "OverBudget",
            f"{len(policies)} policies that somebody holds{inline} take {least} calls or more, and "
            f"inventory.last_access_budget is {budget}",
            OPERATION,
        )
    reports = AccessReports(connection, budget, pause)
    return PolicyUses(
        _reported(reports, policies),
        _attached(reports, now),
        _reported(reports, holders),
        _put(reports, now) if holders else {},
    )


def _reported(
    reports: AccessReports, about: Sequence[ManagedPolicy | User | Group | Role]
) -> dict[str, PolicyUse]:
    found: dict[str, PolicyUse] = {}
    for start in range(0, len(about), _AT_ONCE):
        some = about[start : start + _AT_ONCE]
        jobs = [(each, reports.begin(each.arn, actions=True)) for each in some]
        for each, job in jobs:
            report = reports.finished(each.name, job) if job else None
            if report is not None:
                services = {item["ServiceNamespace"]: _use(item) for item in report.services}
                found[each.id] = PolicyUse(report.made, services)
    return found


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


def _put(reports: AccessReports, now: datetime) -> dict[tuple[str, str, str], datetime]:
    found: dict[tuple[str, str, str], datetime] = {}
    for kind in _KINDS:
        for asked, when in reports.events(f"Put{kind}Policy", now):
            holder, policy = asked.get(f"{kind.lower()}Name"), asked.get("policyName")
            what = (kind, str(holder), str(policy))
            found[what] = max(when, found.get(what, when))
    return found
