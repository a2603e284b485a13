"""Runs an ASGI application in a thread of its own, until it is told to stop."""

import asyncio
import errno
import os
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bot.errors import LocksmithError
from bot.http.patience import waiting
from bot.http.sparse_log import SparseLog

LOOPBACK = "127.0.0.1"
_BACKLOG = 512
_LAST_PORT = 65_535
_TO_START = 10  # seconds
_HINTS = {
    errno.EADDRINUSE: "Another process listens there. Stop it, or choose another port.",
    errno.EACCES: "Ports below 1024 need rights. Choose a higher one.",
    errno.EADDRNOTAVAIL: "This machine doesn't have that address. Choose one of its own.",
}


class Server:
    """One listening address and what answers there.

    Binds loopback unless told; port 0 takes any free one. A connection must bring the whole head
    of a request within `patience`. Never logs what was asked.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        self._wanted = (host, port)
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app,
                http=waiting(patience),
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level="critical",  # it warns of whatever strangers send, as often as they do
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=_BACKLOG,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )
        self._bound: tuple[str, int] | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are listened at, once the server was started."""
        if self._bound is None:
            raise RuntimeError("the server was not started")
        return self._bound

    def start(self) -> None:
        """Listen, and return when requests are answered.

        Raises LocksmithError when the address can't be listened at. A server starts once.
        """
        listening = _listening(*self._wanted)
        self._bound = listening.getsockname()[:2]
        self._thread = threading.Thread(
            target=self._run, args=[listening], name="http", daemon=True
        )
        self._thread.start()
        if not self._uvicorn.serving.wait(_TO_START) or not self._uvicorn.started:
            raise LocksmithError("the HTTP server did not start", hint="This is a bug: report it.")

    def is_alive(self) -> bool:
        """Whether the server's thread still runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, within: timedelta) -> bool:
        """Take no more requests, and finish those that run; whether all did, in that time."""
        if self._thread is None:
            return True
        self._uvicorn.should_exit = True
        self._thread.join(within.total_seconds())
        in_time = not self._thread.is_alive()
        self._uvicorn.force_exit = True
        return in_time

    def _run(self, listening: socket.socket) -> None:
        try:
            with listening, suppress(SystemExit):  # how uvicorn says that it could not start
                self._uvicorn.run(sockets=[listening])
        finally:
            self._uvicorn.serving.set()


class _Uvicorn(uvicorn.Server):
    """Tells when it serves, and keeps what breaks in a connection out of the log."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()
        self._broken = SparseLog()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._connection_broke)
        await super().startup(sockets)
        self.serving.set()

    def _connection_broke(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Instead of a traceback with what a stranger sent in it."""
        self._broken.note(f"A connection failed: {type(context.get('exception')).__name__}.")


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise _cannot_listen(host, port, "there is no such port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        number = error.errno or 0
        if number < 0:  # the resolver's numbers, gaierror's or not: they lie below errno's
            raise _cannot_listen(host, port, "there is no such host") from error
        raise _cannot_listen(host, port, os.strerror(number), number) from error


def _cannot_listen(host: str, port: int, cause: str, number: int = 0) -> LocksmithError:
    hint = _HINTS.get(number, "Choose another address or port.")
    return LocksmithError(f"can't listen at {host} port {port}: {cause}", hint=hint)
