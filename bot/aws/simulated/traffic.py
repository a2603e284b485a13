"""Stands before moto's server: counts and keeps calls, waits, and makes the ordered troubles."""

from __future__ import annotations

import io
import json
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends

from bot.aws.simulated.call_log import CallLog, LoggedCall, read_request
from bot.aws.simulated.faults import Fault, FaultPlan, error_status

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/")


class Traffic:
    """A WSGI application around moto's.

    `latency` is slept before every API call, in seconds. A request signed with a key that no
    account knows belongs to `account_id`.
    """

    def __init__(self, inner: Application, *, account_id: str, latency: float = 0.0) -> None:
        self._inner = inner
        self._account_id = account_id
        self.latency = latency
        self.calls = CallLog()
        self.faults = FaultPlan()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if found is None:
            return self._inner(environ, start_response)
        if not _known_key(found["key"]):
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._account_id
        request = read_request(
            found["service"],
            environ.get("HTTP_X_AMZ_TARGET", ""),
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            _body(environ),
        )
        entry = self.calls.record(request, datetime.now(UTC))
        if self.latency > 0:
            time.sleep(self.latency)
        fault = self.faults.next_for(request.service, request.operation)
        if fault is None:
            return self._answer(environ, start_response, entry)
        return self._with_fault(fault, environ, start_response, entry)

    def _with_fault(
        self, fault: Fault, environ: Environ, start_response: StartResponse, entry: LoggedCall
    ) -> Iterable[bytes]:
        if fault.kind == "drop_before":
            entry.outcome = "dropped before"
            raise _close(environ)
        if fault.kind == "drop_after":
            for _ in self._answer(environ, lambda *_: None, entry):
                pass
            entry.outcome = "dropped after"
            raise _close(environ)
        if fault.kind == "delay":
            time.sleep(fault.seconds)
            return self._answer(environ, start_response, entry)
        throttled = fault.kind == "throttle"
        entry.outcome = "throttled" if throttled else "refused"
        code = "Throttling" if throttled else fault.code
        message = fault.message or f"{code} was ordered for {entry.operation}"
        if throttled:
            message = "Rate exceeded"
        return _refuse(environ, start_response, entry, code, message)

    def _answer(
        self, environ: Environ, start_response: StartResponse, entry: LoggedCall
    ) -> Iterable[bytes]:
        """moto's own answer, noted in the log."""

        def noting(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            entry.status = int(status.split()[0])
            entry.applied = entry.status < 400
            entry.request_id = next(
                (value for name, value in headers if name.lower() == "x-amzn-requestid"), None
            )
            return start_response(status, headers, *rest)

        return self._inner(environ, noting)


def _refuse(
    environ: Environ, start_response: StartResponse, entry: LoggedCall, code: str, message: str
) -> Iterable[bytes]:
    """An error in the protocol of the request, JSON or query XML, which EC2 has of its own."""
    request_id = str(uuid.uuid4())
    status = error_status(code)
    entry.status, entry.request_id = status, request_id
    if environ.get("HTTP_X_AMZ_TARGET"):
        wire_code = "ThrottlingException" if code == "Throttling" else code
        content_type = "application/x-amz-json-1.1"
        body = json.dumps({"__type": wire_code, "message": message}).encode()
    else:
        content_type = "text/xml"
        side = "Receiver" if status >= 500 else "Sender"
        said = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        body = (
            f"<ErrorResponse><Error><Type>{side}</Type>{said}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            if entry.service != "ec2"
            else f"<Response><Errors><Error>{said}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        ).encode()
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
    ]
    start_response(f"{status} {code}", headers)
    return [body]


def _close(environ: Environ) -> ConnectionError:
    """Cut the client off; werkzeug takes a ConnectionError as the client's leaving."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return ConnectionError("the connection was cut on order")


def _body(environ: Environ) -> bytes:
    """The request's body, put back for moto to read again."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _known_key(access_key_id: str) -> bool:
    return any(
        access_key_id in backend.access_keys
        for account in list(iam_backends.values())
        for backend in list(account.values())
    )
