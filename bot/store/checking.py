"""Is a SQLite database whole? Its pages, its references, its schema and its audit log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, select
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import NullPool

from bot.errors import StoreError
from bot.store import audit, failures, schema, tables
from bot.store.database import Transaction

_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole SQLite database holds: its schema's revision, and where its log ends.

    `newest_at` is when the newest row of the log was written, None where there is none.
    """

    path: Path
    revision: str
    database_id: str
    head_seq: int
    head_hash: str
    newest_at: datetime | None


def check(path: Path) -> Contents:
    """What a database file holds, when all of it is whole; it is only read.

    Raises StoreError for a damaged one, a stranger's, one of a newer release, and one whose audit
    log is not as it was written.
    """
    with reading(path) as tx:
        return _contents(path, tx)


@contextmanager
def reading(path: Path) -> Iterator[Transaction]:
    """Look into a database file, whatever its schema, and change nothing. Raises StoreError."""
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    place = f"file:{quote(str(path))}?mode=ro"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place, uri=True), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            yield Transaction(connection, _NO_TIME, None)
    except StatementError as error:
        failures.raise_told(error, str(path))
        raise
    finally:
        engine.dispose()


def _contents(path: Path, tx: Transaction) -> Contents:
    _check_pages(path, tx)
    revision = schema.revision_of(tx.connection)
    if revision is None:
        raise StoreError(f"{path} is empty: it is no copy of a Locksmith database")
    schema.refuse_newer(tx.connection, revision)
    verdict = audit.verify(tx)
    if not verdict.ok:
        raise StoreError(
            f"the audit log in {path} is not as it was written: {verdict.problem}",
            hint="`locksmith audit verify` looks at the log of the database in use. To keep a "
            "broken one as evidence, stop `locksmith serve` and copy the file.",
        )
    database_id = tx.connection.execute(select(tables.schema_info.c.database_id)).scalar_one()
    newest = tx.connection.execute(
        select(tables.audit.c.at).where(tables.audit.c.seq == verdict.head_seq)
    ).scalar()
    return Contents(path, revision, database_id, verdict.head_seq, verdict.head_hash, newest)


def _check_pages(path: Path, tx: Transaction) -> None:
    ill = tx.connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if ill != "ok":
        said, hint = failures.DAMAGED
        raise StoreError(f"the database {path} {said}: {ill}", hint=hint)
    if tx.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreError(f"{path} is not whole: a row refers to one that isn't there")
