"""The company's organization: central root access half on, and members that differ in root."""

from __future__ import annotations

from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.root_answers import CREDENTIALS


def member_ids(account_id: str) -> tuple[str, str, str]:
    """The numbers of the members, which follow from the management account's."""
    first, second, third = (
        f"{(int(account_id) + step) % 10**12:012}"
        for step in (210_000_000_007, 320_000_000_011, 430_000_000_013)
    )
    return first, second, third


def seed_organization(account: AccountBuilder) -> None:
    """A member with old root credentials, one whose root key is in use, and one without any."""
    account.organization(central_root=(CREDENTIALS,))
    old, used, clean = member_ids(account.account_id)
    account.member_account(old, "harbourlight-payments").root(
        mfa_kind="virtual",
        keys=1,
        key_created=account.ago(days=900),
        key_last_used=account.ago(days=500),
        password_last_used=account.ago(days=400),
    )
    account.member_account(used, "harbourlight-warehouse").root(
        mfa=False,
        keys=1,
        key_created=account.ago(days=700),
        key_last_used=account.ago(hours=5),
        password=False,
    )
    account.member_account(clean, "harbourlight-analytics").root(mfa=False, password=False)
