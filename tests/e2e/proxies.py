"""Stands between a command and the cloud, and spoils answers on their way."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: Takes the request's body and the answer's body, and gives the answer's body to send.
Spoil = Callable[[bytes, bytes], bytes]


@contextmanager
def spoiling(endpoint: str, spoil: Spoil) -> Iterator[str]:
    """An endpoint that answers what `endpoint` answers, spoiled."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"] or 0))
            behind = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
            try:
                behind.request("POST", self.path, asked, dict(self.headers))
                answer = behind.getresponse()
                body = spoil(asked, answer.read())
            finally:
                behind.close()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
