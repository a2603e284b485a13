"""Accounts: nothing is changed in one until a person says so."""

import pytest

from bot.errors import RefusedError, StoreError
from bot.model import Account
from bot.store import accounts, audit
from bot.store.accounts import AccountRecord
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT


def test_a_new_account_is_only_notified_about(store: Store) -> None:
    with store.write() as tx:
        made = accounts.ensure_account(tx, OTHER_ACCOUNT)
        again = accounts.ensure_account(tx, OTHER_ACCOUNT)

    assert made == again == AccountRecord(OTHER_ACCOUNT, "notify")
    with store.read() as tx:
        assert accounts.get_account(tx, OTHER_ACCOUNT.id) == made
        assert accounts.get_account(tx, ACCOUNT.id) is None


def test_one_number_is_not_two_accounts(store: Store) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)

    with pytest.raises(StoreError, match="known here in aws, not in aws-cn"), store.write() as tx:
        accounts.ensure_account(tx, Account(ACCOUNT.id, "aws-cn"))


def test_goes_live_once_and_remembers_who(store: Store, clock: StandingClock) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        accounts.scanned(tx, ACCOUNT.id, NOON)
        live = accounts.go_live(tx, ACCOUNT.id, ALICE)
    clock.pass_time(days=1)

    with store.write() as tx:
        again = accounts.go_live(tx, ACCOUNT.id, BOB)

    expected = AccountRecord(ACCOUNT, "live", NOON, "local:alice@desk", NOON)
    assert live == again == expected
    with store.read() as tx:
        assert accounts.get_account(tx, ACCOUNT.id) == expected
        assert [event.event for event in audit.events(tx)] == ["account.live"]


def test_an_account_that_was_never_scanned_cannot_go_live(store: Store) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        for account in (ACCOUNT, OTHER_ACCOUNT):
            with pytest.raises(RefusedError, match="never scanned"):
                accounts.go_live(tx, account.id, ALICE)
