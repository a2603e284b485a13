"""The roles and policies that only AWS may change.

A role made by a service (`/aws-service-role/`) or by Identity Center (`/aws-reserved/`) answers
UnmodifiableEntity to every change but tags and description; an AWS-managed policy can't be
edited, tagged or deleted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

from moto.iam.models import PolicyVersion, Role

from bot.aws.simulated.aws_policies import policy_name_and_path
from bot.aws.simulated.errors import AccessDenied, UnmodifiableEntity
from bot.aws.simulated.removal import Removal


class ProtectedEntities(Removal):
    """Changes that only AWS may make."""

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        self._refuse_role(role_name)
        super().attach_role_policy(policy_arn, role_name)

    def detach_role_policy(self, policy_arn: str, role_name: str) -> None:
        self._refuse_role(role_name)
        super().detach_role_policy(policy_arn, role_name)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        self._refuse_role(role_name)
        super().put_role_policy(role_name, policy_name, policy_json)

    def delete_role_policy(self, role_name: str, policy_name: str) -> None:
        self._refuse_role(role_name)
        super().delete_role_policy(role_name, policy_name)

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        self._refuse_role(role_name)
        super().update_assume_role_policy(role_name, policy_document)

    def put_role_permissions_boundary(self, role_name: str, permissions_boundary: str) -> None:
        self._refuse_role(role_name)
        super().put_role_permissions_boundary(role_name, permissions_boundary)

    def delete_role_permissions_boundary(self, role_name: str) -> None:
        self._refuse_role(role_name)
        super().delete_role_permissions_boundary(role_name)

    def add_role_to_instance_profile(self, profile_name: str, role_name: str) -> None:
        self._refuse_role(role_name)
        super().add_role_to_instance_profile(profile_name, role_name)

    def delete_role(self, role_name: str) -> None:
        self._refuse_role(role_name)
        super().delete_role(role_name)

    def delete_service_linked_role(self, role_name: str) -> str:
        # The task that removes one acts for the service, so the protection doesn't hold it up.
        role = self.get_role(role_name)
        del self.roles[role.id]
        return f"task/aws-service-role/{role_name}/{self.new_id('', 32)}"

    def create_policy_version(
        self, policy_arn: str, policy_document: str, set_as_default: bool
    ) -> PolicyVersion:
        _refuse_aws_policy(policy_arn, "CreatePolicyVersion")
        return super().create_policy_version(policy_arn, policy_document, set_as_default)

    def set_default_policy_version(self, policy_arn: str, version_id: str) -> bool:
        _refuse_aws_policy(policy_arn, "SetDefaultPolicyVersion")
        return super().set_default_policy_version(policy_arn, version_id)

    def delete_policy_version(self, policy_arn: str, version_id: str) -> None:
        _refuse_aws_policy(policy_arn, "DeletePolicyVersion")
        super().delete_policy_version(policy_arn, version_id)

    def delete_policy(self, policy_arn: str) -> None:
        _refuse_aws_policy(policy_arn, "DeletePolicy")
        super().delete_policy(policy_arn)

    def tag_policy(self, policy_arn: str, tags: list[dict[str, str]]) -> None:
        _refuse_aws_policy(policy_arn, "TagPolicy")
        super().tag_policy(policy_arn, tags)

    def _refuse_role(self, role_name: str) -> None:
        role = self.get_role(role_name)
        if _belongs_to_aws(role):
            raise UnmodifiableEntity(
                f"Cannot perform the operation on the protected role '{role_name}' - "
                "this role is only modifiable by AWS"
            )


def _belongs_to_aws(role: Role) -> bool:
    return role.path.startswith(("/aws-service-role/", "/aws-reserved/"))


def _refuse_aws_policy(policy_arn: str, operation: str) -> None:
    if policy_name_and_path(policy_arn) is not None:
        raise AccessDenied(f"iam:{operation} is not permitted on AWS managed policies.")
