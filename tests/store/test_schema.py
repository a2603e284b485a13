"""The schema's versions: migrations and models agree, upgrades keep everything."""

import os
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, text
from sqlalchemy.exc import DBAPIError

import migrations
from bot.errors import StoreError
from bot.model import Anchor, Placed, ProposalState
from bot.store import anchors, audit, executions
from bot.store.backups import BackupRules
from bot.store.database import Store, current, open_store
from bot.store.engines import WRITES, make_engine, parse
from bot.store.schema import HEAD, REVISIONS
from bot.store.tables import APPEND_ONLY, OPEN_STATES, metadata
from bot.store.upgrading import Upgrade
from bot.store.upgrading import upgrade as upgrade_at
from tests.conftest import NOON, StandingClock
from tests.postgres import PostgresServer
from tests.store.disks import full_disk
from tests.store.samples import ALICE, approve, move, propose

SCRIPTS = Path(migrations.__file__).parent


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes.update(connection=connection, database_id="0" * 32)
    return made


def make_at(url: str, revision: str) -> None:
    """A database as an earlier release left it."""
    engine = make_engine(parse(url), timedelta(seconds=1))
    with (
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        command.upgrade(config(connection), revision)
        connection.execute(
            text("INSERT INTO account (id, partition, mode) VALUES ('111122223333', 'aws', 'live')")
        )
    engine.dispose()


RULES = BackupRules()


def upgrade(
    url: str, rules: BackupRules = RULES, *, lock_timeout: timedelta = timedelta(seconds=5)
) -> Upgrade:
    """An upgrade at noon."""
    return upgrade_at(url, rules, NOON, lock_timeout=lock_timeout)


class TestMigrations:
    def test_the_code_knows_every_revision_in_order(self) -> None:
        scripts = list(ScriptDirectory.from_config(config()).walk_revisions())

        assert tuple(script.revision for script in reversed(scripts)) == REVISIONS

    def test_a_file_is_named_after_its_revision(self) -> None:
        for script in ScriptDirectory.from_config(config()).walk_revisions():
            assert Path(script.path).name.startswith(f"v{script.revision}_")

    def test_they_make_what_the_models_say(self, store: Store) -> None:
        """Alembic finds nothing that it would still have to change."""
        with store.read() as tx:
            differences = compare_metadata(MigrationContext.configure(tx.connection), metadata)

        assert differences == []

    def test_names_and_conditions_of_indexes_and_checks(self, store: Store) -> None:
        """What Alembic doesn't compare."""
        with store.read() as tx:
            found = inspect(tx.connection)
            for table in metadata.sorted_tables:
                checks = {check["name"] for check in found.get_check_constraints(table.name)}
                declared = {
                    str(constraint.name)
                    for constraint in table.constraints
                    if isinstance(constraint, CheckConstraint)
                }
                assert checks == declared, table.name
            (one_open,) = [
                index
                for index in found.get_indexes("proposal")
                if index["unique"] and index["name"] == "uq_proposal_one_open"
            ]
        options = one_open["dialect_options"]
        condition = str(options[f"{store.engine.dialect.name}_where"])

        assert all(f"'{state}'" in condition for state in OPEN_STATES)
        assert "'done'" not in condition

    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
    def test_rows_are_added_only(self, store: Store, table: str, change: str) -> None:
        with store.write() as tx:
            proposal = move(tx, approve(tx, propose(tx)), ProposalState.EXECUTING)
            execution = executions.start_execution(tx, proposal, ALICE)
            executions.intend(tx, execution, 0, "deactivate", {})
            anchors.remember(tx, Placed(Anchor("d" * 32, 1, "a" * 64, NOON), "file:/a", "byte 0"))
        statement = change.format(table, "at", "at")

        with pytest.raises(DBAPIError, match=f"{table} is append-only"), store.write() as tx:
            tx.connection.execute(text(statement))

    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.postgres
    def test_tables_cannot_be_emptied_at_once(
        self, postgres_url: str, clock: StandingClock, table: str
    ) -> None:
        with (
            closing(open_store(postgres_url, clock=clock)) as store,
            pytest.raises(DBAPIError, match="is append-only"),
            store.write() as tx,
        ):
            tx.connection.execute(text(f"TRUNCATE {table} CASCADE"))


class TestUpgrade:
    @pytest.fixture
    def older(self, tmp_path: Path) -> str:
        url = f"sqlite:///{tmp_path / 'l.db'}"
        make_at(url, REVISIONS[-2])
        return url

    def test_an_older_database_says_how_to_upgrade(self, older: str, clock: StandingClock) -> None:
        with pytest.raises(StoreError, match="older release") as caught:
            open_store(older, clock=clock)

        assert "locksmith db upgrade" in caught.value.hint
        assert current(older) == REVISIONS[-2]

    def test_keeps_everything_and_a_private_backup(self, older: str, clock: StandingClock) -> None:
        before = os.umask(0)
        try:
            done = upgrade(older)
        finally:
            os.umask(before)

        assert (done.from_revision, done.to_revision) == (REVISIONS[-2], HEAD)
        with closing(open_store(older, clock=clock)) as store, store.read() as tx:
            assert tx.connection.execute(text("SELECT mode FROM account")).scalar() == "live"
            assert audit.verify(tx).ok
        assert done.backup is not None
        assert stat.S_IMODE(done.backup.stat().st_mode) == 0o600
        assert current(f"sqlite:///{done.backup}") == REVISIONS[-2]
        with closing(sqlite3.connect(done.backup)) as copy:
            assert copy.execute("SELECT id, mode FROM account").fetchall() == [
                ("111122223333", "live")
            ]

    def test_a_server_is_upgraded_in_place(
        self, postgres_server: PostgresServer, clock: StandingClock
    ) -> None:
        with postgres_server.database() as url:
            make_at(url, REVISIONS[-2])

            done = upgrade(url)

            assert (done.from_revision, done.to_revision) == (REVISIONS[-2], HEAD)
            assert done.backup is None
            open_store(url, clock=clock).close()

    def test_nothing_to_do(self, store_url: str) -> None:
        done = upgrade(store_url)

        assert (done.from_revision, done.to_revision, done.backup) == (HEAD, HEAD, None)

    def test_a_second_backup_spares_the_first(self, older: str, tmp_path: Path) -> None:
        first = upgrade(older).backup
        (tmp_path / "l.db").unlink()
        make_at(older, REVISIONS[-2])

        second = upgrade(older).backup

        assert first is not None
        assert second is not None
        assert first != second
        assert first.exists()

    def test_makes_a_database_where_there_is_none(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'new.db'}"

        done = upgrade(url)

        assert (done.from_revision, done.to_revision, done.backup) == (None, HEAD, None)

    def test_refuses_a_database_that_is_too_new(self, store_url: str, store: Store) -> None:
        with store.write() as tx:
            tx.connection.execute(text("UPDATE schema_info SET oldest_release = '99'"))

        with pytest.raises(StoreError, match="too new"):
            upgrade(store_url)

    def test_a_locked_database_is_left_alone(self, older: str, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "l.db", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")

            with pytest.raises(StoreError, match="locked"):
                upgrade(older, lock_timeout=timedelta(milliseconds=50))

        assert current(older) == REVISIONS[-2]
        assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []

    def test_without_room_for_the_backup_nothing_is_changed(
        self, older: str, tmp_path: Path
    ) -> None:
        with full_disk(8192), pytest.raises(StoreError, match="can't be written"):
            upgrade(older)

        assert current(older) == REVISIONS[-2]
        assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []
