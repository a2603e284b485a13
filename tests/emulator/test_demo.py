"""`make slack-demo` as a process: that it starts, and that nothing of it stays behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.slack.emulator import ROOT

pytestmark = pytest.mark.emulator


def children(process: int) -> set[int]:
    """Everything that descends from a process."""
    below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(each) for each in below} | {more for each in below for more in children(int(each))}


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_nothing_of_the_demo_stays(number: signal.Signals, code: int) -> None:
    words = [sys.executable, "-m", "tools.slack.demo", "--users", "6"]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        while "AWS is" not in (line := demo.stderr.readline()):
            assert line, "it ended before it had started"
        started = children(demo.pid)
        assert started
        demo.send_signal(number)
        assert demo.wait(60) == code
    end = time.monotonic() + 60
    while any(map(runs, started)):
        assert time.monotonic() < end, "something still runs"
        time.sleep(0.05)
