"""Reads which accounts are of the organization, as far as AWS tells it to this account.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.model import Call, MemberAccount, Organization, OrganizationAccounts


def read_organization_accounts(
    connection: AwsConnection, organization: Organization
) -> OrganizationAccounts:
    """The accounts of the organization, or why AWS doesn't tell this account.

    AWS tells them to the management account and to delegated administrators only, so that a refusal
    to others is no lack of a permission. Raises ReadFailedError for any other failure.
    """
    if organization.id is None:
        return OrganizationAccounts()
    management = organization.management
    try:
        return OrganizationAccounts(organization.id, management, list_accounts(connection))
    except ReadFailedError as error:
        if not error.denied or connection.account.id == management:
            raise
        return OrganizationAccounts(
            organization.id,
            management,
            None,
            f"AWS lists them to the management account {management} and to delegated "
            f"administrators only ({error.operation}: {error.code})",
        )


def list_accounts(connection: AwsConnection) -> tuple[MemberAccount, ...]:
    """Every account of the organization, whatever its state. Raises ReadFailedError."""
    listed: Any = read(connection, Call("organizations", "ListAccounts"))
    return tuple(
        MemberAccount(
            str(each["Id"]),
            str(each.get("Name", "")),
            # AWS retires Status in favour of State, which knows more.
            str(each.get("State") or each.get("Status") or "UNKNOWN"),
        )
        for each in listed["Accounts"]
    )
