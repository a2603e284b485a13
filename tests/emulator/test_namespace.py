"""A server that listens everywhere, shut in: who reaches it, what it reaches, how it ends."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tools.slack.emulator import ROOT
from tools.slack.namespace import LOOPBACK, Order

pytestmark = pytest.mark.emulator

#: Listens on every interface. Answers each connection with where it runs, then with whether it
#: reaches each port that it is asked for, one a line.
SERVER = """
import os, socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    connection, _ = server.accept()
    with connection, connection.makefile("r") as asked, connection.makefile("w") as answers:
        print(os.getcwd(), os.listdir("."), file=answers)
        for port in asked:
            try:
                socket.create_connection(("127.0.0.1", int(port)), 5).close()
                print("reached", file=answers)
            except OSError as error:
                print(type(error).__name__, file=answers)
"""
ORDER = Order(command=[sys.executable, "-c", SERVER, "{port}"], files={"note.txt": "hello"})


@contextmanager
def running(order: Order = ORDER) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process that holds the namespace, and its port; ended by the end of its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.slack.namespace"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(order.line())
        process.stdin.flush()
        line = process.stdout.readline()
        yield process, json.loads(line)["port"] if line else 0
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(30)


def ask(port: int, *questions: int, host: str = LOOPBACK) -> list[str]:
    """What the server answers; asks again while it starts."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with (
            suppress(ConnectionResetError, BrokenPipeError),
            socket.create_connection((host, port), 10) as connection,
            connection.makefile("rw") as stream,
        ):
            stream.write("".join(f"{each}\n" for each in questions))
            stream.flush()
            with suppress(OSError):  # it may be gone already
                connection.shutdown(socket.SHUT_WR)
            if answers := stream.read().splitlines():
                return answers
    raise AssertionError("it never answered")


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for something in another process, and fail after ten seconds."""
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def refuses(port: int) -> bool:
    """Whether nobody listens on the port."""
    try:
        socket.create_connection((LOOPBACK, port), 5).close()
    except ConnectionRefusedError:
        return True
    return False


def folder_of(port: int) -> Path:
    """The server's working directory."""
    return Path(ask(port)[0].split()[0])


def test_listens_on_one_address() -> None:
    """It listens everywhere in there; here, on one address. Its files lie beside it."""
    with running() as (_, port):
        folder, files = ask(port)[0].split(maxsplit=1)
        assert files == "['note.txt']"
        with pytest.raises(ConnectionRefusedError):
            ask(port, host="127.0.0.2")
    assert not Path(folder).exists()


def test_reaches_only_the_way_back() -> None:
    """Of two servers of this machine it reaches the one that is named."""
    with (
        closing(socket.create_server((LOOPBACK, 0))) as named,
        closing(socket.create_server((LOOPBACK, 0))) as other,
    ):
        ports = [each.getsockname()[1] for each in (named, other)]
        with running(Order(ORDER.command, {}, back=ports[0])) as (_, port):
            assert ask(port, *ports)[1:] == ["reached", "ConnectionRefusedError"]
            named.settimeout(10)
            named.accept()[0].close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_ends_with_its_holder(number: signal.Signals) -> None:
    """However the process that holds the namespace ends, the server goes too."""
    with running() as (process, port):
        folder = folder_of(port)
        process.send_signal(number)
        process.wait(30)
        wait_until(lambda: refuses(port) and not folder.exists())


def test_ends_with_who_asked() -> None:
    """The holder's input ends when whoever asked is killed: all is gone, the folder too."""
    asking = """
import subprocess, sys, time
holder = subprocess.Popen([sys.executable, "-m", "tools.slack.namespace"], stdin=subprocess.PIPE)
holder.stdin.write(sys.argv[1].encode()); holder.stdin.flush(); time.sleep(60)
"""
    words = [sys.executable, "-c", asking, ORDER.line()]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        folder = folder_of(port)
        process.kill()
        assert process.stdout.read() == "", "who holds the namespace has ended"
    wait_until(lambda: refuses(port) and not folder.exists())


def test_a_server_that_fails() -> None:
    """Its words and its exit code are handed on."""
    with running(Order([sys.executable, "-c", "import sys; sys.exit('no luck')"], {})) as (it, _):
        assert it.stderr is not None
        assert "no luck" in it.stderr.read()
        assert it.wait(30) == 1


def test_a_port_in_use() -> None:
    """A sentence that names it."""
    with (
        closing(socket.create_server((LOOPBACK, 0))) as taken,
        running(Order(ORDER.command, {}, port=taken.getsockname()[1])) as (it, _),
    ):
        assert it.stderr is not None
        assert it.stderr.read().startswith(f"port {taken.getsockname()[1]}: ")
        assert it.wait(30) == 1
