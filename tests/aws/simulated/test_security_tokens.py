"""Whose account an access key id belongs to, as STS tells it."""

import random
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.entities import account_of_id, unique_id
from tests.aws.simulated.refusals import refused

ANOTHER = "210987654321"


def account_of(account: AccountBuilder, key_id: str) -> Any:
    return account.client("sts").get_access_key_info(AccessKeyId=key_id)["Account"]


def test_keys_of_this_account_there_or_gone(account: AccountBuilder) -> None:
    """The answer does not say that a key exists."""
    account.user("alice")
    key = account.key("alice")
    assert account_of(account, key) == account.account_id
    account.client().delete_access_key(UserName="alice", AccessKeyId=key)
    assert account_of(account, key) == account.account_id


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
@pytest.mark.parametrize("number", [ANOTHER, "000000000001", "999999999998"])
def test_a_key_of_another_account_is_not_taken_for_ours(
    account: AccountBuilder, prefix: str, number: str
) -> None:
    key = unique_id(prefix, number, random.Random(7), 20)

    assert account_of(account, key) == number


def test_a_session_of_this_account(account: AccountBuilder) -> None:
    role = account.role("ops")
    session = account.client("sts").assume_role(RoleArn=role, RoleSessionName="ann")
    key = session["Credentials"]["AccessKeyId"]

    assert key.startswith("ASIA")
    assert account_of(account, key) == account.account_id


def test_ids_of_the_older_numbering_are_known_by_the_keys_there_are(
    account: AccountBuilder,
) -> None:
    account.user("old")
    old, never = "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7NOBODYS"
    kept = account.iam.access_keys
    kept[old] = kept[account.key("old")]

    assert account_of(account, old) == account.account_id
    with refused("ValidationError", status=400, saying=never):
        account_of(account, never)


@pytest.mark.parametrize("text", ["AKIA", "AKIA0189AAAAQAAAAAAA", "AKIA7777777777777777", ""])
def test_what_is_no_id_carries_no_account(text: str) -> None:
    assert account_of_id(text) is None
