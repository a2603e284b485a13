"""Service-specific credentials (CodeCommit, Keyspaces, Bedrock API keys), which moto lacks.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html
"""

from __future__ import annotations

from datetime import datetime, timedelta

from moto.iam.exceptions import LimitExceededException, NotFoundException

from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.credential_report import CredentialReports
from bot.aws.simulated.entities import ServiceSpecificCredential

_PER_SERVICE = 2


class ServiceCredentials(CredentialReports):
    """Making, listing, switching off and deleting service-specific credentials."""

    def create_service_specific_credential(
        self, user_name: str, service_name: str, age_days: int | None
    ) -> ServiceSpecificCredential:
        """Make one; LimitExceeded at two per service and user."""
        user = self.get_user(user_name)
        same = [
            credential
            for credential in self.service_credentials.values()
            if (credential.user_name, credential.service_name) == (user.name, service_name)
        ]
        if len(same) >= _PER_SERVICE:
            raise LimitExceededException(
                f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {_PER_SERVICE}"
            )
        created = moto_time(self.clock.now())
        expires: datetime | None = created + timedelta(days=age_days) if age_days else None
        credential = ServiceSpecificCredential(
            id=self.new_id("ACCA"),
            user_name=user.name,
            service_name=service_name,
            service_user_name=f"{user.name}-at-{self.account_id}",
            created=created,
            expires=expires,
        )
        self.service_credentials[credential.id] = credential
        return credential

    def list_service_specific_credentials(
        self, user_name: str | None, service_name: str | None
    ) -> list[ServiceSpecificCredential]:
        """Those of one user, or of all users when no name is given."""
        if user_name is not None:
            self.get_user(user_name)
        return [
            credential
            for credential in self.service_credentials.values()
            if user_name in (None, credential.user_name)
            and service_name in (None, credential.service_name)
        ]

    def service_specific_credential(
        self, user_name: str | None, credential_id: str
    ) -> ServiceSpecificCredential:
        """The one with that id, which must be the user's when one is named."""
        credential = self.service_credentials.get(credential_id)
        if credential is None or user_name not in (None, credential.user_name):
            raise NotFoundException(
                f"No such credential {credential_id} exists for user {user_name}."
            )
        return credential
