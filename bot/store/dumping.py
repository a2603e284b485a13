"""Backups of a PostgreSQL database, by PostgreSQL's own pg_dump."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.engine import URL

from bot.errors import StoreError
from bot.store import tables
from bot.store.copying import put_in_place, refuse_existing, unfinished
from bot.store.engines import parse


def dump(url: str, target: Path) -> Path:
    """Dump the database to a new private file in pg_dump's own format; returns where it is.

    A dump is one consistent moment, whatever others write. Raises StoreError, with the command to
    type where pg_dump isn't here or fails, and RefusedError where the file is there already.
    """
    parsed = parse(url)
    refuse_existing(target)
    program, lister = shutil.which("pg_dump"), shutil.which("pg_restore")
    if program is None or lister is None:
        raise StoreError(
            "PostgreSQL is backed up by its own pg_dump, which is not installed here",
            hint=f"Where it is: {shlex.join(_dumping('pg_dump', parsed, target))}",
        )
    with unfinished(target) as partial:
        _carried_out(_dumping(program, parsed, partial), parsed, partial)
        listed = _carried_out([lister, "--list", str(partial)], parsed, partial)
        missing = [name for name in tables.metadata.tables if f" {name} " not in listed]
        if missing:
            raise StoreError(f"the dump lacks the tables {', '.join(missing)}: it was not kept")
        put_in_place(partial, target)
    return target


def for_libpq(url: URL) -> str:
    """The URL as PostgreSQL's own tools take it, without its password."""
    plain = URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query={name: value for name, value in url.query.items() if name != "password"},
    )
    return plain.render_as_string()


def _dumping(program: str, url: URL, target: Path) -> list[str]:
    return [
        program,
        "--format=custom",
        "--no-password",
        f"--file={target}",
        f"--dbname={for_libpq(url)}",
    ]


def _carried_out(command: Sequence[str], url: URL, partial: Path) -> str:
    done = subprocess.run(  # noqa: S603 - a fixed program with words of our own
        command,
        env=_environment(url),
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        said = done.stderr.strip().replace(str(partial), "the backup") or "it said nothing"
        raise StoreError(
            f"{Path(command[0]).name} failed: {said}",
            hint="Nothing was kept. pg_dump must be as new as the server or newer.",
        )
    return done.stdout


def _environment(url: URL) -> Mapping[str, str]:
    """The password goes by the environment: command lines are seen by everyone on a machine."""
    password = url.password or url.query.get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
