"""Seeds users, their keys, passwords, MFA devices and service-specific credentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from moto.iam.models import (
    AccessKeyLastUsed,
    MFADevice,
    SigningCertificate,
    SshPublicKey,
    VirtualMfaDevice,
)

from bot.aws.simulated.builder_core import tag_list
from bot.aws.simulated.builder_permissions import PermissionsBuilder
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.entities import ServiceSpecificCredential

MfaKind = Literal["virtual", "fido", "hardware"]


class PeopleBuilder(PermissionsBuilder):
    """Users and their credentials."""

    def user(
        self,
        name: str,
        *,
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        path: str = "/",
        groups: Iterable[str] = (),
        boundary: str | None = None,
    ) -> str:
        """A user; returns the ARN. `groups` must exist; `boundary` is a policy ARN or AWS name."""
        user = self.iam.add_user(name, path, tag_list(tags))
        user.create_date = self._moment(created)
        for group in groups:
            self.member(name, group)
        if boundary is not None:
            self.boundary(boundary, user=name)
        return user.arn

    def key(
        self,
        user: str,
        *,
        created: datetime | None = None,
        last_used: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
        changed: datetime | None = None,
        service: str = "s3",
        region: str = "us-east-1",
    ) -> str:
        """An access key of a user, never used unless `last_used` says so; returns its id.

        `changed` is when its status was last changed, where that was after its creation.
        """
        key = self.iam.add_access_key(user, status)
        key.create_date = self._moment(created)
        if changed is not None:
            vars(key)["changed"] = self._moment(changed)
        if last_used is not None:
            self.use_key(key.access_key_id, at=last_used, service=service, region=region)
        return key.access_key_id

    def use_key(
        self,
        key_id: str,
        *,
        at: datetime | None = None,
        service: str = "s3",
        region: str = "us-east-1",
    ) -> None:
        """Record that a key was used, now or at a moment."""
        key = self.iam.access_keys[key_id]
        key.last_used = AccessKeyLastUsed(self._moment(at), service, region)

    def password(
        self,
        user: str,
        *,
        created: datetime | None = None,
        changed: datetime | None = None,
        last_used: datetime | None = None,
        reset_required: bool = False,
    ) -> None:
        """A console password, made with the user unless `created` says otherwise."""
        entity = self.iam.simulated_user(user)
        entity.password = "set"  # noqa: S105 - what it is doesn't matter: nobody can sign in here
        entity.password_created = moto_time(created) if created else entity.create_date
        entity.password_changed = moto_time(changed) if changed else entity.password_created
        entity.password_reset_required = reset_required
        if last_used is not None:
            self.use_password(user, at=last_used)

    def use_password(self, user: str, *, at: datetime | None = None) -> None:
        """Record that a person signed in, now or at a moment."""
        vars(self.iam.simulated_user(user))["password_last_used"] = self._moment(at)

    def use_service(self, user: str, service: str, *, at: datetime | None = None) -> None:
        """Record that a user tried a service (`s3`), now or at a moment; reports tell it."""
        self.iam.service_use[self.iam.get_user(user).id, service] = self._moment(at)

    def use_action(self, holder: str, action: str, *, at: datetime | None = None) -> None:
        """Record that a user or role tried an action (`s3:ListBucket`), now or at a moment."""
        entity = self.iam.users.get(holder) or self.iam.get_role(holder)
        moment = self._moment(at)
        self.iam.action_use[entity.id, action] = moment
        service = entity.id, action.partition(":")[0]
        self.iam.service_use[service] = max(moment, self.iam.service_use.get(service, moment))

    def mfa(self, user: str, *, kind: MfaKind = "virtual", enabled: datetime | None = None) -> str:
        """An MFA device of a user; returns its serial number."""
        entity = self.iam.simulated_user(user)
        when = self._moment(enabled)
        serial = self._serial(kind, user)
        device = MFADevice(serial, "000000", "000000")
        device.enable_date = when
        entity.mfa_devices[serial] = device
        if kind == "virtual":
            owner = {
                "Path": entity.path,
                "UserName": entity.name,
                "UserId": entity.id,
                "Arn": entity.arn,
                "CreateDate": entity.create_date,
            }
            self._virtual_device(user, owner, when)
        return serial

    def _serial(self, kind: MfaKind, name: str) -> str:
        arn = f"arn:{self.iam.partition}:iam::{self.account_id}"
        if kind == "virtual":
            return f"{arn}:mfa/{name}"
        if kind == "fido":
            return f"{arn}:u2f/user/{name}/{self.iam.new_id('')}"
        return f"GAHT{self.iam.source.randrange(10**8):08d}"

    def _virtual_device(
        self, name: str, owner: Mapping[str, object] | None, enabled: datetime | None
    ) -> None:
        device = VirtualMfaDevice(self.account_id, self.iam.region_name, f"/{name}")
        device.enable_date = enabled
        device.user_attribute = dict(owner) if owner else None
        self.iam.virtual_mfa_devices[device.serial_number] = device

    def root_mfa_device(self, *, present: bool) -> None:
        """Root's virtual MFA device, which ListVirtualMFADevices shows under root's ARN."""
        name = "root-account-mfa-device"
        self.iam.virtual_mfa_devices.pop(self._serial("virtual", name), None)
        if present:
            created = self.iam.root.created
            arn = f"arn:{self.iam.partition}:iam::{self.account_id}:root"
            owner = {"UserId": self.account_id, "Arn": arn, "CreateDate": created}
            self._virtual_device(name, owner, created)

    def unassigned_mfa(self, name: str) -> None:
        """A virtual MFA device that nobody enrolled."""
        self._virtual_device(name, None, None)

    def ssh_key(
        self,
        user: str,
        *,
        created: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
    ) -> str:
        """An SSH public key of a user, for CodeCommit; returns its id."""
        key = SshPublicKey(user, "ssh-rsa AAAA")
        key.ssh_public_key_id = self.iam.new_id("APKA")
        key.upload_date, key.status = self._moment(created), status
        self.iam.get_user(user).ssh_public_keys.append(key)
        return str(key.ssh_public_key_id)

    def signing_certificate(
        self,
        user: str,
        *,
        created: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
    ) -> str:
        """A signing certificate of a user; returns its id."""
        certificate = SigningCertificate(self.iam.new_id("", 24), user, "not a real certificate")
        certificate.upload_date, certificate.status = self._moment(created), status
        self.iam.get_user(user).signing_certificates[certificate.id] = certificate
        return str(certificate.id)

    def service_credential(
        self,
        user: str,
        service: str = "codecommit.amazonaws.com",
        *,
        created: datetime | None = None,
        expires: datetime | None = None,
        status: Literal["Active", "Inactive"] = "Active",
    ) -> str:
        """A credential of a user for one service; returns its id."""
        credential = ServiceSpecificCredential(
            id=self.iam.new_id("ACCA"),
            user_name=user,
            service_name=service,
            service_user_name=f"{user}-at-{self.account_id}",
            created=self._moment(created),
            status=status,
            expires=moto_time(expires) if expires else None,
        )
        self.iam.service_credentials[credential.id] = credential
        return credential.id
