"""Real processes for the proofs: forked from one that has imported everything, killed by SIGKILL.

`python -m tests.proofs.forks` reads one JSON task a line: `{"processes": [{…}, …]}`. It forks one
process for each entry, lets them start at one moment, and answers with what became of each:
`{"signal": 9}` for one that was killed, else the JSON object that it gave.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import pytest

from bot.aws.connection import own_arns
from bot.aws.sessions import connect
from bot.engine.approvals import Approvals
from bot.engine.core import Aws
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guardrails
from bot.engine.protecting import Guard
from bot.engine.recovery import recover
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.errors import LocksmithError
from bot.model import Actor, Protection
from bot.store.database import open_store
from bot.store.leases import this_process
from tests.engine.service_data import share

#: Short, so that a thousand kills take minutes; the account answers from this machine.
SETTINGS = VerifySettings(reads=2, interval=0.01, patience=0.03)


@dataclass
class Forks:
    """The parent's end: hands out tasks and waits for what became of them."""

    process: subprocess.Popen[str]

    def together(self, *tasks: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What became of processes that were started at one moment."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"processes": tasks}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the forking process has ended")
        ended: list[dict[str, Any]] = json.loads(answer)
        return ended

    def alone(self, **task: Any) -> dict[str, Any]:
        """What became of one process."""
        (ended,) = self.together(task)
        return ended


@contextmanager
def forks(environment: Mapping[str, str]) -> Iterator[Forks]:
    """The forking process, with this environment for AWS."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.forks"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield Forks(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def serve(lines: IO[str]) -> None:
    """Carry out tasks until the input ends."""
    share(pytest.MonkeyPatch())
    for line in lines:
        ended = _together(json.loads(line)["processes"])
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


def _together(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    start_reading, start_writing = os.pipe()
    children = [_fork(task, start_reading, start_writing) for task in tasks]
    os.close(start_reading)
    os.close(start_writing)  # the end of the pipe is the shot
    return [_wait(pid, reading) for pid, reading in children]


def _fork(task: Mapping[str, Any], start: int, shot: int) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    code = 1
    try:
        os.close(reading)
        os.close(shot)
        os.read(start, 1)
        os.write(writing, json.dumps(_carry_out(task)).encode())
        code = 0
    finally:
        os._exit(code)


def _wait(pid: int, reading: int) -> dict[str, Any]:
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    if os.WEXITSTATUS(status) or not said:
        return {"crashed": os.WEXITSTATUS(status)}
    answer: dict[str, Any] = json.loads(said)
    return answer


def _carry_out(task: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the task says, in this process of its own; errors with a name are an answer."""
    if "kill_after" in task:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, task["kill_after"])
    actor = Actor("local", f"{task.get('actor', 'alice')}@desk")
    said: list[str] = []
    with connect(read_attempts=1) as connection, closing(_store(task)) as store:
        protection = Protection(own=own_arns(connection))
        executor = Executor(
            store,
            connection,
            _now,
            time.sleep,
            Guardrails(Guard(protection)),
            Approvals().authorise,
            SETTINGS,
            this_process(),
            progress=said.append,
            yield_point=_killer(task.get("kill_at"), task.get("nth", 1)),
        )
        service = Service(
            store,
            lambda: Aws(connection, protection, executor),
            Scanner(store, [], ScanSettings(), Guard.on, _now),
            Approvals(),
            _now,
        )
        try:
            return _act(task, service, executor, actor)
        except LocksmithError as error:
            return {"refused": str(error), "kind": type(error).__name__, "said": said}


def _act(
    task: Mapping[str, Any], service: Service, executor: Executor, actor: Actor
) -> dict[str, Any]:
    proposal_id = task["proposal"]
    match task["do"]:
        case "apply":
            return {"state": executor.apply(proposal_id, actor).state.value}
        case "recover":
            account = service.proposal(proposal_id).proposal.account
            settled = recover(executor, account, actor)
            return {"settled": [record.state.value for record in settled]}
        case "decide and apply":
            digest = service.proposal(proposal_id).proposal.digest
            try:
                service.approve(proposal_id, digest, actor)
            except LocksmithError as error:
                decided = str(error)
            else:
                decided = "approved"
            record = service.apply(proposal_id, actor, lambda _: None)
            return {"state": record.state.value, "decided": decided}
        case unknown:
            raise ValueError(f"no such task: {unknown}")


def _killer(label: str | None, nth: int) -> Callable[[str], None]:
    """Ends this process, at once and for good, at the n-th place of that label."""
    left = [nth]

    def yield_point(here: str) -> None:
        if here == label:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return yield_point


def _store(task: Mapping[str, Any]) -> Any:
    return open_store(task["db"], clock=_now, lock_timeout=timedelta(seconds=30))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    serve(sys.stdin)
