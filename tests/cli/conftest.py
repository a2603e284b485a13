"""Carries out commands the way a shell would, on a fake application."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from bot.cli.command_line import root
from bot.cli.context import Doors
from bot.reports.documents.catalogue import SCHEMAS
from tests.cli.fake_service import FakeDoors, FakeService


@dataclass
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout, valid by its schema file."""
        data: dict[str, Any] = json.loads(self.out)
        validate(data)
        return data


def validate(data: dict[str, Any]) -> None:
    """Fail where a document doesn't keep to the schema that it names."""
    name, _, version = data["schema"].removeprefix("locksmith.").partition("/")
    schema = json.loads((SCHEMAS / f"{name}.{version}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(data)


@dataclass
class Shell:
    """Types commands."""

    doors: FakeDoors = field(default_factory=FakeDoors)

    @property
    def service(self) -> FakeService:
        return self.doors.service

    def __call__(self, *args: str, answers: str | None = None) -> Outcome:
        self.doors.terminal = answers is not None
        doors = Doors(self.doors.open, self.doors.demo, self.doors.at_terminal)
        result = CliRunner().invoke(root, list(args), input=answers, obj=doors)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return Shell()
