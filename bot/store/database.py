"""The store: opening it, and the transactions in which everything happens."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import StatementError

from bot.errors import StoreError
from bot.model import Actor, AuditEvent, Json, Manual, Plan
from bot.store import failures, schema
from bot.store.chain import Appender, Head, NewEvent
from bot.store.engines import WRITES, file_of, make_engine, make_private_file, parse, shown
from bot.store.holding import Hold, hold
from bot.store.schema import current
from bot.store.tables import audit_head

__all__ = ["NewEvent", "Store", "Transaction", "current", "open_store"]

Clock = Callable[[], datetime]


class Transaction:
    """One transaction. `now` is its one moment, UTC; everything written in it happened then.

    `plans` keeps plans that were read from their text, by proposal id: a plan never changes. One of
    `made`, by digest, is taken instead where it has the very same text.
    While there is a file at `stop_file`, nothing is written to AWS.
    """

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        appender: Appender | None,
        stop_file: Path | None = None,
    ) -> None:
        self.connection = connection
        self.now = now
        self.stop_file = stop_file
        self.plans: dict[str, Plan | Manual] = {}
        self.made: Mapping[str, Plan | Manual] = {}
        self._appender = appender

    @property
    def log(self) -> Appender:
        """The end of the audit log. RuntimeError in a transaction that only reads."""
        if self._appender is None:
            raise RuntimeError("this transaction only reads: open it with write()")
        return self._appender

    def record(
        self,
        event: str,
        *,
        actor: Actor,
        account: str | None = None,
        subject: str | None = None,
        data: Mapping[str, Json] | None = None,
        people: Mapping[str, str] | None = None,
    ) -> AuditEvent:
        """Append one event to the audit log; it is there if and only if the rest is.

        `people` holds personal texts (names, reasons people gave): the log commits to them, and
        they can be erased later. Empty ones are left out.
        """
        new = NewEvent(event, account, subject, data or {}, people or {})
        return self.log.append(new, actor)

    def record_many(self, events: Sequence[NewEvent], *, actor: Actor) -> None:
        """Append many events by one actor, in order."""
        self.log.append_many(events, actor)


class Store:
    """The database. Everything happens in `read()` or `write()`; close it when done."""

    def __init__(
        self,
        engine: Engine,
        url: URL,
        clock: Clock,
        held: Hold | None = None,
        stop_file: Path | None = None,
    ) -> None:
        self.engine = engine
        self._stop_file = stop_file
        self._held = held
        self._where = shown(url)
        self._clock = clock

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent look at the database. Raises StoreError."""
        options = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            if self.engine.dialect.name == "postgresql"
            else {}
        )
        with (
            self._told(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield Transaction(connection, self._clock(), None, self._stop_file)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One change: all of it is saved at the end, or none of it after an exception.

        There is one writer at a time, so what is read here holds until the end. Raises StoreError
        where the lock can't be had or nothing can be saved.
        """
        with (
            self._told(),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            # SQLite has locked itself by now; PostgreSQL's writers queue for this row.
            seq, last = connection.execute(
                select(audit_head.c.seq, audit_head.c.hash).with_for_update()
            ).one()
            now = self._clock()
            end = Appender(connection, now, Head(seq, last))
            yield Transaction(connection, now, end, self._stop_file)

    def check_schema(self) -> None:
        """Raise StoreError where the schema is none that this release works with any more."""
        with self._told(), self.engine.connect() as connection:
            revision = schema.revision_of(connection)
            schema.refuse_newer(connection, revision)
            schema.refuse_older(revision)
            if revision is None:
                raise StoreError("the database has no schema", hint="Was it put aside? Restart.")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._held is not None:
            self._held.release()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except StatementError as error:
            failures.raise_told(error, self._where)
            raise


def open_store(
    url: str,
    *,
    clock: Clock,
    lock_timeout: timedelta = timedelta(seconds=5),
    stop_file: Path | None = None,
) -> Store:
    """Open the database, or make it where there is none. `clock` gives aware UTC times.

    While there is a file at `stop_file`, whoever makes it, everything counts as stopped.

    `lock_timeout` is how long a transaction waits for another one. Raises StoreError for a
    database that is damaged, locked, of a newer release, a stranger's, or that must be upgraded
    first; none of them is changed.
    """
    parsed = parse(url)
    path = file_of(parsed)
    if path is not None and not path.exists():
        make_private_file(path)
    held = None if path is None else hold(path)
    engine = make_engine(parsed, lock_timeout)
    store = Store(engine, parsed, clock, held, stop_file)
    try:
        _check(engine)
    except StatementError as error:
        store.close()
        failures.raise_told(error, shown(parsed))
        raise
    except BaseException:
        store.close()
        raise
    return store


def _check(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _check_pages(connection)
        revision = schema.revision_of(connection)
        schema.refuse_newer(connection, revision)
    schema.refuse_older(revision)
    if revision is None:
        schema.make_if_empty(engine)


def _check_pages(connection: Connection) -> None:
    problem = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if problem != "ok":
        said, hint = failures.DAMAGED
        raise StoreError(f"the database {said}: {problem}", hint=hint)
