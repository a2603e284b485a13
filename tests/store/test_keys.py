"""Memory of key listings."""

import time
from datetime import timedelta

from bot.model import AccessKey
from bot.store import accounts, keys
from bot.store.database import Store
from tests.conftest import NOON
from tests.store.samples import ACCOUNT, OTHER_ACCOUNT

USED = AccessKey(
    "carol",
    "AIDA1",
    NOON - timedelta(days=400),
    active=True,
    last_used=NOON - timedelta(days=3),
    last_used_service="s3",
    last_used_region="eu-west-1",
    slot=1,
    key_id="AKIA1",
    seen_live=NOON,
)
UNUSED = AccessKey("carol", "AIDA1", NOON - timedelta(days=2), active=False, key_id="AKIA2")


def test_come_back_as_they_were(store: Store) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        keys.remember_keys(tx, ACCOUNT.id, "AIDA1", NOON, (USED, UNUSED))
        keys.remember_keys(tx, ACCOUNT.id, "AIDA2", NOON, ())

    with store.read() as tx:
        assert keys.remembered_keys(tx, ACCOUNT.id) == {
            "AIDA1": (NOON, (USED, UNUSED)),
            "AIDA2": (NOON, ()),
        }
        assert keys.remembered_keys(tx, OTHER_ACCOUNT.id) == {}


def test_a_new_listing_takes_the_place_of_the_old(store: Store) -> None:
    later = NOON + timedelta(hours=1)
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        keys.remember_keys(tx, ACCOUNT.id, "AIDA1", NOON, (USED, UNUSED))
        keys.remember_keys(tx, ACCOUNT.id, "AIDA2", NOON, (USED,))

        keys.remember_many(tx, ACCOUNT.id, {"AIDA1": (later, (UNUSED,))})
        keys.remember_many(tx, ACCOUNT.id, {})

        assert keys.remembered_keys(tx, ACCOUNT.id) == {
            "AIDA1": (later, (UNUSED,)),
            "AIDA2": (NOON, (USED,)),
        }


def test_five_thousand_users_are_quick(store: Store) -> None:
    listings = {f"AIDA{number}": (NOON, (USED, UNUSED)) for number in range(5000)}

    began = time.process_time()
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        keys.remember_many(tx, ACCOUNT.id, listings)
        assert len(keys.remembered_keys(tx, ACCOUNT.id)) == 5000

    assert time.process_time() - began < 3
