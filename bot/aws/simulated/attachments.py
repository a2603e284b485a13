"""Attaching and detaching managed policies, and permissions boundaries, as AWS does it.

moto counts an attachment twice when it is repeated, has no quotas on attachments, attaches
policies meant for service-linked roles to anyone, and has no boundaries for users.
"""

from __future__ import annotations

from moto.iam.exceptions import LimitExceededException, NotFoundException
from moto.iam.models import Group, ManagedPolicy, Role, User

from bot.aws.simulated.account_core import AccountCore
from bot.aws.simulated.errors import PolicyNotAttachable


class Attachments(AccountCore):
    """Managed policies and boundaries on users, groups and roles."""

    def attach_user_policy(self, policy_arn: str, user_name: str) -> None:
        self._attach(policy_arn, self.get_user(user_name), "User")

    def attach_group_policy(self, policy_arn: str, group_name: str) -> None:
        self._attach(policy_arn, self.get_group(group_name), "Group")

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        self._attach(policy_arn, self.get_role(role_name), "Role")

    def detach_user_policy(self, policy_arn: str, user_name: str) -> None:
        _detach(policy_arn, self.get_user(user_name))

    def detach_group_policy(self, policy_arn: str, group_name: str) -> None:
        _detach(policy_arn, self.get_group(group_name))

    def detach_role_policy(self, policy_arn: str, role_name: str) -> None:
        _detach(policy_arn, self.get_role(role_name))

    def _attach(self, policy_arn: str, principal: User | Group | Role, kind: str) -> None:
        policy = self._attachable(policy_arn)
        if policy.arn in principal.managed_policies:
            return  # repeating it succeeds and changes nothing
        limit = self.quotas[f"AttachedPoliciesPer{kind}Quota"]
        if len(principal.managed_policies) >= limit:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPer{kind}: {limit}")
        policy.attach_to(principal)

    def _attachable(self, policy_arn: str) -> ManagedPolicy:
        policy = self.find_policy(policy_arn)
        if policy is None:
            raise NotFoundException(f"Policy {policy_arn} does not exist or is not attachable.")
        if policy.path.startswith("/aws-service-role/"):
            raise PolicyNotAttachable(
                f"Cannot attach a Service Role Policy to a Customer Role: {policy_arn}"
            )
        if not policy.is_attachable:
            raise PolicyNotAttachable(f"Policy {policy_arn} is not attachable.")
        return policy

    # Boundaries

    def put_user_permissions_boundary(self, user_name: str, permissions_boundary: str) -> None:
        """Set a user's boundary; NoSuchEntity when there is no such user or policy."""
        user = self.simulated_user(user_name)
        user.permissions_boundary_arn = self._attachable(permissions_boundary).arn

    def delete_user_permissions_boundary(self, user_name: str) -> None:
        """Remove a user's boundary; NoSuchEntity when there is none."""
        user = self.simulated_user(user_name)
        if user.permissions_boundary_arn is None:
            raise NotFoundException(f"User {user_name} does not have a permissions boundary.")
        user.permissions_boundary_arn = None

    def put_role_permissions_boundary(self, role_name: str, permissions_boundary: str) -> None:
        role = self.get_role(role_name)
        role.permissions_boundary_arn = self._attachable(permissions_boundary).arn

    def delete_role_permissions_boundary(self, role_name: str) -> None:
        role = self.get_role(role_name)
        if role.permissions_boundary_arn is None:
            raise NotFoundException(f"Role {role_name} does not have a permissions boundary.")
        role.permissions_boundary_arn = None

    def boundary_counts(self) -> dict[str, int]:
        """Policy ARN to how many users and roles have it as their boundary."""
        counts: dict[str, int] = {}
        users = [user.permissions_boundary_arn for user in self.simulated_users()]
        for arn in users + [role.permissions_boundary_arn for role in self.roles.values()]:
            if arn:
                counts[arn] = counts.get(arn, 0) + 1
        return counts


def _detach(policy_arn: str, principal: User | Group | Role) -> None:
    policy = principal.managed_policies.get(policy_arn)
    if policy is None:
        raise NotFoundException(f"Policy {policy_arn} was not found.")
    policy.detach_from(principal)
