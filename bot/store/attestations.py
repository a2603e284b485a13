"""Confirmations that an account's root user is in good hands: each stays, with who and when."""

from datetime import datetime

from sqlalchemy import insert, select

from bot.model import Actor
from bot.store import tables
from bot.store.database import Transaction

_T = tables.root_attestation


def attest(tx: Transaction, account_id: str, actor: Actor) -> None:
    """Note that this person confirmed it now."""
    tx.connection.execute(
        insert(_T).values(account_id=account_id, by_kind=actor.kind, by=actor.name, at=tx.now)
    )
    tx.record("root.attested", actor=actor, account=account_id, subject=account_id)


def attestations(tx: Transaction, account_id: str) -> list[tuple[Actor, datetime]]:
    """Every confirmation of an account, newest first."""
    rows = tx.connection.execute(
        select(_T).where(_T.c.account_id == account_id).order_by(_T.c.at.desc(), _T.c.number.desc())
    )
    return [(Actor(row.by_kind, row.by), row.at) for row in rows]
