"""Reads an IAM request's parameters and pages its listings, for the corrected answers below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.core.serialize import never_return, return_if_not_empty
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from bot.aws.simulated.paging import page
from bot.aws.simulated.service_credentials import ServiceCredentials


class Wire(IamResponse):
    """moto's IAM front end, on the simulated account, with what each operation leaves out."""

    RESPONSE_KEY_PATH_TO_TRANSFORMER = {  # noqa: RUF012 - moto declares it as an instance mapping
        **IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER,
        "CreateUserResponse.User.Tags": return_if_not_empty,
        "CreateRoleResponse.Role.Description": return_if_not_empty,
        "GetRoleResponse.Role.Description": return_if_not_empty,
        "ListRolesResponse.Roles.Role.Description": return_if_not_empty,
        "GetUserResponse.User.Tags": return_if_not_empty,
        "GetGroupResponse.Users.User.PermissionsBoundary": never_return,
        "GetGroupResponse.Users.User.Tags": never_return,
        "ListUsersResponse.Users.User.PermissionsBoundary": never_return,
        "ListPolicyVersionsResponse.Versions.PolicyVersion.Document": never_return,
    }

    @property
    def account(self) -> ServiceCredentials:
        """The account that the request is for."""
        account = iam_backends[self.current_account][self.partition]
        if not isinstance(account, ServiceCredentials):
            raise TypeError("the simulated account was not installed before this account was made")
        return account

    def text(self, name: str) -> str:
        """A parameter that the operation requires."""
        return str(self._get_param(name))

    def optional(self, name: str) -> str | None:
        """A parameter that may be left out."""
        value = self._get_param(name)
        return None if value is None else str(value)

    def listing(self, name: str, items: Sequence[Any], **more: Any) -> ActionResult:
        """One page of `items` under `name`, with IsTruncated and Marker as the request asks."""
        current = page(
            items,
            marker=self.optional("Marker"),
            max_items=self._get_int_param("MaxItems"),
            scope=f"{self._get_action()}:{name}",
        )
        return ActionResult(
            {
                name: current.items,
                "IsTruncated": current.marker is not None,
                "Marker": current.marker,
                **more,
            }
        )
