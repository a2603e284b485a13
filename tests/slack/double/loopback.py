"""The HTTP server that the double answers on: real sockets, 127.0.0.1, a port of its own."""

import json
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.slack.double.web_api import Reply


class Answers(Protocol):
    """What stands behind the server."""

    def api(self, method: str, args: dict[str, Any], bearer: str | None) -> Reply:
        """Answer a Web API call."""

    def response_url(self, path: str, body: dict[str, Any]) -> Reply:
        """Answer a POST to a response_url."""

    def link(self, path: str, headers: list[tuple[str, str]], sock: Any) -> bool:
        """Run a WebSocket to its end; False if it has no right to be."""

    def hang_up(self) -> None:
        """End everything that waits: sockets, delayed answers."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    request_queue_size = 128
    daemon_threads = False

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, asks what stands behind, writes the answer; or ends the connection."""

    timeout = 10
    answers: Answers
    is_up: threading.Event

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() != "websocket":
            self._api({})
        elif not self.answers.link(self.path, list(self.headers.items()), self.connection):
            self._send(Reply(403, {"ok": False, "error": "invalid_ticket"}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Content-Type", "").startswith("application/json"):
            given = json.loads(body or "{}")
        else:
            given = dict(parse_qsl(body, keep_blank_values=True))
        if self.path.startswith("/actions/"):
            self._send(self.answers.response_url(self.path, given))
        else:
            self._api(given)

    def _api(self, given: dict[str, Any]) -> None:
        url = urlsplit(self.path)
        given = dict(parse_qsl(url.query, keep_blank_values=True)) | given
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
        self._send(self.answers.api(url.path.removeprefix("/api/"), given, bearer))

    def _send(self, reply: Reply) -> None:
        if reply.body is None or not self.is_up.is_set():
            return  # the connection just ends
        body = json.dumps(reply.body).encode()
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # the caller gave up waiting

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Loopback:
    """Starts, stops and restarts the server on the port it got first."""

    answers: Answers
    port: int = 0
    _server: _Server | None = None
    _thread: threading.Thread | None = None
    _is_up: threading.Event = field(default_factory=threading.Event)

    def up(self) -> None:
        """Answer from now on."""
        if self._server is None:
            self._hold()
        assert self._server is not None
        self._server.server_activate()
        self._is_up.set()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def down(self) -> None:
        """Refuse connections, and end those that wait for an answer without one."""
        self.stop()
        self._hold()

    def stop(self) -> None:
        """Refuse connections, wait for the threads, and give the port back."""
        self._is_up.clear()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self.answers.hang_up()
        if self._server is not None:
            self._server.server_close()
        self._server = self._thread = None

    def _hold(self) -> None:
        """Take the port without listening: whoever connects is refused, and nobody else gets it."""
        handler = type("Handler", (_Handler,), {"answers": self.answers, "is_up": self._is_up})
        self._server = _Server(("127.0.0.1", self.port), handler, bind_and_activate=False)
        self._server.server_bind()
        self.port = self._server.server_port
