"""The anchors that were placed; rows are added, never changed."""

from collections.abc import Collection

from sqlalchemy import Row, insert, select

from bot.model import Anchor, Placed
from bot.store import tables
from bot.store.database import Transaction

_T = tables.anchor
_AT_ONCE = 500


def head(tx: Transaction) -> Anchor | None:
    """The end of the log now as an anchor, not signed; None while the log is empty."""
    row = tx.connection.execute(select(tables.audit_head)).one()
    return None if row.seq == 0 else Anchor(database_id(tx), row.seq, row.hash, tx.now)


def database_id(tx: Transaction) -> str:
    """What makes this database's log its own."""
    found: str = tx.connection.execute(select(tables.schema_info.c.database_id)).scalar_one()
    return found


def remember(tx: Transaction, placed: Placed) -> None:
    """Remember where an anchor was placed."""
    anchor = placed.anchor
    tx.connection.execute(
        insert(_T).values(
            at=anchor.at,
            database_id=anchor.database,
            seq=anchor.seq,
            hash=anchor.hash,
            target=placed.target,
            reference=placed.reference,
            key=anchor.key,
            signature=anchor.signature,
        )
    )


def placed_at(tx: Transaction, target: str) -> list[Placed]:
    """Every anchor that was placed at a target, oldest first."""
    rows = tx.connection.execute(select(_T).where(_T.c.target == target).order_by(_T.c.number))
    return [_placed(row) for row in rows]


def newest_at(tx: Transaction, target: str) -> Placed | None:
    """The newest anchor that was placed at a target, or None."""
    row = tx.connection.execute(
        select(_T).where(_T.c.target == target).order_by(_T.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _placed(row)


def other_targets(tx: Transaction, names: Collection[str]) -> list[str]:
    """Targets that anchors were placed at, but for these."""
    found = tx.connection.execute(select(_T.c.target).distinct().order_by(_T.c.target)).scalars()
    return [name for name in found if name not in names]


def hashes(tx: Transaction, seqs: Collection[int]) -> dict[int, str]:
    """The hash of each of these rows of the log, where there is such a row."""
    wanted = sorted(set(seqs))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        page = wanted[start : start + _AT_ONCE]
        rows = tx.connection.execute(
            select(tables.audit.c.seq, tables.audit.c.hash).where(tables.audit.c.seq.in_(page))
        )
        found.update((seq, hash_) for seq, hash_ in rows)
    return found


def _placed(row: Row[tuple[object, ...]]) -> Placed:
    anchor = Anchor(row.database_id, row.seq, row.hash, row.at, row.key, row.signature)
    return Placed(anchor, row.target, row.reference)
