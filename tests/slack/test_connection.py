"""The socket to Slack comes back by itself, and tells when it never will."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.config.slack import SlackSettings
from bot.errors import SlackError, SlackFatalError, StoreError
from bot.slack.clients import SILENT, make_clients
from bot.slack.connection import Connection
from tests.slack.double import Delivery, SlackDouble, User


@dataclass
class Line:
    """A connection of a tiny app that answers every click on `press`."""

    double: SlackDouble
    ping: float = 0.1
    patience: float = 0.5
    connection: Connection = field(init=False)
    fatal: list[SlackFatalError] = field(default_factory=list)
    presses: int = 0
    broken: bool = False
    seen: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        settings = SlackSettings(
            bot_token=self.double.bot_token,
            app_token=self.double.app_token,
            base_url=self.double.base_url,
        )
        clients = make_clients(settings)
        workspace = self.double.workspace

        def authorize(**_: object) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id=workspace.team_id, bot_token=self.double.bot_token,
                bot_id=workspace.bot_id, bot_user_id=workspace.bot_user,
            )  # fmt: skip

        app = App(
            authorize=authorize, client=clients.background, signing_secret="0" * 32, logger=SILENT
        )

        @app.action("press")
        def press(ack: Callable[[], None]) -> None:
            ack()
            self.presses += 1

        @app.action("slow")
        def slow(ack: Callable[[], None]) -> None:
            self.begun.set()
            time.sleep(0.3)
            ack()

        @app.action("stumble")
        def stumble(ack: Callable[[], None]) -> None:
            raise KeyError("what alice wrote")

        assert clients.sockets is not None
        self.connection = Connection(
            app,
            clients.sockets,
            once=self.is_new,
            on_fatal=self.over,
            ping=self.ping,
            patience=self.patience,
            tick=0.02,
            pause=0.1,
        )

    def is_new(self, key: str) -> bool:
        if self.broken:
            raise StoreError("the database is locked")
        new = key not in self.seen
        self.seen.add(key)
        return new

    def over(self, error: SlackFatalError) -> None:
        self.fatal.append(error)
        self.ended.set()

    def click(self, ann: User, button: str = "press") -> bool:
        """Whether a click on a new message is acknowledged."""
        return self.clicked(ann, button).ok

    def clicked(self, ann: User, button: str = "press") -> Delivery:
        """A click on a new message."""
        element = {
            "type": "button", "action_id": button, "text": {"type": "plain_text", "text": "x"},
        }  # fmt: skip
        with self.double.workspace.lock:
            dm = self.double.workspace.dm(ann.id)
            message = self.double.workspace.post(
                dm, "x", [{"type": "actions", "elements": [element]}]
            )
        return self.double.click(ann, dm, message.ts, button)


def until(there: Callable[[], bool], seconds: float = 10) -> float:
    """Wait until it is so, at most so long; how long it took."""
    started = time.monotonic()
    while not there():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.fixture
def line(slack_double: SlackDouble) -> Iterator[Line]:
    """A connection that stands; no thread of it is left in the end."""
    before = set(threading.enumerate())
    made = Line(slack_double)
    try:
        made.connection.connect()
        slack_double.sockets.wait_for(1)
        yield made
    finally:
        made.connection.close()
        gc.collect()  # a socket that was left open is told of here, and not in some other test
    left = {each.name for each in set(threading.enumerate()) - before}
    assert {name for name in left if name.startswith("slack ")} == set()


@pytest.fixture
def ann(slack_double: SlackDouble) -> User:
    """Someone who clicks."""
    return slack_double.add_user("ann")


def test_it_connects_and_hears(line: Line, ann: User) -> None:
    assert line.click(ann)
    until(lambda: line.connection.seconds_silent() < 2)


def test_it_comes_back_when_the_connection_breaks(line: Line, ann: User) -> None:
    line.double.sockets.kill()
    line.double.sockets.wait_for(0)
    line.double.sockets.wait_for(1, timeout=10)
    assert line.click(ann)


def test_it_comes_back_when_the_other_end_freezes(slack_double: SlackDouble, ann: User) -> None:
    line = Line(slack_double, ping=0.5, patience=0.8)  # slack_sdk itself would take 3 s to notice
    try:
        line.connection.connect()
        until(lambda: line.connection.seconds_silent() < 1)
        (frozen,) = slack_double.sockets.connected()
        slack_double.sockets.freeze()
        until(lambda: any(one is not frozen for one in slack_double.sockets.connected()), 2.5)
        assert line.connection.seconds_silent() > 0.5, "a new connection is no sign of life yet"
        frozen.kill()
        slack_double.sockets.wait_for(1)
        until(lambda: line.connection.seconds_silent() < 0.4)
        assert line.click(ann)
    finally:
        line.connection.close()


def test_it_comes_back_when_slack_does(line: Line, ann: User) -> None:
    until(lambda: line.connection.seconds_silent() < 1)
    line.double.down()
    until(lambda: line.connection.seconds_silent() > 1.5)
    line.double.up()
    line.double.sockets.wait_for(1, timeout=10)
    assert line.click(ann)
    assert line.fatal == []


def test_it_goes_and_comes_back_when_it_is_told_to(line: Line, ann: User) -> None:
    (first,) = line.double.sockets.connected()
    line.double.sockets.disconnect()
    until(lambda: any(one is not first for one in line.double.sockets.connected()))
    first.kill()
    line.double.sockets.wait_for(1)
    assert line.click(ann)
    assert line.fatal == []


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "not_allowed_token_type"])
def test_it_tells_when_it_will_never_come_back(line: Line, code: str) -> None:
    line.double.fail("apps.connections.open", error=code, times=10)
    line.double.sockets.kill()
    assert line.ended.wait(10)
    time.sleep(0.5)  # five pauses
    (fatal,) = line.fatal
    assert code in str(fatal)
    assert line.double.app_token not in str(fatal)
    assert len(line.double.calls_of("apps.connections.open")) == 2, "it stops asking"


def test_it_tells_when_socket_mode_is_switched_off(line: Line) -> None:
    line.double.sockets.disconnect("link_disabled")
    assert line.ended.wait(10)
    assert "link_disabled" in str(line.fatal[0])


def test_it_waits_as_long_as_slack_wants(line: Line, ann: User) -> None:
    line.double.fail("apps.connections.open", retry_after=1)
    before = len(line.double.calls_of("apps.connections.open"))
    line.double.sockets.kill()
    until(lambda: len(line.double.calls_of("apps.connections.open")) == before + 1)
    took = until(lambda: len(line.double.sockets.connected()) == 1)
    assert took > 0.8
    assert len(line.double.calls_of("apps.connections.open")) == before + 2


def test_a_first_connection_that_fails(slack_double: SlackDouble) -> None:
    for fault, kind in (
        ({"error": "invalid_auth"}, SlackFatalError),
        ({"status": 503}, SlackError),
    ):
        slack_double.fail("apps.connections.open", **fault)
        line = Line(slack_double)
        try:
            with pytest.raises(kind):
                line.connection.connect()
        finally:
            line.connection.close()
        assert line.fatal == []
        assert line.connection.seconds_silent() == float("inf")


def test_what_runs_when_it_is_closed_is_acknowledged(line: Line, ann: User) -> None:
    ok: list[bool] = []
    clicking = threading.Thread(target=lambda: ok.append(line.click(ann, "slow")))
    clicking.start()
    assert line.begun.wait(5)
    line.connection.close()
    clicking.join()
    assert ok == [True]
    line.double.sockets.wait_for(0)


def test_what_slack_repeats_is_acknowledged_and_done_once(line: Line, ann: User) -> None:
    delivery = line.clicked(ann)
    assert line.double.redeliver(delivery).ok
    assert len(delivery.acks) == 2
    assert line.presses == 1


def test_what_may_have_been_done_already_is_not_acknowledged(line: Line, ann: User) -> None:
    """Where the memory of envelopes can't be asked, Slack is to send it again."""
    line.double.delivering.patience = 0.3
    line.broken = True
    assert not line.click(ann)
    assert line.presses == 0
    line.broken = False
    assert line.click(ann)


def test_nothing_of_a_payload_is_logged(
    line: Line, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert line.click(ann)
    line.double.sockets.kill()
    line.double.sockets.wait_for(0)
    line.double.sockets.wait_for(1, timeout=10)
    line.double.delivering.patience = 0.5
    assert not line.click(ann, "stumble")
    said = caplog.text
    for secret in (line.double.app_token, line.double.bot_token, ann.id, "what alice wrote"):
        assert secret not in said
