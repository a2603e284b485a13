"""The wheel: all that is needed is in it, and it works where nothing else of the project is."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import QUICK, validate
from tests.e2e.forking import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the Dockerfile builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """A place where only the wheel is installed; dependencies are borrowed from ours."""

    folder: Path

    def locksmith(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """The installed command, called from a folder that has nothing to do with it."""
        return self._called("bin/locksmith", *words, **environ)

    def python(self, code: str) -> str:
        """What a program prints there."""
        done = self._called("bin/python", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _called(self, name: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        return subprocess.run(
            [self.folder / name, *words],
            cwd=elsewhere,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(elsewhere),
                "LANG": "C.UTF-8",
                **QUICK,
                **environ,
            },
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A fresh environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    python = folder / "bin/python"
    install = ["install", "-q", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    # A folder named in a .pth file joins the path; its own .pth files, such as the one that makes
    # this checkout importable, are not read: https://docs.python.org/3/library/site.html
    ours = sysconfig.get_path("purelib")
    (theirs,) = folder.glob("lib/python*/site-packages")
    (theirs / "borrowed.pth").write_text(f"{ours}\n")
    return Installed(folder)


def names_of(wheel: Path) -> set[str]:
    """Every file in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_everything_of_the_packages_is_in_it(wheel: Path) -> None:
    """Each file that git keeps under bot, remediations and migrations, and no test and no tool."""
    tracked = [
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "remediations", "migrations")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    shipped = names_of(wheel)

    assert "bot/reports/schemas/scan.1.json" in tracked
    assert "migrations/versions/v0001_tables.py" in tracked
    assert set(tracked) <= shipped
    assert {name.split("/")[0].split("-")[0] for name in shipped} == {
        "bot",
        "remediations",
        "migrations",
        "iam_locksmith",
    }


def test_its_metadata(wheel: Path) -> None:
    """Name, licence, command, and the extra that production leaves out."""
    with zipfile.ZipFile(wheel) as archive:
        texts = {
            Path(name).name: archive.read(name).decode()
            for name in archive.namelist()
            if ".dist-info/" in name
        }

    assert "Name: iam-locksmith\n" in texts["METADATA"]
    assert "License-Expression: Apache-2.0\n" in texts["METADATA"]
    assert "Requires-Python: >=3.11\n" in texts["METADATA"]
    needed = [line for line in texts["METADATA"].splitlines() if line.startswith("Requires-Dist")]
    assert all("extra == 'demo'" in line for line in needed if "moto" in line)
    assert "locksmith = bot.main:main" in texts["entry_points.txt"]
    assert "Apache License" in texts["LICENSE"]


def test_what_runs_is_what_was_installed(installed: Installed) -> None:
    """Not this checkout."""
    modules = ("bot", "remediations", "migrations")
    code = f"import {', '.join(modules)}; print(*({'.__file__, '.join(modules)}.__file__,))"

    for place in installed.python(code).split():
        assert Path(place).is_relative_to(installed.folder)


def test_its_commands(installed: Installed, cloud: Cloud) -> None:
    """The catalogue, a database and a whole scan, from a folder elsewhere."""
    listed = document(installed.locksmith("--output", "json", "controls", "list"))
    made = document(installed.locksmith("--output", "json", "db", "upgrade"))
    scan = document(installed.locksmith("--output", "json", "scan", **cloud.environment))

    assert {"unused-access-key", "wildcard-trust-policy"} <= {
        each["id"] for each in listed["controls"]
    }
    assert len(listed["controls"]) == len(CONTROLS)
    assert made["revision"] == made["newest"]
    assert Path(made["database"]).is_relative_to(installed.folder / "elsewhere")
    assert Path(made["database"]).stat().st_mode & 0o777 == 0o600
    assert scan["account"] == cloud.account
    assert "wildcard-trust-policy" in {each["control"] for each in scan["findings"]}


CONTROLS = [
    path for path in (ROOT / "remediations").glob("*/*.py") if not path.name.startswith("_")
]


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The valid document of a command that went well."""
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    validate(data)
    return data
