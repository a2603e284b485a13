"""Where Slack's requests come in: admitted, then handled once, off the event loop."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePath
from traceback import walk_tb

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.http.admission import Admission, SlackRequest, UnwelcomeError, too_long
from bot.http.answers import Answer, refuse, respond
from bot.http.sparse_log import SparseLog

#: Takes headers (lower-case names) and body of a request of Slack's; runs in a thread.
Dispatch = Callable[[Mapping[str, str], str], Answer]
#: Takes a request's key; True the first time it is seen, False ever after; runs in a thread.
AdmitOnce = Callable[[str], bool]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets Slack's requests in, each of them once.

    A replay of the same signed bytes is answered 200 and empty: whoever repeats honestly is
    content, and nothing happens twice. When the memory of requests can't be asked, the answer is
    503: Slack tries again, and nothing was done. A body must be whole within `patience`.
    """

    admission: Admission
    admit_once: AdmitOnce
    dispatch: Dispatch
    patience: timedelta = timedelta(seconds=5)
    refusals: SparseLog = field(default_factory=SparseLog)

    async def answer(self, request: Request) -> Response:
        """Answer one request; hostile ones get 400, 401, 408 or 413 and an empty body."""
        try:
            claim = self.admission.claim(request.headers.raw)
            admitted = self.admission.admit(claim, await self._body(request))
        except UnwelcomeError as error:
            self.refusals.note(f"Refused a request with {error.status}: {error.why}.")
            return refuse(error.status)
        answer = await run_in_threadpool(self._handle, admitted)
        return respond(answer.status, answer.body, answer.headers)

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > self.admission.body_limit:
                        raise too_long()
        except TimeoutError:
            raise UnwelcomeError(408, "the body came too slowly") from None
        except ClientDisconnect:
            raise UnwelcomeError(400, "the body was broken off") from None
        return bytes(body)

    def _handle(self, request: SlackRequest) -> Answer:
        try:
            if not self.admit_once(request.key):
                return Answer(200)
        except Exception as error:  # noqa: BLE001 - an error is never a yes; Slack asks again
            _log.error("Can't tell whether a request is new: %s", _where(error))
            return Answer(503)
        try:
            return self.dispatch(request.headers, request.body)
        except Exception as error:  # noqa: BLE001 - its message may hold the body; Slack gets 500
            _log.error("A request of Slack's failed: %s", _where(error))
            return Answer(500)


def _where(error: Exception) -> str:
    """An error's kind and place, without its message, which may quote what people wrote."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{type(error).__name__} at {PurePath(frame.f_code.co_filename).name}:{line}"
