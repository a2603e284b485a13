"""Processes of the `locksmith` command, forked from one that has imported it: starts in no time.

What every command reads of what never changes, that process has read as well.

`python -m tests.e2e.forking` reads one JSON task a line: the arguments, the environment, the
folder, the files for the three streams, and what holds the process back. It answers with the exit
code, or with 128 and the signal's number, as a shell does.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Those that a scan and most changes take.
_SERVICES = ("iam", "sts", "ec2", "cloudtrail", "accessanalyzer", "account", "organizations", "s3")
_LONGEST = 60  # seconds until a command that doesn't end is ended, by SIGALRM


@dataclass
class Forking:
    """The parent's end: hands out one task after the other."""

    process: subprocess.Popen[str]

    def carry_out(self, task: Mapping[str, Any]) -> int:
        """The exit code of one process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the forking process has ended")
        return int(answer)


@contextmanager
def forking(environ: Mapping[str, str]) -> Iterator[Forking]:
    """The forking process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.forking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(environ),
    )
    try:
        yield Forking(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def serve() -> None:
    """Fork one process for each line of input."""
    from bot.main import main

    _read_ahead()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line), main)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{_code(status)}\n")
        sys.stdout.flush()


def _read_ahead() -> None:
    """Read what most commands read once each: the controls, AWS's actions and service models."""
    import alembic.command  # noqa: F401 - only a command that makes or upgrades a database has it

    from bot import registry
    from bot.aws.service_models import core_session
    from bot.policy.expansion import all_actions

    registry.controls({})
    all_actions()
    session = core_session()
    for service in _SERVICES:
        session.create_client(
            service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
    gc.freeze()  # nor need anybody look through it for what nobody holds any more


def _code(status: int) -> int:
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def _become(task: Mapping[str, Any], main: Any) -> None:
    """Be that process, to its end."""
    code = 1
    try:
        for descriptor, path, flags in (
            (0, task["in"], os.O_RDONLY),
            (1, task["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, task["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            os.dup2(os.open(path, flags, 0o600), descriptor)
        signal.alarm(_LONGEST)
        os.environ.clear()
        os.environ.update(task["environ"])
        os.chdir(task["folder"])
        sys.argv = ["locksmith", *task["args"]]
        if task["largest_file"] is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (task["largest_file"],) * 2)
        if task["rights_count"]:
            _obey_rights()
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _obey_rights() -> None:
    """Root reads and writes whatever the rights of a file say; this process no longer does.

    It gives all its capabilities away: https://man7.org/linux/man-pages/man2/capset.2.html
    """
    if os.geteuid() != 0:
        return
    version_3 = 0x20080522
    header = (ctypes.c_uint32 * 2)(version_3, 0)
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    serve()
