"""How a payload reaches the app, over a socket or signed over HTTP, and what came back."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Ack:
    """One answer to one delivery; `latency` in seconds since it was last sent."""

    at: datetime
    envelope_id: str
    latency: float
    body: dict[str, Any] | None


@dataclass(slots=True)
class Delivery:
    """A payload on its way to the app. `kind` is the type of its envelope."""

    kind: str
    payload: dict[str, Any]
    envelope_id: str
    #: Seconds within which Slack wants the answer.
    patience: float
    sent_at: float = 0
    acks: list[Ack] = field(default_factory=list)
    #: The HTTP status, and the exact bytes and headers that were posted; in HTTP mode.
    status: int | None = None
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: Why it failed, if it did: what the person would be told.
    problem: str | None = None
    #: How often it was sent again.
    repeats: int = 0
    _done: threading.Event = field(default_factory=threading.Event)

    @property
    def latency(self) -> float | None:
        """Seconds until the first answer."""
        return self.acks[0].latency if self.acks else None

    @property
    def body(self) -> dict[str, Any] | None:
        """What the first answer carried: None for a bare acknowledgement."""
        return self.acks[0].body if self.acks else None

    @property
    def ok(self) -> bool:
        """Whether it was answered well and in time."""
        return self.latency is not None and self.latency <= self.patience and self.problem is None

    def wait(self) -> "Delivery":
        """Wait until it is answered or Slack's patience is at an end."""
        if not self._done.wait(self.patience) and self.problem is None:
            self.problem = "operation_timeout"
        return self

    def again(self) -> None:
        """Make it ready to be sent once more."""
        self.repeats += 1
        self.problem = None
        self._done.clear()

    def finish(self) -> None:
        """Let whoever waits go on."""
        self._done.set()

    def envelope(self) -> dict[str, Any]:
        """How a socket carries it."""
        carried: dict[str, Any] = {
            "envelope_id": self.envelope_id, "type": self.kind, "payload": self.payload,
            "accepts_response_payload": self.kind != "events_api",
        }  # fmt: skip
        if self.kind == "events_api":
            carried |= {
                "retry_attempt": self.repeats,
                "retry_reason": "timeout" if self.repeats else "",
            }
        return carried


def form(delivery: Delivery) -> tuple[bytes, str]:
    """The body of the HTTP request for it, and its content type."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    fields = delivery.payload
    if delivery.kind == "interactive":
        fields = {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers of Slack's signature (v0), made at `at` (Unix seconds; now, by default).

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


def post(
    url: str, body: bytes, headers: dict[str, str], timeout: float
) -> tuple[int, dict[str, Any] | None]:
    """POST to the app: the status, and the body as JSON (plain text as `{"text": …}`)."""
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=timeout)
    try:
        connection.request("POST", to.path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if not text:
        return answer.status, None
    if "json" in answer.headers.get("Content-Type", ""):
        return answer.status, json.loads(text)
    return answer.status, {"text": text}


@dataclass(slots=True)
class Post:
    """Delivers over HTTP: `url` is the app's request URL."""

    url: str
    secret: str
    clock: Callable[[], datetime]

    def send(self, delivery: Delivery) -> None:
        """Sign and post it. A delivery that was sent before goes out again byte for byte."""
        if not delivery.raw:
            delivery.raw, kind = form(delivery)
            now = self.clock().timestamp()
            delivery.headers = {"Content-Type": kind, **signed(self.secret, delivery.raw, now)}
        headers = delivery.headers
        if delivery.kind == "events_api" and delivery.repeats:
            headers = headers | {"X-Slack-Retry-Num": str(delivery.repeats)}
        delivery.sent_at = time.monotonic()
        try:
            delivery.status, body = post(self.url, delivery.raw, headers, delivery.patience)
        except TimeoutError:
            delivery.problem = "operation_timeout"
        except (OSError, http.client.HTTPException) as error:
            delivery.problem = f"cannot_connect: {type(error).__name__}"
        else:
            self._answered(delivery, delivery.status, body)

    def _answered(self, delivery: Delivery, status: int, body: dict[str, Any] | None) -> None:
        if status != 200:
            delivery.problem = f"http_{status}"
            return
        latency = time.monotonic() - delivery.sent_at
        delivery.acks.append(Ack(self.clock(), delivery.envelope_id, latency, body))
