"""Signs as Slack does, and asks an ASGI application without a socket."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message

from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.front import front
from bot.http.health import Health
from tests.conftest import NOON

SECRET = "0123456789abcdef" * 2
STAMP = str(int(NOON.timestamp()))
FORM = "application/x-www-form-urlencoded"

Headers = list[tuple[bytes, bytes]]


def signature(body: bytes, stamp: str = STAMP, secret: str = SECRET) -> str:
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={made.hexdigest()}"


def signed(body: bytes, stamp: str = STAMP, form: str = FORM) -> Headers:
    """The headers of a good request."""
    return [
        (b"content-type", form.encode()),
        (b"x-slack-request-timestamp", stamp.encode()),
        (b"x-slack-signature", signature(body, stamp).encode()),
    ]


def swapped(headers: Headers, name: str, *values: bytes) -> Headers:
    """The headers with other values for one of them: none, one or several."""
    kept = [each for each in headers if each[0] != name.encode()]
    return kept + [(name.encode(), value) for value in values]


@dataclass(slots=True)
class FakeSlackApp:
    """Remembers what was handed to it, and admits each key once."""

    answer: Answer = field(default_factory=lambda: Answer(200, {"Content-Type": "a/b"}, "done"))
    seen: list[tuple[dict[str, str], str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def admit_once(self, key: str) -> bool:
        new = key not in self.keys
        self.keys.add(key)
        return new

    def dispatch(self, headers: Mapping[str, str], body: str) -> Answer:
        self.seen.append((dict(headers), body))
        return self.answer

    def door(self) -> Door:
        return Door(Admission(SECRET, lambda: NOON), self.admit_once, self.dispatch)

    def front(self) -> ASGIApp:
        return front(Health({}), self.door())


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it went out."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    app: ASGIApp,
    body: bytes | Sequence[bytes] = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    *,
    method: str = "POST",
    path: str = "/slack/events",
) -> Seen:
    """What the application answers; a body may come in several pieces."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 3000),
    }
    await app(scope, receive, send)
    start, *rest = sent
    return Seen(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(each.get("body", b"") for each in rest),
    )
