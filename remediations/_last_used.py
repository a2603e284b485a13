"""Looks anew at AWS's report on use, just before something is taken away since nobody used it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence

from bot.model import Call, Expect, Json, Operator
from remediations._reads import call, quoted

#: So many days old a report may be, when it is judged and when something is taken away.
FRESH_DAYS = 5
# Up to so many services and actions are looked at one by one, so that it is said which was used.
_ONE_BY_ONE = 20


def still_unused(arn: str, told_by: Collection[str], days: int) -> tuple[Expect, ...]:
    """By a report that is ordered at that moment, nobody used these for so many days.

    `arn` is whom the report is about: a user, group, role or policy. `told_by` are services (`sqs`)
    and actions (`sqs:ListQueues`); one that the report doesn't name fails too, as does a report
    that isn't fresh. What was used in the last four hours AWS may not know yet.
    """
    report = _ordered(arn, actions=any(":" in each for each in told_by))
    groups = [[each] for each in sorted(told_by)]
    if len(groups) > _ONE_BY_ONE:
        groups = _by_service(told_by)
    return (_is_fresh(report), *(_unused(report, group, days) for group in groups))


def none_still_used(arn: str, days: int) -> tuple[Expect, ...]:
    """By a report that is ordered at that moment, nothing at all was used for so many days."""
    report = _ordered(arn, actions=False)
    path = "ServicesLastAccessed | length(@) > `0` && (max([].LastAuthenticated) || 'never')"
    why = f"AWS doesn't show any more that nothing was used for {days} days"
    return (_is_fresh(report), Expect(report, path, Operator.OLDER_THAN, days, why))


def _ordered(arn: str, *, actions: bool) -> Call:
    level: dict[str, Json] = {"Granularity": "ACTION_LEVEL"} if actions else {}
    return call("GenerateServiceLastAccessedDetails", Arn=arn, **level)


def _is_fresh(report: Call) -> Expect:
    why = f"AWS's report on what was used is older than {FRESH_DAYS} days"
    return Expect(report, "JobCompletionDate", Operator.NEWER_THAN, FRESH_DAYS, why)


def _by_service(told_by: Collection[str]) -> list[list[str]]:
    """The services together, and the actions of each service."""
    groups = defaultdict[str, list[str]](list)
    for each in sorted(told_by):
        service, colon, _ = each.partition(":")
        groups[service if colon else ""].append(each)
    return [*groups.values()]


def _unused(report: Call, group: Sequence[str], days: int) -> Expect:
    """None of a group was used: all services, or all actions of one service."""
    service, colon, _ = group[0].partition(":")
    if colon:
        names = [each.partition(":")[2] for each in group]
        actions = f"[?ServiceNamespace=={quoted(service)}].TrackedActionsLastAccessed[]"
        found, last = f"{actions} | {_named('ActionName', names)}", "LastAccessedTime"
    else:
        found, last = _named("ServiceNamespace", group), "LastAuthenticated"
    latest = f"length(@) == `{len(group)}` && (max([].{last}) || 'never')"
    what = group[0] if len(group) == 1 else f"{group[0]} and {len(group) - 1} more"
    return Expect(
        report,
        f"ServicesLastAccessed | {found} | {latest}",
        Operator.OLDER_THAN,
        days,
        f"AWS doesn't show any more that nobody used {what} for {days} days",
    )


def _named(key: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"[?{key}=={quoted(names[0])}]"
    return f"[?contains(`{json.dumps([*names])}`, {key})]"
