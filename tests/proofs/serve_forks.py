"""`locksmith serve` in processes forked from one that has imported everything: a start is cheap.

`python -m tests.proofs.serve_forks` reads one JSON task a line, `{"environ": {…}, "log": "…"}`,
and answers with the id of a new process, which leads a group of its own. From its arguments on
that process is `locksmith serve`. Three things differ from one that is started as people start it:
the modules were imported before the fork, boto3's descriptions of services are shared, and Slack's
seconds and minutes pass quicker for the sender.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.running  # noqa: F401 - loaded once, before the forks
from bot import registry
from bot.cli.command_line import carry_out
from bot.cli.context import Doors
from bot.main import Application, play_demo
from bot.serving import Parts
from tests.engine.service_data import share
from tests.slack.desks import QUICK

ROOT = Path(__file__).parents[2]
#: A message is there within moments or never will be; a crowded machine takes some of them.
PACE = replace(QUICK, settle=timedelta(seconds=3))


@dataclass
class ServeForks:
    """The parent's end: asks for processes."""

    process: subprocess.Popen[str]

    def start(self, environ: Mapping[str, str], log: Path) -> int:
        """The id of a new process that serves; what it says is added to `log`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"environ": dict(environ), "log": str(log)}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the forking process has ended")
        return int(answer)


@contextmanager
def serve_forks() -> Iterator[ServeForks]:
    """The forking process; what it started ends with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.serve_forks"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield ServeForks(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


class Hurried(Application):
    """The same application, for which Slack's time passes quicker."""

    def parts(self) -> Parts:
        """What serving is made of."""
        return replace(super().parts(), pace=PACE)


def fork() -> None:
    """Start one process for each line of input, and end them all with it."""
    share(pytest.MonkeyPatch())
    registry.discover()
    children: set[int] = set()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        children = {each for each in children if not _has_ended(each)} | {pid}
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for each in children:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
        os.waitpid(each, 0)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _become(task: Mapping[str, Any]) -> None:
    """Be `locksmith serve`, to its end."""
    code = 1
    try:
        os.setsid()
        log = os.open(task["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(task["environ"])
        carry_out(
            Doors(open=lambda options: Hurried(options.configuration(os.environ)), demo=play_demo),
            ["serve"],
        )
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    fork()
