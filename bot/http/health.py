"""Whether this process is alive, and whether it can do its work."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from bot.http.answers import plain

#: Gives the reason why the work can't be done, in a sentence without secrets, or None.
Check = Callable[[], str | None]

_LONGEST = 200


class Health:
    """Answers /healthz and /readyz.

    `checks` are named; each runs in a thread of its own and counts as failed when it gives no
    answer in `patience`. One that still runs isn't started again, so a hanging one can't pile up.
    `remark` is what is said beside a yes: no reason to take requests elsewhere.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        *,
        remark: Check | None = None,
        patience: timedelta = timedelta(seconds=2),
    ) -> None:
        self._checks = dict(checks)
        self._remarks = {} if remark is None else {"also": remark}
        self._patience = patience.total_seconds()
        self._running: dict[str, Future[str | None]] = {}

    async def alive(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """200 as long as the event loop turns."""
        return plain(200, "alive\n")

    async def ready(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        """200, or 503 with one line for each check that failed."""
        found = await asyncio.gather(*(self._reason(name) for name in self._checks))
        reasons = [each for each in found if each]
        if reasons:
            return plain(503, "".join(f"{each}\n" for each in reasons))
        remarks = [await self._reason(name) for name in self._remarks]
        return plain(200, "".join(f"{each}\n" for each in ("ready", *remarks) if each))

    async def _reason(self, name: str) -> str | None:
        future = self._running.get(name)
        if future is None or future.done():
            future = self._running[name] = _started(name, (self._checks | self._remarks)[name])
        try:
            reason = await asyncio.wait_for(
                asyncio.shield(asyncio.wrap_future(future)), self._patience
            )
        except TimeoutError:
            reason = f"no answer within {self._patience:g} s"
        return f"{name}: {' '.join(reason.split())[:_LONGEST]}" if reason is not None else None


def _started(name: str, check: Check) -> Future[str | None]:
    """A check under way, in a thread that no one waits for when the process ends."""
    future: Future[str | None] = Future()

    def run() -> None:
        try:
            future.set_result(check())
        except Exception as error:  # noqa: BLE001 - a check that fails is a reason, never a yes
            future.set_result(f"could not be checked ({type(error).__name__})")

    threading.Thread(target=run, name=f"check {name}", daemon=True).start()
    return future
