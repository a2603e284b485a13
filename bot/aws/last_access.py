"""Reads AWS's last-accessed reports: a job for each user, within a budget, or not at all.

Just before something is taken away, one is ordered anew.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
# Of a report that something waits for: about two minutes, less than an account's lease lasts.
_CALLS_FOR_ONE = 20


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
    reading = AccessReports(connection, budget, pause)
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
    return AccessReports(connection, budget, pause).services(users)


def orders_report(call: Call) -> bool:
    """Whether a read orders a report: what answers it then is the report, once it is made."""
    return f"{call.service}:{call.operation}" == OPERATION


def read_report(
    connection: AwsConnection, call: Call, *, pause: Callable[[float], None]
) -> dict[str, Json] | None:
    """The report that a read orders, made now: JobCompletionDate, and ServicesLastAccessed whole.

    None where nothing has the ARN that it is about. Raises ReadFailedError where AWS refuses, where
    the report fails and where it takes too long; CredentialsError where the session ends.
    """
    late = "AWS takes too long over the report of what was used"
    reports = AccessReports(connection, _CALLS_FOR_ONE, pause, late)
    arn = str(call.params["Arn"])
    job = reports.begin(arn, actions=call.params.get("Granularity") == "ACTION_LEVEL")
    if job is None:
        return None
    report = reports.finished(arn, job)
    if report is None:  # only the session that ordered it may fetch it
        raise _failed("NoReport", f"AWS has no report of {arn}, though it was ordered")
    services: list[Json] = [dict(each) for each in report.services]
    return {"JobCompletionDate": iso(report.made), "ServicesLastAccessed": services}


def _afford(users: Sequence[User], least: int, budget: int) -> None:
    if least > budget:
        raise _failed(
            "OverBudget",
            f"{len(users)} users take {least} calls or more, and inventory.last_access_budget is "
            f"{budget}",
        )


def tried(item: Mapping[str, Any], key: str) -> datetime | None:
    """The moment under a key of a report; None where AWS knows of none."""
    return moment(item[key]) if item.get(key) else None


@dataclass(frozen=True, slots=True)
class AccessReport:
    """One finished report: when AWS made it, and its services as AWS tells them."""

    made: datetime
    services: Sequence[Mapping[str, Any]]


@dataclass
class AccessReports:
    """Orders reports and fetches them in the same session, within a budget of calls.

    Raises ReadFailedError where the budget is spent, where AWS refuses, and where a report fails.
    """

    connection: AwsConnection
    left: int
    pause: Callable[[float], None]
    beyond: str = "AWS took longer than inventory.last_access_budget allows"

    def services(self, users: Sequence[User]) -> Mapping[str, Mapping[str, datetime | None]]:
        """The reports of all users by unique id; who is gone is left out."""
        found: dict[str, Mapping[str, datetime | None]] = {}
        for start in range(0, len(users), _AT_ONCE):
            jobs = [(user, self.begin(user.arn)) for user in users[start : start + _AT_ONCE]]
            for user, job in jobs:
                report = self.finished(user.name, job) if job else None
                if report is not None:
                    found[user.id] = {
                        each["ServiceNamespace"]: tried(each, "LastAuthenticated")
                        for each in report.services
                    }
        return found

    def begin(self, arn: str, *, actions: bool = False) -> str | None:
        """Order the report of a user, group, role or policy; None for one that is gone."""
        asked: dict[str, Json] = {"Arn": arn}
        if actions:
            asked["Granularity"] = "ACTION_LEVEL"
        answer = self._asked("GenerateServiceLastAccessedDetails", asked)
        return None if answer is None else str(answer["JobId"])

    def finished(self, name: str, job: str) -> AccessReport | None:
        """Wait for one report, all of its pages; None where what it is about is gone."""
        wait = _FIRST_PAUSE
        found: list[Mapping[str, Any]] = []
        more: dict[str, Json] = {}
        while True:
            asked = {"JobId": job, "MaxItems": 1000, **more}
            answer = self._asked("GetServiceLastAccessedDetails", asked)
            if answer is None:
                return None
            if answer["JobStatus"] == "FAILED":
                raise _failed("JobFailed", f"the report of {name} failed at AWS")
            if answer["JobStatus"] != "COMPLETED":
                self.pause(wait)
                wait = min(2 * wait, _LONGEST_PAUSE)
                continue
            found += answer.get("ServicesLastAccessed") or ()
            if not answer.get("IsTruncated"):
                return AccessReport(moment(answer["JobCompletionDate"]), found)
            more = {"Marker": answer["Marker"]}

    def joined(self, now: datetime) -> Mapping[tuple[str, str], datetime]:
        """Who was added to which group, as far as the event history goes back."""
        found: dict[tuple[str, str], datetime] = {}
        for asked, when in self.events("AddUserToGroup", now):
            who = (str(asked.get("userName")), str(asked.get("groupName")))
            found[who] = max(when, found.get(who, when))
        return found

    def events(self, name: str, now: datetime) -> Iterator[tuple[Mapping[str, Any], datetime]]:
        """What IAM was asked for by calls of this name, as far as the event history goes back."""
        named = [{"AttributeKey": "EventName", "AttributeValue": name}]
        params: dict[str, Json] = {"LookupAttributes": [*named], "StartTime": iso(now - KEPT)}
        region = self.connection.account.home_region or self.connection.region
        for page in pages(self.connection, Call("cloudtrail", "LookupEvents", params, region)):
            self._spend()
            for event in page.get("Events") or ():
                asked = json.loads(event["CloudTrailEvent"]).get("requestParameters") or {}
                yield asked, moment(event["EventTime"])

    def _asked(self, operation: str, params: dict[str, Json]) -> Any:
        self._spend()
        return read(self.connection, Call("iam", operation, params))

    def _spend(self) -> None:
        if self.left <= 0:
            raise _failed("OverBudget", self.beyond)
        self.left -= 1


def _failed(code: str, message: str) -> ReadFailedError:
    return ReadFailedError(OPERATION, code, message, OPERATION)
