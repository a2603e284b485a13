"""Reads AWS's last-accessed reports of users: a job for each, within a budget, or not at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.aws.authorization import moment
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, iso, pages, read
from bot.model import Call, Json, LastAccess, User

#: How far back CloudTrail remembers who joined a group.
KEPT = timedelta(days=90)
#: What a report that could not be read is said of.
OPERATION = "iam:GenerateServiceLastAccessedDetails"
# Jobs that are begun before the first one is fetched; most take a second or two.
_AT_ONCE = 20
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 8.0
# Where IAM's events stand. https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
_HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


def read_last_access(
    connection: AwsConnection,
    users: Sequence[User],
    *,
    budget: int,
    now: datetime,
    pause: Callable[[float], None],
) -> LastAccess:
    """What these users last used, and who joined a group lately; users who are gone are left out.

    All or nothing: with some users unread, a finding of an earlier look would seem to be gone.
    Raises ReadFailedError where the budget is too small for all of them, where AWS refuses, and
    where a report fails; CredentialsError where the session ends.
    """
    _afford(users, 2 * len(users) + 1, budget)
    reading = _Reading(connection, budget, pause)
    return LastAccess(reading.services(users), reading.joined(now))


def read_service_use(
    connection: AwsConnection,
    users: Sequence[User],
    *,
    budget: int,
    pause: Callable[[float], None],
) -> Mapping[str, Mapping[str, datetime | None]]:
    """When these users last used each service that they may, as in `LastAccess.services`.

    All or nothing, and raises, as `read_last_access`.
    """
    _afford(users, 2 * len(users), budget)
    return _Reading(connection, budget, pause).services(users)


def _afford(users: Sequence[User], least: int, budget: int) -> None:
    if least > budget:
        raise _failed(
            "OverBudget",
            f"{len(users)} users take {least} calls or more, and inventory.last_access_budget is "
            f"{budget}",
        )


@dataclass
class _Reading:
    connection: AwsConnection
    left: int
    pause: Callable[[float], None]

    def services(self, users: Sequence[User]) -> Mapping[str, Mapping[str, datetime | None]]:
        """The reports of all users by unique id; who is gone is left out."""
        found: dict[str, Mapping[str, datetime | None]] = {}
        for start in range(0, len(users), _AT_ONCE):
            jobs = [(user, self.begin(user)) for user in users[start : start + _AT_ONCE]]
            for user, job in jobs:
                report = self.report(user, job) if job else None
                if report is not None:
                    found[user.id] = report
        return found

    def begin(self, user: User) -> str | None:
        """Order one user's report; None for a user who is gone."""
        answer = self._asked("GenerateServiceLastAccessedDetails", {"Arn": user.arn})
        return None if answer is None else str(answer["JobId"])

    def report(self, user: User, job: str) -> Mapping[str, datetime | None] | None:
        """Wait for one report; None for a user who is gone."""
        wait = _FIRST_PAUSE
        while True:
            answer = self._asked("GetServiceLastAccessedDetails", {"JobId": job, "MaxItems": 1000})
            if answer is None:
                return None
            if answer["JobStatus"] == "COMPLETED":
                return {
                    each["ServiceNamespace"]: moment(each["LastAuthenticated"])
                    if each.get("LastAuthenticated")
                    else None
                    for each in answer.get("ServicesLastAccessed") or ()
                }
            if answer["JobStatus"] == "FAILED":
                raise _failed("JobFailed", f"the report of {user.name} failed at AWS")
            self.pause(wait)
            wait = min(2 * wait, _LONGEST_PAUSE)

    def joined(self, now: datetime) -> Mapping[tuple[str, str], datetime]:
        """Who was added to which group, as far as the event history goes back."""
        named = [{"AttributeKey": "EventName", "AttributeValue": "AddUserToGroup"}]
        params: dict[str, Json] = {"LookupAttributes": [*named], "StartTime": iso(now - KEPT)}
        region = _HOME.get(self.connection.account.partition, self.connection.region)
        found: dict[tuple[str, str], datetime] = {}
        for page in pages(self.connection, Call("cloudtrail", "LookupEvents", params, region)):
            self._spend()
            for event in page.get("Events") or ():
                asked = json.loads(event["CloudTrailEvent"]).get("requestParameters") or {}
                who = (str(asked.get("userName")), str(asked.get("groupName")))
                when = moment(event["EventTime"])
                found[who] = max(when, found.get(who, when))
        return found

    def _asked(self, operation: str, params: dict[str, Json]) -> Any:
        self._spend()
        return read(self.connection, Call("iam", operation, params))

    def _spend(self) -> None:
        if self.left <= 0:
            raise _failed("OverBudget", "AWS took longer than inventory.last_access_budget allows")
        self.left -= 1


def _failed(code: str, message: str) -> ReadFailedError:
    return ReadFailedError(OPERATION, code, message, OPERATION)
