"""Memory of live key listings, so that a key that was named once costs no call again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from bot.model import AccessKey, Json
from bot.store import tables
from bot.store.database import Transaction

_T = tables.key_listing
_TIMES = ("created", "last_used", "seen_live")

Listing = tuple[datetime, tuple[AccessKey, ...]]


def remember_keys(
    tx: Transaction,
    account_id: str,
    user_id: str,
    observed_at: datetime,
    keys: Iterable[AccessKey],
) -> None:
    """Remember what ListAccessKeys said of one user, in place of what it said before."""
    remember_many(tx, account_id, {user_id: (observed_at, tuple(keys))})


def remember_many(tx: Transaction, account_id: str, listings: Mapping[str, Listing]) -> None:
    """Remember listings by user id, in place of earlier ones."""
    if not listings:
        return
    tx.connection.execute(
        delete(_T).where(_T.c.account_id == account_id, _T.c.user_id == bindparam("user")),
        [{"user": user_id} for user_id in listings],
    )
    tx.connection.execute(
        insert(_T),
        [
            {
                "account_id": account_id,
                "user_id": user_id,
                "observed_at": observed_at,
                "listed": [_data(key) for key in keys],
            }
            for user_id, (observed_at, keys) in listings.items()
        ],
    )


def forget_keys(tx: Transaction, account_id: str, user_id: str) -> None:
    """Forget one user's listing, before something may change it: the next look asks AWS."""
    tx.connection.execute(delete(_T).where(_T.c.account_id == account_id, _T.c.user_id == user_id))


def remembered_keys(tx: Transaction, account_id: str) -> dict[str, Listing]:
    """Every remembered listing of the account, by user id."""
    rows = tx.connection.execute(
        select(_T.c.user_id, _T.c.observed_at, _T.c.listed).where(_T.c.account_id == account_id)
    )
    return {
        user_id: (observed_at, tuple(_key(data) for data in keys))
        for user_id, observed_at, keys in rows
    }


def _data(key: AccessKey) -> dict[str, Json]:
    return {
        "user": key.user,
        "user_id": key.user_id,
        "created": key.created.isoformat(),
        "active": key.active,
        "last_used": key.last_used.isoformat() if key.last_used else None,
        "last_used_service": key.last_used_service,
        "last_used_region": key.last_used_region,
        "slot": key.slot,
        "key_id": key.key_id,
        "seen_live": key.seen_live.isoformat() if key.seen_live else None,
    }


def _key(data: dict[str, Any]) -> AccessKey:
    for name in _TIMES:
        if data[name] is not None:
            data[name] = datetime.fromisoformat(data[name])
    return AccessKey(**data)
