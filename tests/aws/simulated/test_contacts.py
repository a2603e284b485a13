"""Alternate contacts are put, read and deleted as AWS does it."""

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.refusals import refused

SECURITY = {"AlternateContactType": "SECURITY"}


def test_a_new_account_has_a_security_contact_and_no_other(account: AccountBuilder) -> None:
    """So that only the control about it finds anything."""
    client = account.client("account")
    contact = client.get_alternate_contact(**SECURITY)["AlternateContact"]
    assert contact["AlternateContactType"] == "SECURITY"
    for kind in ("BILLING", "OPERATIONS"):
        with refused("ResourceNotFoundException", status=404):
            client.get_alternate_contact(AlternateContactType=kind)


def test_a_contact_that_is_not_there_cannot_be_deleted(account: AccountBuilder) -> None:
    """The first deletion works, the second one says so."""
    client = account.client("account")
    client.delete_alternate_contact(**SECURITY)
    with refused("ResourceNotFoundException", status=404):
        client.delete_alternate_contact(**SECURITY)
