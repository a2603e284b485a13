"""Asks the managing account for what AWS doesn't tell of the organization to a member."""

from collections.abc import Callable
from dataclasses import replace

from bot.aws.connection import AwsConnection
from bot.aws.organization_accounts import list_accounts
from bot.errors import AwsError
from bot.model import OrganizationAccounts

#: The connection to an account of the configuration, None for any other. Raises AwsError.
ConnectTo = Callable[[str], AwsConnection | None]


def told_by_management(told: OrganizationAccounts, connect_to: ConnectTo) -> OrganizationAccounts:
    """The accounts as the managing account lists them, where it is one that we may enter.

    Where that fails they stay unread, and `unread` says that too.
    """
    if told.members is not None or told.management is None:
        return told
    try:
        connection = connect_to(told.management)
        if connection is None:
            return told
        return replace(told, members=list_accounts(connection), unread="")
    except AwsError as error:
        return replace(told, unread=f"{told.unread}; asked there: {error}")
