"""Who owns a thing because someone said so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.model import Account, Actor
from bot.store import tables
from bot.store.database import Transaction

_T = tables.handover


@dataclass(frozen=True, slots=True)
class Handover:
    """A thing's owner by someone's word; `trusted` where the security group said it."""

    address: str
    said_by: str
    trusted: bool
    at: datetime


def hand_over(
    tx: Transaction, account: Account, unique_id: str, address: str, actor: Actor, *, trusted: bool
) -> None:
    """Remember who owns the thing with this unique id from now on."""
    tx.connection.execute(
        delete(_T).where(_T.c.account_id == account.id, _T.c.unique_id == unique_id)
    )
    tx.connection.execute(
        insert(_T).values(
            account_id=account.id,
            unique_id=unique_id,
            address=address,
            said_by=str(actor),
            trusted=trusted,
            at=tx.now,
        )
    )
    tx.record(
        "owner.handed-over",
        actor=actor,
        account=account.id,
        subject=unique_id,
        data={"trusted": trusted},
        people={"owner": address},
    )


def handovers(tx: Transaction, account_id: str) -> Mapping[str, Handover]:
    """Everything that was handed over in the account, by unique id."""
    rows = tx.connection.execute(select(_T).where(_T.c.account_id == account_id))
    return {row.unique_id: Handover(row.address, row.said_by, row.trusted, row.at) for row in rows}
