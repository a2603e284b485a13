"""Sessions as root of an organization's member, each limited by AWS to looking or to deleting.

They are opened with sts:AssumeRoot by whoever manages root access centrally, last at most 15
minutes, and are renewed as long as something asks for their clients.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)

from bot.aws.service_models import core_session

#: What a session may be limited to, by AWS's own policies. No other is ever asked for.
AUDIT, DELETE = "IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials"
_SECONDS = 900


def task_policy(partition: str, task: str) -> str:
    """The ARN of a task's policy."""
    return f"arn:{partition}:iam::aws:policy/root-task/{task}"


def root_session(
    source: boto3.Session, sts: Any, member: str, task: str, *, partition: str, region: str
) -> boto3.Session:
    """A session as root of `member`, limited to `task`; asks AWS nothing until it is used.

    `sts` is a client of a regional endpoint with the caller's credentials.
    """
    profile = source.profile_name if source.profile_name in source.available_profiles else None
    core = core_session(profile)

    def fetch() -> dict[str, str]:
        answer = sts.assume_root(
            TargetPrincipal=member,
            TaskPolicyArn={"arn": task_policy(partition, task)},
            DurationSeconds=_SECONDS,
        )["Credentials"]
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }

    resolver = CredentialResolver([_AsRoot(fetch)])
    core.register_component("credential_provider", resolver)
    return boto3.Session(botocore_session=core, region_name=region)


class _RootCredentials(DeferredRefreshableCredentials):
    # botocore renews fifteen minutes before the end, which is all the time that these have.
    _advisory_refresh_timeout = 180
    _mandatory_refresh_timeout = 60


class _AsRoot(CredentialProvider):
    METHOD = "assume-root"

    def __init__(self, fetch: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> DeferredRefreshableCredentials:
        return _RootCredentials(self._fetch, self.METHOD)
