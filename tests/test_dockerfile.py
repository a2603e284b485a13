"""The Dockerfile's install steps, carried out in an empty folder instead of a container."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def steps_of_the_build_stage() -> list[tuple[str, str]]:
    """The COPY and RUN lines of the first stage, in order."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    stage = re.split(r"^FROM ", text, flags=re.MULTILINE)[1]
    return re.findall(r"^(COPY|RUN) (.+)$", stage, flags=re.MULTILINE)


def test_the_image_is_not_root_and_keeps_its_data_on_a_volume() -> None:
    """Whoever reads only the last stage finds a user, a volume and a health check."""
    last = (ROOT / "Dockerfile").read_text().rpartition("FROM ")[2]

    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert re.search(r"^VOLUME /var/lib/locksmith$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*locksmith", last, re.MULTILINE)
    assert "moto" not in (ROOT / "requirements/runtime.txt").read_text()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_install_steps_give_a_working_command(tmp_path: Path) -> None:
    """From an empty folder with only the COPYed files, `locksmith` works without the demo."""
    source, opt = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    opt.mkdir()

    for kind, rest in steps_of_the_build_stage():
        if kind == "COPY":
            copy(rest, source)
        else:
            command = rest.replace("/opt/", f"{opt}/").replace(
                "python -m venv", f"{sys.executable} -m venv"
            )
            subprocess.run(["/bin/sh", "-ec", command], cwd=source, check=True)

    locksmith = opt / "locksmith/bin/locksmith"
    environ = {"PATH": "/usr/bin:/bin", "LOCKSMITH_DATABASE__URL": f"sqlite:///{tmp_path}/l.db"}
    listed = subprocess.run(
        [locksmith, "controls", "list"], env=environ, check=True, capture_output=True, text=True
    )
    healthy = subprocess.run(
        [locksmith, "db", "upgrade"], env=environ, check=True, capture_output=True, text=True
    )
    demo = subprocess.run([locksmith, "demo"], env=environ, capture_output=True, text=True)

    assert "unused-access-key" in listed.stdout
    assert healthy.returncode == 0
    assert demo.returncode == 2
    assert "iam-locksmith[demo]" in demo.stderr


def copy(words: str, target: Path) -> None:
    *sources, destination = shlex.split(words)
    into = target / destination
    for name in sources:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, into, ignore=shutil.ignore_patterns("__pycache__"))
        elif destination.endswith("/"):
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, into)
