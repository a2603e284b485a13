"""Closes connections that take too long to say what they want."""

import asyncio
from datetime import timedelta

from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits so long for the whole head of a request; uvicorn itself waits for ever.

    The time begins with a new connection, and anew with the first bytes after an answer.
    """

    patience: timedelta
    _running_out: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():
            self._expect_nothing()
        elif self._running_out is None:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        self._running_out = self.loop.call_later(
            self.patience.total_seconds(), self.transport.close
        )

    def _expect_nothing(self) -> None:
        if self._running_out is not None:
            self._running_out.cancel()
        self._running_out = None


def waiting(patience: timedelta) -> type[PatientProtocol]:
    """The protocol with this much patience, as uvicorn takes one: a class."""
    return type("Patient", (PatientProtocol,), {"patience": patience})
