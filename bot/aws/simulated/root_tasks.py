"""What a root session may do: exactly what its task policy leaves, and only to root itself.

The policies' texts are AWS's own, as moto has them. They only deny; what a session of root is not
denied, it may do. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
"""

# moto has no public place where all services ask who may do what.
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import iam_backends
from moto.organizations.models import FakeDelegatedAdministrator, FakeServiceAccess
from werkzeug.exceptions import HTTPException

from bot.aws.simulated import aws_policies
from bot.aws.simulated.account_core import AccountCore
from bot.aws.simulated.errors import AccessDenied, JsonAccessDenied

#: The tasks that are simulated, which are those on credentials.
TASKS = (
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
)


def allows(task: str, action: str, resource: str) -> bool:
    """Whether the task's policy leaves an action on a resource to a session of root."""
    return not any(_denies(statement, action, resource) for statement in _statements(task))


@cache
def _statements(task: str) -> tuple[dict[str, Any], ...]:
    statements: Sequence[dict[str, Any]] = aws_policies.document_of(task)["Statement"]
    return tuple(statements)


def _denies(statement: dict[str, Any], action: str, resource: str) -> bool:
    listed = {each.casefold() for each in statement.get("Action", statement.get("NotAction", ()))}
    meant = (action.casefold() in listed) == ("Action" in statement)
    if "NotResource" in statement:
        return meant and not _is_root(resource)
    return meant


def _is_root(resource: str) -> bool:
    return resource.startswith("arn:") and resource.split(":", 5)[5] == "root"


class RootSessionCheck(ActionAuthenticatorMixin):
    """moto's place for authorisation, which also looks whether the caller is a root session."""

    def check_root_session(self, service: str) -> None:
        """Raise what AWS answers where the caller is a root session that may not do this."""
        response: Any = self
        account = iam_backends[response.current_account][response.partition]
        task = (
            account.root_sessions.get(response.get_access_key())
            if isinstance(account, AccountCore)
            else None
        )
        if task is None:
            return
        if service == "sts" and response._get_action() == "GetCallerIdentity":
            return  # no policy can deny it
        action, resource = f"{service}:{response._get_action()}", "*"
        if service == "iam" and not action.endswith(":GetAccountSummary"):
            name = response._get_param("UserName")
            kind = f"user/{name}" if name else "root"
            resource = f"arn:{response.partition}:iam::{response.current_account}:{kind}"
        if not allows(task, action, resource):
            raise _denied(response, f"not authorized to perform: {action} with {task}")


def _denied(response: Any, message: str) -> HTTPException:
    in_json = "json" in str(response.headers.get("Content-Type", ""))
    return JsonAccessDenied(message) if in_json else AccessDenied(message)


_check = ActionAuthenticatorMixin._authenticate_and_authorize_normal_action
_check_s3 = ActionAuthenticatorMixin._authenticate_and_authorize_s3_action


def install() -> None:
    """Look at root sessions wherever moto asks who may do what, and let IAM be trusted."""
    for services in (
        FakeServiceAccess.TRUSTED_SERVICES,
        FakeDelegatedAdministrator.SUPPORTED_SERVICES,
    ):
        if "iam.amazonaws.com" not in services:
            services.append("iam.amazonaws.com")

    def normal(self: Any, resource: str = "*") -> None:
        RootSessionCheck.check_root_session(self, str(self.service_name))
        _check(self, resource)

    def s3(self: Any, *args: Any, **given: Any) -> None:
        RootSessionCheck.check_root_session(self, "s3")
        _check_s3(self, *args, **given)

    mixin: Any = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = normal
    mixin._authenticate_and_authorize_s3_action = s3
