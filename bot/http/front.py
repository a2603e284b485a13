"""The ASGI application: which path answers what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.http.answers import refuse
from bot.http.door import Door
from bot.http.health import Health


def front(health: Health, door: Door | None = None) -> Starlette:
    """Answers /healthz and /readyz, and with a door also POST /slack/events; nothing else.

    Another path is answered 404, another method 405, both with an empty body.
    """
    routes = [
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
    ]
    if door is not None:
        routes.append(Route("/slack/events", door.answer, methods=["POST"]))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if door is not None:
            door.refusals.close()

    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_here}, lifespan=lifespan)
    app.router.redirect_slashes = False
    return app


async def _not_here(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return refuse(error.status_code, error.headers)
    raise error
