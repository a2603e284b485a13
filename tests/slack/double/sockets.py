"""Socket Mode: the app's WebSocket connections. Each envelope goes to exactly one of them."""

import json
import secrets
import socket
import threading
from collections.abc import Callable
from typing import Any

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

MOST_SOCKETS = 10


class Connection:
    """One WebSocket, whose protocol is driven by hand so that it can fall silent."""

    def __init__(self, sock: socket.socket, request: Request, ping_every: float) -> None:
        self._sock = sock
        # Open from its beginning: made otherwise, it would wait for the request to come in.
        self._protocol = ServerProtocol(state=State.OPEN)
        self._writing = threading.Lock()
        self._gone = threading.Event()
        self._sock.settimeout(ping_every)
        self.frozen = False
        shaking_hands = ServerProtocol()
        shaking_hands.send_response(shaking_hands.accept(request))
        self._sock.sendall(b"".join(shaking_hands.data_to_send()))

    @property
    def is_open(self) -> bool:
        """Whether Slack believes that somebody listens."""
        return not self._gone.is_set() and self._protocol.state is State.OPEN

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; a frozen connection swallows it."""
        with self._writing:
            if self.is_open and not self.frozen:
                self._protocol.send_text(json.dumps(message).encode())
                self._flush()

    def close(self, code: int = 1000) -> None:
        """Say goodbye as the protocol wants it."""
        with self._writing:
            if self.is_open:
                self._protocol.send_close(code)
                self._flush()

    def kill(self) -> None:
        """End the TCP connection without a word."""
        self._gone.set()
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other end was quicker

    def run(self, heard: Callable[[str], None]) -> None:
        """Read until the connection ends; `heard` gets each text."""
        try:
            while not self._gone.is_set():
                if self.frozen:
                    self._gone.wait(0.02)
                elif not self._read(heard):
                    break
        except OSError:
            return  # the other end broke it off
        finally:
            self._gone.set()

    def _read(self, heard: Callable[[str], None]) -> bool:
        try:
            data = self._sock.recv(65_536)
        except TimeoutError:
            self._ping()
            return True
        if not data or self.frozen:
            return bool(data)
        with self._writing:
            self._protocol.receive_data(data)
            self._flush()
            frames = self._protocol.events_received()
        for frame in frames:
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT:
                heard(bytes(frame.data).decode())
        return self._protocol.state is State.OPEN

    def _ping(self) -> None:
        with self._writing:
            if self.is_open:
                self._protocol.send_ping(b"Ping from the double")
                self._flush()

    def _flush(self) -> None:
        """Put on the wire what the protocol wants said."""
        for data in self._protocol.data_to_send():
            if data:
                self._sock.sendall(data)
            else:
                self._sock.shutdown(socket.SHUT_WR)


class Sockets:
    """The connections of one app.

    `ping_every` (seconds of silence) is far shorter than Slack's: slack_sdk's client can only be
    closed between two things that it hears.
    """

    def __init__(self, app_id: str, heard: Callable[[dict[str, Any]], None]) -> None:
        self.ping_every = 0.05
        self._app_id = app_id
        self._heard = heard
        self._tickets: set[str] = set()
        self._open: list[Connection] = []
        self._changed = threading.Condition()
        self._turn = 0
        self._shut = False

    def ticket(self) -> str:
        """The path of a new connection: it works once."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"/link/?ticket={ticket}&app_id={self._app_id}"

    def serve(self, path: str, headers: list[tuple[str, str]], sock: socket.socket) -> bool:
        """Run one connection to its end; False if its ticket isn't worth anything."""
        ticket = path.partition("ticket=")[2].partition("&")[0]
        if ticket not in self._tickets:
            return False
        self._tickets.discard(ticket)
        connection = Connection(sock, Request(path, Headers(headers)), self.ping_every)
        with self._changed:
            crowded = len(self.connected()) >= MOST_SOCKETS
        if crowded:
            connection.send({"type": "disconnect", "reason": "too_many_websockets"})
            connection.close()
            return True
        connection.send(self._hello())
        with self._changed:
            self._open.append(connection)
            self._changed.notify_all()
            if self._shut:
                connection.kill()
        connection.run(lambda text: self._heard(json.loads(text)))
        with self._changed:
            self._open.remove(connection)
            self._changed.notify_all()
        return True

    def connected(self) -> list[Connection]:
        """The connections that Slack believes in, frozen ones too, oldest first."""
        with self._changed:
            return [connection for connection in self._open if connection.is_open]

    def wait_for(self, count: int = 1, timeout: float = 5) -> None:
        """Return once exactly `count` connections are there; `AssertionError` after `timeout`."""
        with self._changed:
            there = self._changed.wait_for(lambda: len(self.connected()) == count, timeout)
        assert there, f"{len(self.connected())} sockets instead of {count} after {timeout} s"

    def send(self, envelope: dict[str, Any]) -> bool:
        """Give an envelope to one connection, each in its turn; False if there is none."""
        with self._changed:
            connections = self.connected()
            self._turn += 1
        if not connections:
            return False
        try:
            connections[self._turn % len(connections)].send(envelope)
        except OSError:
            return False
        return True

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to go and come back, as Slack does every few hours."""
        for connection in self.connected():
            connection.send({"type": "disconnect", "reason": reason, "debug_info": _DEBUG})

    def kill(self) -> None:
        """Break every connection off without a word."""
        for connection in self.connected():
            connection.kill()

    def shut(self) -> None:
        """Break every connection off, and each new one at once."""
        with self._changed:
            self._shut = True
            self.kill()

    def reopen(self) -> None:
        """Take connections again."""
        self._shut = False

    def freeze(self) -> None:
        """Let every connection fall silent: open, but deaf, and no ping is answered."""
        for connection in self.connected():
            connection.frozen = True

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello", "num_connections": len(self.connected()) + 1, "debug_info": _DEBUG,
            "connection_info": {"app_id": self._app_id},
        }  # fmt: skip


_DEBUG = {"host": "applink-double", "build_number": 1, "approximate_connection_time": 18_060}
