"""The account's alternate contacts as AWS answers: what isn't there can't be deleted.

https://docs.aws.amazon.com/accounts/latest/reference/API_DeleteAlternateContact.html
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.account.exceptions import UnspecifiedContactType
from moto.account.models import AccountBackend, AlternateContact
from moto.account.urls import url_bases, url_paths

_URLS = SimpleNamespace(url_bases=url_bases, url_paths=url_paths)


class NoSuchContact(UnspecifiedContactType):
    """There is no contact of that type; with AWS's status, where moto has 400."""

    code = 404


class SimulatedContacts(AccountBackend):
    """moto's, which deletes a contact that isn't there without a word."""

    @property
    def _url_module(self) -> Any:
        return _URLS

    def forget(self, alternate_contact_type: str) -> None:
        """Drop a contact, if it is there."""
        self._alternate_contacts.pop(alternate_contact_type, None)

    def get_alternate_contact(self, alternate_contact_type: str) -> AlternateContact:
        try:
            return super().get_alternate_contact(alternate_contact_type)
        except UnspecifiedContactType as error:
            raise NoSuchContact from error

    def delete_alternate_contact(self, alternate_contact_type: str) -> None:
        self.get_alternate_contact(alternate_contact_type)
        super().delete_alternate_contact(alternate_contact_type)
