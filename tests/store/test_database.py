"""Opening the store, and what its transactions promise."""

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from bot.errors import StoreError
from bot.store import accounts, audit
from bot.store.database import NewEvent, Store, current, open_store
from bot.store.schema import HEAD
from tests.conftest import NOON, StandingClock
from tests.postgres import PostgresServer
from tests.store.disks import full_disk, someone_whom_rights_hold_back
from tests.store.samples import ACCOUNT, ALICE

SHORT = timedelta(milliseconds=50)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def events(store: Store) -> list[str]:
    with store.read() as tx:
        return [event.event for event in audit.events(tx)]


class TestOpening:
    def test_makes_a_private_file_in_private_folders(
        self, tmp_path: Path, clock: StandingClock
    ) -> None:
        """Even where the umask would let everyone in."""
        path = tmp_path / "state" / "locksmith" / "l.db"
        before = os.umask(0)
        try:
            with (
                closing(open_store(f"sqlite:///{path}", clock=clock)) as store,
                store.write() as tx,
            ):
                tx.record("thing.happened", actor=ALICE)

                assert mode(path.with_name("l.db-journal")) == 0o600
        finally:
            os.umask(before)

        assert mode(path) == 0o600
        assert mode(path.parent) == 0o700
        assert mode(path.parent.parent) == 0o700

    def test_makes_the_newest_schema(self, tmp_path: Path, clock: StandingClock) -> None:
        url = f"sqlite:///{tmp_path / 'l.db'}"

        assert current(url) is None
        open_store(url, clock=clock).close()

        assert current(url) == HEAD

    def test_makes_the_newest_schema_on_an_empty_server(
        self, postgres_server: PostgresServer, clock: StandingClock
    ) -> None:
        with postgres_server.database() as url:
            assert current(url) is None
            open_store(url, clock=clock).close()

            assert current(url) == HEAD

    def test_an_empty_file_is_a_fresh_database(self, tmp_path: Path, clock: StandingClock) -> None:
        """What is left where making the first tables failed."""
        path = tmp_path / "l.db"
        path.touch()

        with closing(open_store(f"sqlite:///{path}", clock=clock)) as store:
            assert events(store) == []

    def test_keeps_what_is_there(self, store_url: str, clock: StandingClock) -> None:
        with closing(open_store(store_url, clock=clock)) as store, store.write() as tx:
            tx.record("thing.happened", actor=ALICE)

        with closing(open_store(store_url, clock=clock)) as store:
            assert events(store) == ["thing.happened"]

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            pytest.param("mysql://host/x", "kind mysql", id="another database"),
            pytest.param("sqlite://", "in memory", id="in memory"),
            pytest.param("sqlite:///:memory:", "in memory", id="in memory by name"),
            pytest.param("locksmith.db", "can't be read", id="no URL"),
            pytest.param("postgresql://host:port/x", "can't be read", id="no port"),
        ],
    )
    def test_refuses_other_databases(self, url: str, said: str, clock: StandingClock) -> None:
        with pytest.raises(StoreError, match=said) as caught:
            open_store(url, clock=clock)

        assert "postgresql://" in caught.value.hint

    def test_never_shows_a_password(self, clock: StandingClock) -> None:
        with pytest.raises(StoreError, match="can't be reached") as caught:
            open_store("postgresql://bot:hunter2@127.0.0.1:1/x", clock=clock)

        assert "hunter2" not in str(caught.value)
        assert "bot:***@" in str(caught.value)

    def test_a_database_that_is_not_there(
        self, postgres_server: PostgresServer, clock: StandingClock
    ) -> None:
        with pytest.raises(StoreError, match="can't be reached"):
            open_store(postgres_server.url("nowhere"), clock=clock)

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path, clock: StandingClock) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(StoreError, match="can't be made"):
            open_store(f"sqlite:///{tmp_path}/file/l.db", clock=clock)

    def test_a_folder_in_the_place_of_the_file(self, tmp_path: Path, clock: StandingClock) -> None:
        with pytest.raises(StoreError, match="can't be opened"):
            open_store(f"sqlite:///{tmp_path}", clock=clock)

    def test_another_program_s_database(self, tmp_path: Path, clock: StandingClock) -> None:
        path = tmp_path / "theirs.db"
        with closing(sqlite3.connect(path)) as theirs:
            theirs.execute("CREATE TABLE invoice (id INTEGER)")

        with pytest.raises(StoreError, match="aren't Locksmith's"):
            open_store(f"sqlite:///{path}", clock=clock)

    def test_a_database_that_is_too_new(self, store_url: str, clock: StandingClock) -> None:
        with closing(open_store(store_url, clock=clock)) as store, store.write() as tx:
            tx.connection.execute(text("UPDATE schema_info SET oldest_release = '99.1.0'"))

        with pytest.raises(StoreError, match=r"too new: it needs Locksmith 99\.1\.0"):
            open_store(store_url, clock=clock)

    def test_a_newer_database_that_this_release_can_use(
        self, store_url: str, clock: StandingClock
    ) -> None:
        """A newer release may change the schema and say that older ones still get along."""
        with closing(open_store(store_url, clock=clock)) as store, store.write() as tx:
            tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

        with closing(open_store(store_url, clock=clock)) as store:
            assert events(store) == []


class TestTransactions:
    def test_an_exception_undoes_everything(self, store: Store) -> None:
        def change() -> None:
            with store.write() as tx:
                accounts.ensure_account(tx, ACCOUNT)
                tx.record("thing.happened", actor=ALICE)
                raise InterruptedError

        with pytest.raises(InterruptedError):
            change()

        with store.read() as tx:
            assert accounts.get_account(tx, ACCOUNT.id) is None
            assert audit.events(tx) == []
            assert audit.verify(tx).ok

    def test_one_moment_for_the_whole_transaction(self, store: Store, clock: StandingClock) -> None:
        with store.write() as tx:
            first = tx.record("thing.happened", actor=ALICE)
            clock.pass_time(hours=1)
            second = tx.record("thing.happened", actor=ALICE)

        assert first.at == second.at == NOON

    def test_times_come_back_in_utc_to_the_microsecond(
        self, store: Store, clock: StandingClock
    ) -> None:
        eastern = NOON.astimezone(tz=ZoneInfo("Asia/Tokyo"))
        at = eastern.replace(microsecond=123_456)
        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            accounts.scanned(tx, ACCOUNT.id, at)

        with store.read() as tx:
            record = accounts.get_account(tx, ACCOUNT.id)

        assert record is not None
        assert record.last_scan_at == at
        assert record.last_scan_at.tzinfo is UTC

    def test_a_naive_time_is_refused(self, store: Store) -> None:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake that is refused

        with pytest.raises(ValueError, match="without a zone"), store.write() as tx:
            accounts.scanned(tx, ACCOUNT.id, naive)

    def test_reading_cannot_write_the_log(self, store: Store) -> None:
        with pytest.raises(RuntimeError, match="only reads"), store.read() as tx:
            tx.record("thing.happened", actor=ALICE)

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        """Otherwise the log would look cut to whoever verifies it while others write."""
        with store.read() as reading:
            audit.verify(reading)
            if store.engine.dialect.name == "postgresql":  # SQLite's writer waits for readers
                with store.write() as tx:
                    tx.record("thing.happened", actor=ALICE)

            assert audit.verify(reading).events == 0

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [("journal_mode", "truncate"), ("synchronous", 3), ("foreign_keys", 1)],
    )
    def test_sqlite_is_safe_against_crashes(
        self, sqlite_store: Store, pragma: str, value: object
    ) -> None:
        with sqlite_store.write() as tx:
            assert tx.connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value

    def test_errors_of_statements_show_no_values(self, store: Store) -> None:
        with pytest.raises(Exception, match="no_such_table") as caught, store.read() as tx:
            tx.connection.execute(
                text("SELECT * FROM no_such_table WHERE x = :secret"), {"secret": "hunter2"}
            )

        assert "hunter2" not in str(caught.value)


class TestTrouble:
    """Each is a clear StoreError, and what was saved before is still there."""

    @pytest.fixture
    def used(self, store: Store) -> Store:
        with store.write() as tx:
            tx.record("thing.happened", actor=ALICE)
        return store

    def test_locked(self, used: Store, store_url: str, clock: StandingClock) -> None:
        with closing(open_store(store_url, clock=clock, lock_timeout=SHORT)) as waiting:
            with used.write() as holding:
                holding.record("thing.saved", actor=ALICE)
                with (
                    pytest.raises(StoreError, match="locked by another process") as caught,
                    waiting.write(),
                ):
                    pytest.fail("two writers at once")

            assert "try again" in caught.value.hint
            assert events(waiting) == ["thing.happened", "thing.saved"]

    def test_locked_while_opening(self, used: Store, sqlite_url: str, clock: StandingClock) -> None:
        path = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")

            with pytest.raises(StoreError, match="locked by another process"):
                open_store(sqlite_url, clock=clock, lock_timeout=SHORT)

    def test_reading_and_then_writing_never_fails_for_a_stale_look(
        self, sqlite_url: str, clock: StandingClock
    ) -> None:
        """A deferred transaction would fail at once here, whatever the timeout."""
        with (
            closing(open_store(sqlite_url, clock=clock)) as store,
            closing(open_store(sqlite_url, clock=clock, lock_timeout=SHORT)) as other,
            store.write() as tx,
        ):
            assert audit.events(tx) == []
            with pytest.raises(StoreError, match="locked"), other.write():
                pytest.fail("two writers at once")

            tx.record("thing.happened", actor=ALICE)

    def test_a_full_disk(self, sqlite_store: Store) -> None:
        with sqlite_store.write() as tx:
            tx.record("thing.happened", actor=ALICE)
        limit = _limit_pages(sqlite_store, spare=2)

        def change() -> None:
            with sqlite_store.write() as tx:
                for number in range(1000):
                    tx.record("thing.lost", actor=ALICE, data={"number": number})

        with pytest.raises(StoreError, match="disk is full") as caught:
            change()

        assert "Make room" in caught.value.hint
        event.remove(sqlite_store.engine, "connect", limit)
        assert events(sqlite_store) == ["thing.happened"]
        with sqlite_store.write() as tx:
            tx.record("thing.saved", actor=ALICE)
            assert audit.verify(tx).ok

    def test_a_disk_too_full_for_the_first_tables(
        self, tmp_path: Path, clock: StandingClock
    ) -> None:
        """Nothing is left half made: with room again, the next start makes them."""
        url = f"sqlite:///{tmp_path / 'l.db'}"

        with full_disk(8192), pytest.raises(StoreError, match=r"full|read or written"):
            open_store(url, clock=clock)

        with closing(open_store(url, clock=clock)) as store:
            assert events(store) == []

    def test_read_only(
        self, sqlite_store: Store, sqlite_template: Path, clock: StandingClock
    ) -> None:
        """Reading goes on; a change is refused."""
        with sqlite_store.write() as tx:  # so that nothing needs to be imported later
            tx.record("thing.happened", actor=ALICE)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(shutil.copy(sqlite_template, folder))
            path.chmod(0o444)
            Path(folder).chmod(0o555)
            with (
                someone_whom_rights_hold_back(),
                closing(open_store(f"sqlite:///{path}", clock=clock)) as store,
            ):
                assert events(store) == []
                with pytest.raises(StoreError, match="is read-only") as caught, store.write() as tx:
                    tx.record("thing.happened", actor=ALICE)
            Path(folder).chmod(0o755)

        assert "right to write" in caught.value.hint

    def test_a_server_that_is_read_only(self, postgres_url: str, clock: StandingClock) -> None:
        with closing(open_store(postgres_url, clock=clock)) as store:
            with store.read() as tx, pytest.raises(Exception, match="read-only") as caught:
                tx.connection.execute(text("DELETE FROM audit_head"))
            with pytest.raises(StoreError, match="is read-only"), store.read() as tx:
                tx.connection.execute(text("DELETE FROM audit_head"))

        assert caught.type is not StoreError  # it is told where the transaction ends

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda data: b"no database at all" * 400, id="something else"),
            pytest.param(lambda data: data[:5000], id="cut off"),
            pytest.param(lambda data: data[:4096] + b"\xff" * 4096 + data[8192:], id="a bad page"),
            pytest.param(lambda data: data[: len(data) // 2] + bytes(len(data) // 2), id="zeros"),
        ],
    )
    def test_a_damaged_file(
        self, damage: object, sqlite_template: Path, tmp_path: Path, clock: StandingClock
    ) -> None:
        path = tmp_path / "l.db"
        damaged = damage(sqlite_template.read_bytes())  # type: ignore[operator]
        path.write_bytes(damaged)

        with pytest.raises(StoreError, match="is damaged") as caught:
            open_store(f"sqlite:///{path}", clock=clock)

        assert "backup" in caught.value.hint
        assert path.read_bytes() == damaged

    def test_a_damaged_page_that_opening_would_not_read(
        self, sqlite_url: str, clock: StandingClock
    ) -> None:
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        with closing(open_store(sqlite_url, clock=clock)) as store, store.write() as tx:
            tx.record_many([NewEvent("thing.happened")] * 2000, actor=ALICE)
        data = path.read_bytes()
        middle = len(data) // 2 // 4096 * 4096
        path.write_bytes(data[:middle] + b"\xff" * 4096 + data[middle + 4096 :])

        with pytest.raises(StoreError, match="is damaged"):
            open_store(sqlite_url, clock=clock)

    def test_a_server_that_goes_away(self, postgres_url: str, clock: StandingClock) -> None:
        others = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

        def change(store: Store) -> None:
            with store.write() as tx, store.engine.connect() as killer:
                tx.record("thing.lost", actor=ALICE)
                killer.execute(others)
                tx.record("thing.lost", actor=ALICE)

        with closing(open_store(postgres_url, clock=clock)) as store:
            with pytest.raises(StoreError, match="can't be reached") as caught:
                change(store)

            assert "look whether it was" in caught.value.hint
            assert events(store) == []


def _limit_pages(store: Store, spare: int) -> object:
    with store.read() as tx:
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + spare}")

    event.listen(store.engine, "connect", limit)
    return limit
