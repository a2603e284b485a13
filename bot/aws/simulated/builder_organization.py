"""Makes the account the management account of an organization, and accounts its members."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, Self

from moto.iam.models import iam_backends
from moto.organizations.models import OrganizationsBackend, organizations_backends

from bot.aws.simulated.builder_people import PeopleBuilder
from bot.aws.simulated.root_answers import CREDENTIALS, IAM, SESSIONS


class OrganizationBuilder(PeopleBuilder):
    """The organization that the account manages."""

    @property
    def _organization(self) -> OrganizationsBackend:
        return organizations_backends[self.account_id][self.iam.partition]

    def organization(
        self,
        *,
        central_root: Collection[str] = (CREDENTIALS, SESSIONS),
        trusted: bool = True,
        features: Literal["ALL", "CONSOLIDATED_BILLING"] = "ALL",
    ) -> None:
        """Found an organization, or change what it has of central root access.

        `trusted` is whether IAM has trusted access, which central root access needs.
        """
        organization = self._organization
        if organization.org is None:
            organization.create_organization(self.region, FeatureSet=features)
            self._name_alike()
        if organization.org is not None:
            organization.org.feature_set = features
        self.iam.organization_features = set(central_root)
        organization.services = [
            each for each in organization.services if each["ServicePrincipal"] != IAM
        ]
        if trusted:
            organization.enable_aws_service_access(ServicePrincipal=IAM)

    def _name_alike(self) -> None:
        """An id that follows from the account's, so that the same seed gives the same company."""
        organization = self._organization
        named = f"o-{int(self.account_id):010x}"
        known: list[Any] = [organization.org, *organization.ou, *organization.accounts]
        for each in known[1:]:
            each.organization_id = named
        known[0].id = named

    def organization_id(self) -> str:
        """The id of the organization that this account founded."""
        organization = self._organization.org
        if organization is None:
            raise RuntimeError("the account manages no organization")
        return str(organization.id)

    def close_account(self, account_id: str) -> None:
        """Close a member: it stays in the list for 90 days, suspended."""
        self._organization.close_account(AccountId=account_id)

    def member_account(self, account_id: str, name: str = "member") -> Self:
        """An account of the organization, as its own builder; its root has a password and MFA."""
        organization = self._organization
        organization.create_account(
            AccountName=name, Email=f"aws+{account_id}@harbourlight.example"
        )
        account = organization.accounts[-1]
        iam_backends.pop(account.id, None)
        known = organizations_backends.master_accounts
        known[account_id] = known.pop(account.id)
        account.id = account_id
        return type(self)(account_id, self.iam.clock, region=self.region)
