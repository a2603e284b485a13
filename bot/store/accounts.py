"""The accounts that were looked at, and whether Locksmith may change them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from bot.errors import RefusedError, StoreError
from bot.model import Account, Actor
from bot.store import tables
from bot.store.database import Transaction

_T = tables.account
Mode = Literal["notify", "live"]


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account; in mode notify nothing is changed there, live until a person confirmed it."""

    account: Account
    mode: Mode
    live_since: datetime | None = None
    live_by: str = ""
    last_scan_at: datetime | None = None


def ensure_account(tx: Transaction, account: Account) -> AccountRecord:
    """The account's record, made in mode notify where it is new.

    Raises StoreError where the same number is known in another partition.
    """
    known = get_account(tx, account.id)
    if known is None:
        tx.connection.execute(
            insert(_T).values(id=account.id, partition=account.partition, mode="notify")
        )
        return AccountRecord(account, "notify")
    if known.account != account:
        raise StoreError(
            f"account {account.id} is known here in {known.account.partition}, "
            f"not in {account.partition}",
            hint="Give each partition a database of its own with --db.",
        )
    return known


def get_account(tx: Transaction, account_id: str) -> AccountRecord | None:
    """The account's record, or None where it was never looked at."""
    row = tx.connection.execute(select(_T).where(_T.c.id == account_id)).one_or_none()
    return None if row is None else _record(row)


def known_accounts(tx: Transaction) -> list[AccountRecord]:
    """Every account that was looked at, by its id."""
    return [_record(row) for row in tx.connection.execute(select(_T).order_by(_T.c.id))]


def go_live(tx: Transaction, account_id: str, actor: Actor) -> AccountRecord:
    """Let Locksmith change the account. Raises RefusedError where it was never scanned."""
    known = get_account(tx, account_id)
    if known is None or known.last_scan_at is None:
        raise RefusedError(
            f"account {account_id} was never scanned",
            hint="Run `locksmith scan` there first and look at what it would change.",
        )
    if known.mode == "live":
        return known
    tx.connection.execute(
        update(_T)
        .where(_T.c.id == account_id)
        .values(mode="live", live_since=tx.now, live_by=str(actor))
    )
    tx.record("account.live", actor=actor, account=account_id, subject=account_id)
    return AccountRecord(known.account, "live", tx.now, str(actor), known.last_scan_at)


def scanned(tx: Transaction, account_id: str, at: datetime) -> None:
    """Remember when the account was last looked at."""
    tx.connection.execute(update(_T).where(_T.c.id == account_id).values(last_scan_at=at))


def account_of(tx: Transaction, account_id: str) -> Account:
    """The account with this id, which must be known."""
    known = get_account(tx, account_id)
    if known is None:
        raise ValueError(f"account {account_id} was not ensured before it was used")
    return known.account


def _record(row: Row[Any]) -> AccountRecord:
    return AccountRecord(
        Account(row.id, row.partition),
        row.mode,
        row.live_since,
        row.live_by or "",
        row.last_scan_at,
    )
