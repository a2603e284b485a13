"""Types `locksmith` commands and looks at what they leave: exit code, two streams, a database."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.e2e.forking import ROOT, Forking

SCHEMAS = ROOT / "bot/reports/schemas"
#: Looks twice within moments: the account answers from this machine, and at once.
QUICK = {
    "LOCKSMITH_VERIFICATION__INTERVAL_SECONDS": "0.01",
    "LOCKSMITH_VERIFICATION__PATIENCE_SECONDS": "1",
}
#: What could steer a terminal: C0 but for the line break, DEL, C1, and marks of direction.
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

#: Tables in which a row, once written, stays as it is.
_KEPT = ("audit", "decision", "step_event")


def nobodys_environ(home: Path) -> dict[str, str]:
    """An environment without this machine's settings, at home in a folder of the test."""
    places = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
        **dict.fromkeys(places, str(home)),
    }


def validate(document: Mapping[str, Any]) -> None:
    """Fail where a document doesn't keep to the schema that it names."""
    name, _, version = document["schema"].removeprefix("locksmith.").partition("/")
    schema = json.loads((SCHEMAS / f"{name}.{version}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        document
    )


@dataclass(frozen=True)
class Outcome:
    """What one command left."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout, valid by the schema that it names."""
        data: dict[str, Any] = json.loads(self.out)
        validate(data)
        return data

    def failed(self, code: int, *said: str, hint: bool = True) -> None:
        """It ended with this code, said these words on stderr, and what to do about it."""
        assert self.code == code, self
        words = " ".join(self.err.split())
        for each in said:
            assert each in words, self
        assert re.search(r"^(error|Error)\b", self.err, re.MULTILINE), self
        if hint:
            assert "hint: " in self.err, self
        assert "This is a bug" not in self.err, self


@dataclass(frozen=True)
class Locksmith:
    """A shell in a folder, with nobody at the terminal.

    `remembered` is the database, `locksmith.db` of the folder without it; `names_database` False
    leaves it to the command to find one. `largest_file` and
    `rights_count` hold a command back as a full disk and rights hold back people who aren't root.
    """

    forking: Forking
    folder: Path
    environ: Mapping[str, str]
    largest_file: int | None = None
    rights_count: bool = False
    remembered: Path | None = None
    names_database: bool = True

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.remembered or self.folder / "locksmith.db"

    def __call__(self, *args: str) -> Outcome:
        """Carry out one command; whatever it is, it shows no traceback and steers no terminal."""
        streams = {"out": self.folder / "stdout", "err": self.folder / "stderr"}
        code = self.forking.carry_out(
            {
                "args": args,
                "environ": self.variables(),
                "folder": str(self.folder),
                "largest_file": self.largest_file,
                "rights_count": self.rights_count,
                "in": os.devnull,
                **{name: str(path) for name, path in streams.items()},
            }
        )
        out, err = (path.read_text(encoding="utf-8") for path in streams.values())
        return looked_at(Outcome(code, out, err))

    def json(self, *args: str, code: int = 0) -> dict[str, Any]:
        """The document that a command gives, which ends with this code."""
        outcome = self("--output", "json", *args)
        assert outcome.code == code, outcome
        return outcome.document()

    @contextmanager
    def started(self, *args: str) -> Iterator["Started"]:
        """A process of its own, started anew, while the test goes on; not beyond the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.main", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.variables(),
        )
        try:
            yield Started(process)
        finally:
            process.kill()
            process.communicate()

    def but(self, *without: str, **environ: str) -> "Locksmith":
        """The same with other variables in the environment."""
        kept = {name: value for name, value in self.environ.items() if name not in without}
        return replace(self, environ={**kept, **environ})

    def finding(self, control: str, name: str) -> dict[str, Any]:
        """The one remembered finding of a control about the resource of that name."""
        (found,) = (
            each
            for each in self.json("findings", "list", "--control", control)["findings"]
            if each["resource"]["name"] == name or each["resource"].get("user") == name
        )
        return dict(found)

    def variables(self) -> dict[str, str]:
        """The environment that its commands get."""
        url = {"LOCKSMITH_DATABASE__URL": f"sqlite:///{self.database}"}
        return {**(url if self.names_database else {}), **self.environ}


def looked_at(outcome: Outcome) -> Outcome:
    """What holds of every command: no traceback, and nothing that steers a terminal."""
    assert "Traceback (most recent call last)" not in outcome.err, outcome
    for stream in (outcome.out, outcome.err):
        assert _STEERING.search(stream) is None, outcome
    return outcome


@dataclass(frozen=True)
class Started:
    """A command that is on its way."""

    process: subprocess.Popen[str]

    def ended(self) -> Outcome:
        """What it left, once it has ended."""
        out, err = self.process.communicate(timeout=60)
        return looked_at(Outcome(self.process.returncode, out, err))

    def interrupted(self) -> Outcome:
        """What it left after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()


def table(database: Path, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table, read beside Locksmith."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()  # noqa: S608


@contextmanager
def nothing_lost(locksmith: Locksmith) -> Iterator[None]:
    """Whatever happens inside, all that was remembered stays: each row of log and decisions."""
    before = _remembered(locksmith.database)
    yield
    after = _remembered(locksmith.database)
    for name, rows in before.items():
        assert rows <= after[name], f"rows of {name} were changed or lost"
    assert locksmith("audit", "verify").code == 0


def _remembered(database: Path) -> dict[str, set[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return {name: set(table(database, name)) for name in _KEPT}


def copy_of(database: Path, folder: Path) -> Path:
    """A copy of a database, where the commands of that folder look for theirs."""
    return Path(shutil.copy(database, folder / "locksmith.db"))
