"""What goes back over HTTP: short, never stored, and silent about what answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request of Slack's is answered: the headers' names are as they are sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def respond(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A response with the headers that every one of ours has."""
    return Response(body, status, {**_ALWAYS, **(headers or {})})


def refuse(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An empty response, after which the connection is closed."""
    return respond(status, headers={"Connection": "close", **(headers or {})})


def plain(status: int, text: str) -> Response:
    """A response in plain text."""
    return respond(status, text, {"Content-Type": "text/plain; charset=utf-8"})
