"""The answers of IAM that moto gives otherwise or not at all, on top of the corrected account."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from bot.aws.simulated.account_summary import summary_map
from bot.aws.simulated.authorization_details import authorization_details
from bot.aws.simulated.entities import ServiceSpecificCredential, SimulatedUser
from bot.aws.simulated.last_accessed import begin_report, report
from bot.aws.simulated.listings import Listings

_STARTED = "No report exists. Starting a new report generation task"


class SimulatedIamResponse(Listings):
    """IAM's front end of the simulated account."""

    # Reports

    def generate_credential_report(self) -> ActionResult:
        state = self.account.request_report()
        return ActionResult(
            {"State": state, "Description": _STARTED if state == "STARTED" else None}
        )

    def get_credential_report(self) -> ActionResult:
        written = self.account.read_report()
        return ActionResult(
            {
                "Content": written.content,
                "ReportFormat": "text/csv",
                "GeneratedTime": written.generated,
            }
        )

    def generate_service_last_accessed_details(self) -> ActionResult:
        actions = self.optional("Granularity") == "ACTION_LEVEL"
        return ActionResult({"JobId": begin_report(self.account, self.text("Arn"), actions)})

    def get_service_last_accessed_details(self) -> ActionResult:
        return ActionResult(report(self.account, self.text("JobId")))

    def get_account_summary(self) -> ActionResult:
        return ActionResult({"SummaryMap": summary_map(self.account)})

    def get_account_authorization_details(self) -> ActionResult:
        return ActionResult(
            authorization_details(
                self.account,
                list(self._get_param("Filter", [])),
                self.optional("Marker"),
                self._get_int_param("MaxItems"),
            )
        )

    def get_account_password_policy(self) -> ActionResult:
        policy = self.account.get_account_password_policy()
        expires = policy.expire_passwords
        return ActionResult(
            {
                "PasswordPolicy": {
                    "MinimumPasswordLength": policy.minimum_password_length,
                    "RequireSymbols": policy.require_symbols,
                    "RequireNumbers": policy.require_numbers,
                    "RequireUppercaseCharacters": policy.require_uppercase_characters,
                    "RequireLowercaseCharacters": policy.require_lowercase_characters,
                    "AllowUsersToChangePassword": policy.allow_users_to_change_password,
                    "ExpirePasswords": expires,
                    "MaxPasswordAge": policy.max_password_age if expires else None,
                    "PasswordReusePrevention": policy.password_reuse_prevention or None,
                    "HardExpiry": policy.hard_expiry if expires else None,
                }
            }
        )

    # Users

    def create_user(self) -> ActionResult:
        name = self.text("UserName")
        boundary = self.optional("PermissionsBoundary")
        user = self.account.create_user(
            self.region, name, self.optional("Path") or "/", self._get_param("Tags", [])
        )
        if boundary is not None:
            try:
                self.account.put_user_permissions_boundary(name, boundary)
            except Exception:
                del self.account.users[name]  # a refused CreateUser leaves no user behind
                raise
        return ActionResult({"User": user})

    def put_user_permissions_boundary(self) -> ActionResult:
        self.account.put_user_permissions_boundary(
            self.text("UserName"), self.text("PermissionsBoundary")
        )
        return EmptyResult()

    def delete_user_permissions_boundary(self) -> ActionResult:
        self.account.delete_user_permissions_boundary(self.text("UserName"))
        return EmptyResult()

    # Passwords

    def create_login_profile(self) -> ActionResult:
        name = self.text("UserName")
        self.account.create_login_profile(name, self.optional("Password"))
        user = self.account.user_with_password(name)
        user.password_reset_required = bool(self._get_bool_param("PasswordResetRequired"))
        return ActionResult({"LoginProfile": _login_profile(user)})

    def get_login_profile(self) -> ActionResult:
        user = self.account.user_with_password(self.text("UserName"))
        return ActionResult({"LoginProfile": _login_profile(user)})

    def update_login_profile(self) -> ActionResult:
        self.account.update_login_profile(
            self.text("UserName"),
            self.optional("Password"),
            self._get_bool_param("PasswordResetRequired"),
        )
        return EmptyResult()

    # Policies

    def get_policy(self) -> ActionResult:
        policy = self.account.get_policy(self.text("PolicyArn"))
        uses = self.account.boundary_counts().get(policy.arn, 0)
        vars(policy)["permissions_boundary_usage_count"] = uses
        return ActionResult({"Policy": policy})

    # Service-specific credentials

    def list_service_specific_credentials(self) -> ActionResult:
        everyone = self._get_bool_param("AllUsers")
        found = self.account.list_service_specific_credentials(
            None if everyone else self._named_user(), self.optional("ServiceName")
        )
        return self.listing("ServiceSpecificCredentials", [_credential(item) for item in found])

    def create_service_specific_credential(self) -> ActionResult:
        credential = self.account.create_service_specific_credential(
            self.text("UserName"),
            self.text("ServiceName"),
            self._get_int_param("CredentialAgeDays"),
        )
        secret = self.account.new_id("", 42)
        shown = {**_credential(credential), "ServicePassword": secret}
        return ActionResult({"ServiceSpecificCredential": shown})

    def update_service_specific_credential(self) -> ActionResult:
        self._credential_asked_for().status = self.text("Status")
        return EmptyResult()

    def delete_service_specific_credential(self) -> ActionResult:
        del self.account.service_credentials[self._credential_asked_for().id]
        return EmptyResult()

    def _credential_asked_for(self) -> ServiceSpecificCredential:
        return self.account.service_specific_credential(
            self.optional("UserName"), self.text("ServiceSpecificCredentialId")
        )


def _login_profile(user: SimulatedUser) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "CreateDate": user.password_created or user.create_date,
        "PasswordResetRequired": user.password_reset_required,
    }


def _credential(credential: ServiceSpecificCredential) -> dict[str, Any]:
    return {
        "UserName": credential.user_name,
        "Status": credential.status,
        "ServiceUserName": credential.service_user_name,
        "CreateDate": credential.created,
        "ExpirationDate": credential.expires,
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service_name,
    }
