"""The schema's versions: made at the newest, refused where they don't fit."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import StatementError

import migrations
from bot.errors import StoreError
from bot.store import failures
from bot.store.engines import WRITES, file_of, make_engine, parse, shown
from bot.store.tables import schema_info
from bot.version import __version__

#: Every revision, oldest first; the last is what this release makes and expects.
REVISIONS = tuple(f"{number:04}" for number in range(1, 14))
HEAD = REVISIONS[-1]

LOCK_TIMEOUT = timedelta(seconds=5)
# Any number, the same in all processes: who makes or upgrades a PostgreSQL schema holds it.
_SCHEMA_LOCK = 7_205_921_417


def current(url: str) -> str | None:
    """The schema's revision, or None where there is no schema yet. Raises StoreError."""
    parsed = parse(url)
    path = file_of(parsed)
    if path is not None and not path.exists():
        return None
    engine = make_engine(parsed, LOCK_TIMEOUT)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except StatementError as error:
        failures.raise_told(error, shown(parsed))
        raise
    finally:
        engine.dispose()


def make_if_empty(engine: Engine) -> None:
    """Make the schema in an empty database; whoever comes second finds it made."""
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        lock(connection)
        if revision_of(connection) is None:
            migrate(connection)


def revision_of(connection: Connection) -> str | None:
    """The revision, or None for an empty database. Raises StoreError for a stranger's."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if not {"alembic_version", schema_info.name} <= names:
        raise StoreError(
            "this database holds tables, but they aren't Locksmith's",
            hint="Give Locksmith a database of its own with --db.",
        )
    revision: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return revision


def refuse_newer(connection: Connection, revision: str | None) -> None:
    """Raise StoreError where the schema says that this release is too old for it."""
    if revision is None:
        return
    oldest = connection.execute(select(schema_info.c.oldest_release)).scalar_one()
    if _numbers(oldest) > _numbers(__version__):
        raise StoreError(
            f"this database is too new: it needs Locksmith {oldest}, and this is {__version__}",
            hint=f"Install Locksmith {oldest} or newer. Nothing was changed.",
        )


def refuse_older(revision: str | None) -> None:
    """Raise StoreError where the schema must be upgraded first."""
    if revision in REVISIONS[:-1]:
        raise StoreError(
            f"this database is from an older release (revision {revision}, needed {HEAD})",
            hint="`locksmith db upgrade` brings it up to date and backs it up first.",
        )


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release)[:3])


def lock(connection: Connection) -> None:
    """Let nobody else make or upgrade the schema until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})


def migrate(connection: Connection) -> None:
    """Bring the schema to this release's revision, within the connection's transaction."""
    # Alembic takes a noticeable part of a second to import, and is seldom needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["database_id"] = secrets.token_hex(16)
    command.upgrade(config, "head")
