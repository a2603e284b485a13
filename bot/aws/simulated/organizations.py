"""AWS Organizations, where moto lets every account ask for a list of accounts.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import OrganizationsBackend
from moto.organizations.urls import url_bases, url_paths

from bot.aws.simulated.errors import JsonAccessDenied
from bot.aws.simulated.root_answers import organization_of

_URLS = SimpleNamespace(url_bases=url_bases, url_paths=url_paths)


class SimulatedOrganizations(OrganizationsBackend):
    """Lists accounts for the management account and delegated administrators alone."""

    @property
    def _url_module(self) -> Any:
        return _URLS

    def list_accounts(self, *args: Any, **kwargs: Any) -> Any:
        organization = organization_of(self.account_id, self.partition)
        if organization is None:
            raise AWSOrganizationsNotInUseException
        if organization is self:
            return super().list_accounts(*args, **kwargs)
        if self.account_id not in {each.account.id for each in organization.admins}:
            raise JsonAccessDenied("You don't have permissions to access this resource.")
        return organization.list_accounts(*args, **kwargs)
