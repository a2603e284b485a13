"""The IAM listings, each in pages: moto ignores MaxItems in most and miscounts in others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from moto.core.responses import ActionResult
from moto.iam.models import (
    AWSManagedPolicy,
    Certificate,
    Group,
    ManagedPolicy,
    Role,
    User,
    VirtualMfaDevice,
)

from bot.aws.simulated.wire import Wire

_E = TypeVar("_E", bound=User | Group | Role | ManagedPolicy)
_DEVICE_OWNER = ("Path", "UserName", "UserId", "Arn", "CreateDate")


class Listings(Wire):
    """Every listing that Locksmith or a person looking at the account may page through."""

    def list_users(self) -> ActionResult:
        return self.listing("Users", self._under_prefix(self.account.users.values()))

    def list_groups(self) -> ActionResult:
        return self.listing("Groups", self._under_prefix(self.account.groups.values()))

    def list_roles(self) -> ActionResult:
        return self.listing("Roles", self._under_prefix(self.account.roles.values()))

    def list_policies(self) -> ActionResult:
        scope = self.optional("Scope") or "All"
        only_attached = self._get_bool_param("OnlyAttached")
        policies = [
            policy
            for policy in self.account.managed_policies.values()
            if scope == "All" or (scope == "AWS") == isinstance(policy, AWSManagedPolicy)
            if policy.attachment_count > 0 or not only_attached
        ]
        return self.listing("Policies", self._under_prefix(policies))

    def list_policy_versions(self) -> ActionResult:
        return self.listing("Versions", self.account.get_policy(self.text("PolicyArn")).versions)

    def list_entities_for_policy(self) -> ActionResult:
        arn = self.text("PolicyArn")
        self.account.get_policy(arn)
        wanted = self.optional("EntityFilter")
        usage = self.optional("PolicyUsageFilter")

        def holds(entity: User | Group | Role) -> bool:
            boundary = getattr(entity, "permissions_boundary_arn", None)
            attached = usage != "PermissionsBoundary" and arn in entity.managed_policies
            return attached or (usage != "PermissionsPolicy" and boundary == arn)

        kinds: tuple[tuple[str, str, Iterable[User | Group | Role]], ...] = (
            ("Group", "PolicyGroups", self.account.groups.values()),
            ("User", "PolicyUsers", self.account.users.values()),
            ("Role", "PolicyRoles", self.account.roles.values()),
        )
        found: dict[str, object] = {
            name: [
                {f"{kind}Name": entity.name, f"{kind}Id": entity.id}
                for entity in self._under_prefix(entities)
                if wanted in (None, kind) and holds(entity)
            ]
            for kind, name, entities in kinds
        }
        return ActionResult({**found, "IsTruncated": False})

    def get_group(self) -> ActionResult:
        group = self.account.get_group(self.text("GroupName"))
        return self.listing("Users", group.users, Group=group)

    def list_groups_for_user(self) -> ActionResult:
        groups = self.account.get_groups_for_user(self.text("UserName"))
        return self.listing("Groups", groups)

    def list_user_policies(self) -> ActionResult:
        return self.listing("PolicyNames", list(self._user().policies))

    def list_group_policies(self) -> ActionResult:
        return self.listing("PolicyNames", list(self._group().policies))

    def list_role_policies(self) -> ActionResult:
        return self.listing("PolicyNames", list(self._role().policies))

    def list_attached_user_policies(self) -> ActionResult:
        return self._attached(self._user().managed_policies)

    def list_attached_group_policies(self) -> ActionResult:
        return self._attached(self._group().managed_policies)

    def list_attached_role_policies(self) -> ActionResult:
        return self._attached(self._role().managed_policies)

    def list_user_tags(self) -> ActionResult:
        tags = self.account.list_user_tags(self.text("UserName"))
        return self.listing("Tags", tags)

    def list_access_keys(self) -> ActionResult:
        name = self._named_user()
        keys = self.account.get_user(name).access_keys
        return self.listing("AccessKeyMetadata", keys)

    def list_mfa_devices(self) -> ActionResult:
        name = self._named_user()
        devices = [
            {"UserName": name, "SerialNumber": d.serial_number, "EnableDate": d.enable_date}
            for d in self.account.list_mfa_devices(name)
        ]
        return self.listing("MFADevices", devices)

    def list_virtual_mfa_devices(self) -> ActionResult:
        status = self.optional("AssignmentStatus") or "Any"
        devices = [
            device
            for device in self.account.virtual_mfa_devices.values()
            if status == "Any" or (status == "Assigned") == (device.enable_date is not None)
        ]
        return self.listing("VirtualMFADevices", [_virtual_device(one) for one in devices])

    def list_signing_certificates(self) -> ActionResult:
        name = self._named_user()
        return self.listing("Certificates", self.account.list_signing_certificates(name))

    def list_server_certificates(self) -> ActionResult:
        known = self.account.list_server_certificates()
        return self.listing(
            "ServerCertificateMetadataList", [_server_certificate(each) for each in known]
        )

    def get_server_certificate(self) -> ActionResult:
        found = self.account.get_server_certificate(self.text("ServerCertificateName"))
        shown = {
            "ServerCertificateMetadata": _server_certificate(found),
            "CertificateBody": found.cert_body,
        }
        return ActionResult({"ServerCertificate": shown})

    def _named_user(self) -> str:
        """The user named in the request, or the one who signed it when none is."""
        name = self.optional("UserName")
        if name is not None:
            return name
        signer = self.account.get_access_key_last_used(self.get_access_key())
        return str(signer["user_name"])

    def _user(self) -> User:
        return self.account.get_user(self.text("UserName"))

    def _group(self) -> Group:
        return self.account.get_group(self.text("GroupName"))

    def _role(self) -> Role:
        return self.account.get_role(self.text("RoleName"))

    def _attached(self, policies: dict[str, ManagedPolicy]) -> ActionResult:
        shown = [
            {"PolicyName": policy.name, "PolicyArn": policy.arn}
            for policy in self._under_prefix(policies.values())
        ]
        return self.listing("AttachedPolicies", shown)

    def _under_prefix(self, entities: Iterable[_E]) -> list[_E]:
        prefix = self.optional("PathPrefix") or "/"
        return [entity for entity in entities if entity.path.startswith(prefix)]


def _server_certificate(certificate: Certificate) -> dict[str, object]:
    """A certificate as AWS lists it, with the dates and the id that the builder gave it."""
    facts = vars(certificate)
    return {
        "ServerCertificateName": certificate.cert_name,
        "Path": certificate.path,
        "Arn": certificate.arn,
        "ServerCertificateId": facts["id"],
        "UploadDate": facts["uploaded"],
        "Expiration": facts["expires"],
    }


def _virtual_device(device: VirtualMfaDevice) -> dict[str, object]:
    """A device as AWS lists it: without its secret, with its owner only when it has one."""
    shown: dict[str, object] = {"SerialNumber": device.serial_number}
    if device.enable_date is not None:
        owner = device.user_attribute or {}
        shown["EnableDate"] = device.enable_date
        shown["User"] = {key: owner[key] for key in _DEVICE_OWNER if key in owner}
    return shown
