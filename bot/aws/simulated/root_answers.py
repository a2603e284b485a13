"""IAM's answers about central root access, and to sessions of root that it opened.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.organizations.models import OrganizationsBackend, organizations_backends

from bot.aws.simulated.account_core import AccountCore
from bot.aws.simulated.answers import SimulatedIamResponse
from bot.aws.simulated.entities import RootUser
from bot.aws.simulated.errors import organization_error

IAM = "iam.amazonaws.com"
CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"


def organization_of(account_id: str, partition: str = "aws") -> OrganizationsBackend | None:
    """The organization that an account is in, as its management account keeps it; None for none."""
    own = organizations_backends[account_id][partition]
    if own.org is not None:
        return own
    if account_id not in organizations_backends.master_accounts:
        return None
    management, where = organizations_backends.master_accounts[account_id]
    return organizations_backends[management][where]


def manages_root(organization: OrganizationsBackend, account_id: str) -> bool:
    """Whether an account is the organization's management account or IAM's delegated one."""
    delegates = (each for each in organization.admins if IAM in each.services)
    return account_id == organization.account_id or any(
        each.account.id == account_id for each in delegates
    )


def features_of(organization: OrganizationsBackend) -> set[str]:
    """What of central root access is switched on; kept with the management account."""
    account = iam_backends[organization.account_id][organization.partition]
    if not isinstance(account, AccountCore):
        raise TypeError("the management account was opened before install()")
    return account.organization_features


class CentralRootResponse(SimulatedIamResponse):
    """IAM's front end with central root access."""

    def list_organizations_features(self) -> ActionResult:
        return self._features(self._central())

    def enable_organizations_root_credentials_management(self) -> ActionResult:
        return self._switched(CREDENTIALS, on=True)

    def enable_organizations_root_sessions(self) -> ActionResult:
        return self._switched(SESSIONS, on=True)

    def disable_organizations_root_credentials_management(self) -> ActionResult:
        return self._switched(CREDENTIALS, on=False)

    def disable_organizations_root_sessions(self) -> ActionResult:
        return self._switched(SESSIONS, on=False)

    def _central(self) -> OrganizationsBackend:
        organization = organization_of(self.current_account, self.partition)
        if organization is None or organization.org is None:
            raise organization_error("OrganizationNotFoundException")
        if not manages_root(organization, self.current_account):
            raise organization_error("AccountNotManagementOrDelegatedAdministratorException")
        if organization.org.feature_set != "ALL":
            raise organization_error("OrganizationNotInAllFeaturesModeException")
        if not any(each["ServicePrincipal"] == IAM for each in organization.services):
            raise organization_error("ServiceAccessNotEnabledException")
        return organization

    def _switched(self, feature: str, *, on: bool) -> ActionResult:
        organization = self._central()
        if on and organization.account_id != self.current_account:
            raise organization_error("CallerIsNotManagementAccountException")
        features = features_of(organization)
        (features.add if on else features.discard)(feature)
        return self._features(organization)

    @staticmethod
    def _features(organization: OrganizationsBackend) -> ActionResult:
        shown = {
            "OrganizationId": organization.org.id if organization.org else None,
            "EnabledFeatures": sorted(features_of(organization)),
        }
        return ActionResult(shown)

    # What a session of root asks and does; without one, moto's and our own answers.

    @property
    def _root(self) -> RootUser | None:
        account = self.account
        return account.root if self.get_access_key() in account.root_sessions else None

    def list_access_keys(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().list_access_keys()
        shown = [
            {
                "UserName": "root",
                "AccessKeyId": key.access_key_id,
                "Status": key.status,
                "CreateDate": key.create_date,
            }
            for key in root.keys
        ]
        return self.listing("AccessKeyMetadata", shown)

    def list_signing_certificates(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().list_signing_certificates()
        return self.listing("Certificates", root.certificates)

    def list_mfa_devices(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().list_mfa_devices()
        shown = [
            {"UserName": "root", "SerialNumber": serial, "EnableDate": root.created}
            for serial in root.devices
        ]
        return self.listing("MFADevices", shown)

    def get_login_profile(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().get_login_profile()
        if not root.password:
            raise NotFoundException("Login Profile for User null cannot be found.")
        created = root.password_changed or root.created
        return ActionResult({"LoginProfile": {"CreateDate": created}})

    def get_user(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().get_user()
        shown: dict[str, Any] = {
            "UserId": self.current_account,
            "Arn": f"arn:{self.partition}:iam::{self.current_account}:root",
            "CreateDate": root.created,
            "PasswordLastUsed": root.password_last_used,
        }
        return ActionResult({"User": shown})

    def get_access_key_last_used(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().get_access_key_last_used()
        used = _named(root.keys, "access_key_id", self.text("AccessKeyId")).last_used
        last = {"Region": "N/A", "ServiceName": "N/A"}
        if used:
            last = {
                "LastUsedDate": used.timestamp,
                "Region": used.region,
                "ServiceName": used.service,
            }
        return ActionResult({"UserName": "root", "AccessKeyLastUsed": last})

    def delete_access_key(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().delete_access_key()
        root.keys.remove(_named(root.keys, "access_key_id", self.text("AccessKeyId")))
        return EmptyResult()

    def delete_signing_certificate(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().delete_signing_certificate()
        root.certificates.remove(_named(root.certificates, "id", self.text("CertificateId")))
        return EmptyResult()

    def delete_login_profile(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().delete_login_profile()
        if not root.password:
            raise NotFoundException("Login Profile for User null cannot be found.")
        root.password = False
        return EmptyResult()

    def deactivate_mfa_device(self) -> ActionResult:
        root = self._root
        if root is None:
            return super().deactivate_mfa_device()
        serial = self.text("SerialNumber")
        if serial not in root.devices:
            raise NotFoundException(f"MFA Device {serial} doesn't exist.")
        root.devices.remove(serial)
        root.mfa = bool(root.devices)
        device = self.account.virtual_mfa_devices.get(serial)
        if device is not None:
            device.enable_date = device.user_attribute = None
        return EmptyResult()


def _named(things: list[Any], attribute: str, wanted: str) -> Any:
    for thing in things:
        if getattr(thing, attribute) == wanted:
            return thing
    raise NotFoundException(f"{wanted} cannot be found.")
