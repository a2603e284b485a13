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
inside is handed this machine's, and hands out its own: no relay lies in a file system.
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
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
_INSIDE = "inside"
_KIND_SECONDS = 3.0  # what a server has to end by itself
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h


@dataclass(frozen=True)
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


def outside(order: Order) -> None:
    """Serve until standard input ends or the server does. Raises OSError for a port in use."""
    with contextlib.ExitStack() as stack:
        entrance = stack.enter_context(socket.socket())
        entrance.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        entrance.bind((LOOPBACK, order.port))
        entrance.listen()
        port = entrance.getsockname()[1]
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="slack-"))
        for name, text in order.files.items():
            (Path(folder) / name).write_text(text)
        command = [each.format(port=port, folder=folder) for each in order.command]
        ours, theirs = stack.enter_context(_pair())
        handed = (entrance.fileno(), theirs.fileno())
        inside = [sys.executable, "-m", __spec__.name, _INSIDE, *map(str, handed)]
        child = subprocess.Popen(
            [*isolating(), *inside, str(port), str(order.back or 0), folder, *command],
            pass_fds=handed,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        stack.callback(_end, child, ours)
        theirs.close()
        entrance.close()
        word, exits, _, _ = socket.recv_fds(ours, 8, 1)
        if not word:
            sys.exit(child.wait())
        print(json.dumps({"port": port}), flush=True)
        asyncio.run(_outside(ours, [socket.socket(fileno=each) for each in exits], order.back))


def inside(
    entrance: socket.socket,
    ours: socket.socket,
    port: int,
    back: int,
    folder: str,
    command: Sequence[str],
) -> int:
    """Inside the namespace: loopback up, the way back handed out, the server started."""
    _bring_loopback_up()
    with socket.socket() as out:
        if back:
            out.bind((LOOPBACK, back))
            out.listen()
        socket.send_fds(ours, [b"ready"], [out.fileno()] if back else [])
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, "TMPDIR": folder}, preexec_fn=_die_with_parent
    ) as server:
        return asyncio.run(_inside(entrance, ours, port, server))


async def _outside(ours: socket.socket, exits: Sequence[socket.socket], back: int | None) -> None:
    for each in exits:
        await asyncio.start_server(_leads_to(back or 0), sock=each)
    await _first(_ended(sys.stdin.fileno()), _ended(ours.fileno()))


async def _inside(
    entrance: socket.socket, ours: socket.socket, port: int, server: subprocess.Popen[bytes]
) -> int:
    await asyncio.start_server(_leads_to(port), sock=entrance)
    gone = asyncio.to_thread(server.wait)
    await _first(_ended(ours.fileno()), gone)
    server.terminate()
    try:
        return server.wait(_KIND_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


def _leads_to(port: int) -> Any:
    """What to do with a connection: join it to one to that loopback port."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        for each in (writer, far_writer):
            each.transport.abort()

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
    """Return when what can be read there has ended."""
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def look() -> None:
        if not os.read(descriptor, 4096) and not ended.done():
            ended.set_result(None)

    loop.add_reader(descriptor, look)
    await ended


async def _first(*several: Coroutine[Any, Any, Any]) -> None:
    """Return when the first of them does."""
    tasks = [asyncio.ensure_future(each) for each in several]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


@contextlib.contextmanager
def _pair() -> Any:
    first, second = socket.socketpair()
    with first, second:
        yield first, second


def _end(child: subprocess.Popen[bytes], ours: socket.socket) -> None:
    """Let it end by itself for a while: it sees that our end of the pair is closed."""
    ours.close()
    try:
        child.wait(_KIND_SECONDS + 1)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _bring_loopback_up() -> None:
    """What `ip link set lo up` does; see netdevice(7)."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


if __name__ == "__main__":
    if sys.argv[1:2] == [_INSIDE]:
        _descriptors = [socket.socket(fileno=int(each)) for each in sys.argv[2:4]]
        _port, _back = map(int, sys.argv[4:6])
        sys.exit(inside(*_descriptors, _port, _back, sys.argv[6], sys.argv[7:]))
    _order = Order(**json.loads(sys.stdin.readline()))
    try:
        outside(_order)
    except OSError as error:
        sys.exit(f"port {_order.port}: {error}")
