"""Runs a server that listens on every interface where there is only loopback.

`python -m tools.slack.namespace` reads its order from the first line of standard input, a JSON
object:

- `command`: the server's words. `{port}` in them stands for the port, `{folder}` for a temporary
  folder that is its working directory and removed with it;
- `files`: names and texts of files to lay into that folder;
- `port`: the loopback port of this machine that leads to the server's own of the same number;
  0 for a free one;
- `back`: a port inside that leads to the same loopback port of this machine, or null.

It answers with one line, `{"port": 40123}`, and lives until its standard input ends, so that
nothing outlives who asked, however they end. The server runs in network and process namespaces
of its own: it reaches nothing but `back`, nobody reaches it but through `port`, and the kernel
ends all of it together.

A listening socket belongs to the network it was made in, whoever accepts from it. So the side
inside is handed this machine's, and hands out its own: no relay lies in a file system. The end of
the pair of sockets over which they are handed tells each side that the other has ended.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
_KIND_SECONDS = 3.0  # what a server has to end by itself
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h


@dataclass(frozen=True, slots=True)
class Order:
    """What to run; see above."""

    command: Sequence[str]
    files: dict[str, str]
    port: int = 0
    back: int | None = None

    def line(self) -> str:
        """As the line that `python -m tools.slack.namespace` reads."""
        return json.dumps(asdict(self)) + "\n"


def isolating() -> list[str]:
    """The words before a command that give it namespaces of its own.

    `unshare` (util-linux) takes its child along when it is killed, and the child is the first
    process of its namespace, whose end is the end of all others in it.
    """
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *as_root, "--net", "--pid", "--fork", "--kill-child"]


def outside(order: Order) -> int:
    """Serve until standard input ends or SIGTERM (0), or the server ends (its exit code).

    Raises OSError for a port in use.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket() as entrance:
        entrance.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        entrance.bind((LOOPBACK, order.port))
        entrance.listen()
        handed = (entrance.fileno(), theirs.fileno())
        child = subprocess.Popen(
            [*isolating(), sys.executable, "-m", __spec__.name, *map(str, handed)],
            pass_fds=handed,
            stdin=subprocess.PIPE,
            stdout=sys.stderr,
            text=True,
        )
        theirs.close()
        try:
            return _serve(order, child, ours, entrance)
        finally:
            ours.close()
            _wait_or_kill(child, _KIND_SECONDS + 2)


def _serve(
    order: Order, child: subprocess.Popen[str], ours: socket.socket, entrance: socket.socket
) -> int:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError), child.stdin as order_line:
        order_line.write(order.line())
    word, ways_back, _, _ = socket.recv_fds(ours, 8, 1)
    if not word:
        return child.wait()
    print(json.dumps({"port": entrance.getsockname()[1]}), flush=True)
    entrance.close()
    accepting = [socket.socket(fileno=each) for each in ways_back]
    by_itself = asyncio.run(_serve_outside(ours, accepting, order.back or 0))
    return child.wait() if by_itself else 0


async def _serve_outside(
    ours: socket.socket, accepting: Sequence[socket.socket], back: int
) -> bool:
    """Join what comes back until one side ends; whether it was the inside."""
    for each in accepting:
        await asyncio.start_server(_leads_to(back), sock=each)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    inside_ended = asyncio.ensure_future(_ended(ours.fileno()))
    await _first(told.wait(), _ended(sys.stdin.fileno()), inside_ended)
    return inside_ended.done()


def inside(order: Order, entrance: socket.socket, ours: socket.socket) -> int:
    """Inside the namespaces: loopback up, the way back handed out, the server's exit code."""
    _bring_loopback_up()
    with socket.socket() as way_back:
        if order.back is not None:
            way_back.bind((LOOPBACK, order.back))
            way_back.listen()
        socket.send_fds(ours, [b"ready"], [way_back.fileno()] if order.back is not None else [])
    port = entrance.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="slack-") as folder:
        for name, text in order.files.items():
            (Path(folder) / name).write_text(text)
        with subprocess.Popen(
            [
                each.replace("{port}", str(port)).replace("{folder}", folder)
                for each in order.command
            ],
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
            preexec_fn=partial(end_with_parent, signal.SIGKILL),
        ) as server:
            return asyncio.run(_serve_inside(entrance, ours, port, server))


async def _serve_inside(
    entrance: socket.socket, ours: socket.socket, port: int, server: subprocess.Popen[bytes]
) -> int:
    await asyncio.start_server(_leads_to(port), sock=entrance)
    await _first(_ended(ours.fileno()), asyncio.to_thread(server.wait))
    server.terminate()
    _wait_or_kill(server, _KIND_SECONDS)
    return server.returncode


def _leads_to(
    port: int,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """What to do with a connection: join it to one to that loopback port."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        for each in (writer, far_writer):
            each.close()

    return join


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and its end; a broken connection breaks the other too."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()


async def _ended(descriptor: int) -> None:
    """Return when what can be read there, a pipe or a socket, has ended."""
    ended = asyncio.Event()

    def look() -> None:
        if not os.read(descriptor, 4096):
            ended.set()

    asyncio.get_running_loop().add_reader(descriptor, look)
    await ended.wait()


async def _first(*several: Awaitable[Any]) -> None:
    """Return when the first of them does."""
    await asyncio.wait(
        [asyncio.ensure_future(each) for each in several], return_when=asyncio.FIRST_COMPLETED
    )


def _wait_or_kill(process: subprocess.Popen[Any], seconds: float) -> None:
    """Wait so long for what was told to end, then end it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_with_parent(number: signal.Signals) -> None:
    """In a child before its program begins: it gets that signal when its parent has ended."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _bring_loopback_up() -> None:
    """What `ip link set lo up` does; see netdevice(7)."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def main(descriptors: Sequence[int]) -> int:
    """Outside without descriptors; inside with those of the entrance and of the pair."""
    order = Order(**json.loads(sys.stdin.readline()))
    if descriptors:
        entrance, ours = (socket.socket(fileno=each) for each in descriptors)
        return inside(order, entrance, ours)
    try:
        return outside(order)
    except OSError as error:
        sys.exit(f"port {order.port}: {error}")


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]]))
