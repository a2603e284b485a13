"""What AWS refuses to delete while something still hangs on it, and moto deletes.

The order in which an entity can be emptied:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

from __future__ import annotations

from moto.iam.exceptions import DeleteConflictException, NotFoundException
from moto.iam.models import User

from bot.aws.simulated.quotas import Quotas


class Removal(Quotas):
    """Deletes that answer DeleteConflict."""

    def delete_user(self, user_name: str) -> None:
        user = self.get_user(user_name)
        self._refuse_while_holding(user)
        super().delete_user(user_name)

    def _refuse_while_holding(self, user: User) -> None:
        holdings = (
            (user.managed_policies, "detach all policies"),
            (user.policies, "delete policies"),
            (user.access_keys, "delete access keys"),
            (user.password, "delete login profile"),
            (user.mfa_devices, "delete MFA device"),
            (user.signing_certificates, "delete signing certificates"),
            (user.ssh_public_keys, "delete SSH public keys"),
            (
                [c for c in self.service_credentials.values() if c.user_name == user.name],
                "delete service specific credentials",
            ),
            ([g for g in self.groups.values() if user in g.users], "remove users from group"),
        )
        _refuse_when(holdings)

    def delete_group(self, group_name: str) -> None:
        group = self.get_group(group_name)
        holdings = (
            (group.users, "remove users from group"),
            (group.managed_policies, "detach all policies"),
            (group.policies, "delete policies"),
        )
        _refuse_when(holdings)
        super().delete_group(group_name)

    def delete_policy(self, policy_arn: str) -> None:
        policy = self.get_policy(policy_arn)
        if policy.attachment_count > 0 or self.boundary_counts().get(policy_arn, 0) > 0:
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy."
            )
        super().delete_policy(policy_arn)

    def delete_virtual_mfa_device(self, serial_number: str) -> None:
        device = self.virtual_mfa_devices.get(serial_number)
        if device is None:
            raise NotFoundException(
                f"VirtualMFADevice with serial number {serial_number} doesn't exist."
            )
        if device.enable_date is not None:
            raise DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.")
        super().delete_virtual_mfa_device(serial_number)


def _refuse_when(holdings: tuple[tuple[object, str], ...]) -> None:
    for held, remedy in holdings:
        if held:
            raise DeleteConflictException(f"Cannot delete entity, must {remedy} first.")
