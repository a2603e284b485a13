"""`locksmith serve` from its start to its end: the ways in, the clock, and a clean stop."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import SlackSettings
from bot.errors import ConfigError, UnfinishedError
from bot.http.front import front
from bot.http.health import Check, Health
from bot.http.server import Server
from bot.scheduler import Scheduler
from bot.serving import Desk
from bot.slack.connection import Connection
from bot.slack.heartbeat import Heartbeat

_log = logging.getLogger(__name__)
TICK = timedelta(seconds=2)
_LOOK = 0.2  # seconds between two looks whether a signal came


class Pulse(Protocol):
    """Tells how long Slack has been silent."""

    def seconds_silent(self) -> float:
        """Seconds since Slack's last sign of life."""


@dataclass
class Running:
    """A desk with its ways in, once: `run` returns when it was told to stop, by `stop` or by Slack.

    Slack's requests come over a socket of ours or to a server of ours, by `settings.mode`.
    """

    desk: Desk
    settings: SlackSettings
    clock: Callable[[], datetime]
    told_to_stop: bool = False
    address: tuple[str, int] | None = None
    _closing: list[Callable[[timedelta], bool]] = field(default_factory=list)

    def stop(self) -> None:
        """End soon. Only sets a flag, so that a signal's handler may call it at any moment."""
        self.told_to_stop = True

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until told to stop; `ready` is given a line once everything works.

        Raises SlackFatalError where Slack let us in no more, and LocksmithError where something
        broke down; UnfinishedError where something wasn't done within `stop_seconds`.
        """
        scheduler = Scheduler(self.desk.ticker().tick, TICK, self.clock)
        self._say_next_times()
        with ExitStack() as on_failure:
            on_failure.callback(self._end, scheduler)
            self.desk.start()
            self._open(scheduler)
            scheduler.start()
            ready(self._where())
            while not self.told_to_stop and not self.desk.stop.wait(_LOOK):
                pass
            on_failure.pop_all()
        in_time = self._end(scheduler)
        if self.desk.fatal is not None:
            raise self.desk.fatal
        if not in_time:
            raise UnfinishedError(
                f"not everything was finished within {self.settings.stop_seconds:g} s",
                hint="The next start looks in AWS how far it came, and settles it.",
            )

    def _say_next_times(self) -> None:
        for account_id, at in self.desk.rounds.next_times().items():
            _log.info("Account %s is looked at next at %s UTC.", account_id, f"{at:%Y-%m-%d %H:%M}")
        for what, at in self.desk.falling_due.next_times().items():
            _log.info("Next %s: %s UTC.", what, f"{at:%Y-%m-%d %H:%M}")

    def _open(self, scheduler: Scheduler) -> None:
        checks = {**self.desk.checks(), "scheduler": scheduler.problem}
        if self.settings.mode == "http":
            self._open_door(checks)
        else:
            self._connect(checks)

    def _open_door(self, checks: dict[str, Check]) -> None:
        client = self.desk.parts.clients.hasty
        beat = Heartbeat(
            client, on_fatal=self.desk.give_up, interval=self.settings.silence_seconds / 3
        )
        self.desk.silent = self._heard(beat)
        health = Health({**checks, "slack": self.desk.silent}, remark=self.desk.watching.remark)
        door = self.desk.door((self.settings.signing_secret or "").strip())
        host, port = address_of(self.settings.listen)
        server = Server(front(health, door), host=host, port=port)
        server.start()
        self._closing.append(server.stop)
        self.address = server.address

    def _connect(self, checks: dict[str, Check]) -> None:
        client = self.desk.parts.clients.sockets
        if client is None:
            raise ConfigError("slack.app_token is missing", hint="Mode socket needs it.")
        connection = Connection(
            self.desk.app, client, once=self.desk.once, on_fatal=self.desk.give_up
        )
        self.desk.silent = self._heard(connection)
        if self.settings.health is not None:
            host, port = address_of(self.settings.health)
            health = Health({**checks, "slack": self.desk.silent}, remark=self.desk.watching.remark)
            server = Server(front(health), host=host, port=port)
            server.start()
            self._closing.append(server.stop)
            self.address = server.address
        connection.connect()
        self._closing.append(lambda _within: connection.close() or True)  # type: ignore[func-returns-value]

    def _heard(self, pulse: Pulse) -> Check:
        def silent() -> str | None:
            seconds, most = pulse.seconds_silent(), self.settings.silence_seconds
            if seconds <= most:
                return None
            return f"Slack has been silent for more than {most:g} s"

        return silent

    def _where(self) -> str:
        if self.address is None:
            return "connected to Slack by Socket Mode"
        host, port = self.address
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if self.settings.mode == "http":
            return f"waiting for Slack's requests at http://{shown}/slack/events"
        return f"connected to Slack by Socket Mode; health at http://{shown}/readyz"

    def _end(self, scheduler: Scheduler) -> bool:
        """Take no more work, then finish what runs; whether all of it was done in time."""
        until = time.monotonic() + self.settings.stop_seconds

        def left() -> timedelta:
            return timedelta(seconds=max(0.0, until - time.monotonic()))

        closed = [close(left()) for close in reversed(self._closing)]
        stopped = scheduler.stop(left())
        ended = self.desk.end(left())
        return all((*closed, stopped, ended))


def address_of(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:3000` or `[::1]:3000`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


@contextmanager
def stopped_by_signals(stop: Callable[[], None], say: Callable[[str], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C call `stop`; a second one ends the process where it stands.

    That loses nothing: transactions are whole or not there, and what was sent to AWS was written
    down before.
    """
    heard = False

    def handle(number: int, _frame: object) -> None:
        nonlocal heard
        if heard:
            os._exit(128 + number)
        heard = True
        stop()
        say("Stopping: what runs is finished first. Once more ends it at once.")

    before = {each: signal.signal(each, handle) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, former in before.items():
            signal.signal(each, former)
