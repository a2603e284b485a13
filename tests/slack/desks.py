"""A whole desk over a simulated account and the strict Slack double."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.aws.simulated.server import SimulatedAccount
from bot.config import Config
from bot.engine.executor import VerifySettings
from bot.engine.service import Service
from bot.http.front import front
from bot.http.health import Health
from bot.http.server import Server
from bot.main import Application
from bot.model import Actor
from bot.serving import Desk
from bot.slack.connection import Connection
from bot.slack.pacing import Pace
from bot.store.database import Store
from tests.conftest import copied
from tests.slack.double import Channel, Message, SlackDouble, User, UserGroup

SECRET = "0123456789abcdef0123456789abcdef"
OPERATOR = Actor("local", "operator@desk")
#: Slack's second and minute pass quicker here: that its rates are kept is proved elsewhere.
QUICK = Pace(
    settle=timedelta(seconds=0.5),
    delay=timedelta(seconds=0.05),
    tick=timedelta(seconds=0.05),
    modal=(0.02, 0.05, 0.1, 0.2, 0.4),
    monotonic=lambda: time.monotonic() * 100,
)
VERIFICATION = VerifySettings(reads=2, interval=0.02, patience=5)


@dataclass
class Office:
    """A desk at work, and everything that a test wants to look at or to move.

    It is put together as `locksmith serve` does it, of `settings`; `mode` is how Slack reaches it.
    `times` are a `clock` and a `sleep` of the test's, where the real ones won't do.
    """

    slack: SlackDouble
    cloud: SimulatedAccount
    settings: Mapping[str, Any]
    mode: str
    ann: User
    sec: User
    channel: Channel
    group: UserGroup
    times: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    app: Application = field(init=False)
    desk: Desk = field(init=False)
    _closing: ExitStack = field(default_factory=ExitStack)

    @property
    def store(self) -> Store:
        """The database."""
        return self.app.store

    @property
    def service(self) -> Service:
        """The use cases, for what people do at a terminal."""
        return self.app.service

    def open(self) -> None:
        """Begin to serve, as another process on the same database would."""
        self.app = Application(Config.model_validate(self.settings), VERIFICATION, **self.times)
        self._closing.callback(self.app.close)
        chat = self.app.chat
        assert chat is not None
        # The double tells every flag that Slack does, so a missing one counts against people.
        chat.clients = replace(chat.clients, emulated=False)
        self.desk = Desk(replace(self.app.parts(), pace=QUICK))
        self.desk.start()
        self._closing.callback(self._end)
        self._connect()

    def close(self) -> None:
        """End as `locksmith serve` does: take nothing more, and finish what runs."""
        self._closing.close()

    def restart(self) -> None:
        """Serve by another process."""
        self.close()
        self.open()

    def _end(self) -> None:
        assert self.desk.end(timedelta(seconds=15))

    def _connect(self) -> None:
        if self.mode == "http":
            server = Server(front(Health(self.desk.checks()), self.desk.door(SECRET)))
            server.start()
            self._closing.callback(server.stop, timedelta(seconds=5))
            host, port = server.address
            self.slack.use_http(f"http://{host}:{port}/slack/events")
            return
        sockets = self.desk.parts.clients.sockets
        assert sockets is not None
        connection = Connection(
            self.desk.app,
            sockets,
            once=self.desk.once,
            on_fatal=self.desk.give_up,
            ping=0.2,
            patience=1,
            tick=0.05,
            pause=0.1,
        )
        self._closing.callback(connection.close)
        connection.connect()
        self.slack.use_sockets()
        self.slack.sockets.wait_for(1)

    def scan(self) -> None:
        """Scan, confirm the account, and ask."""
        result = self.service.scan(OPERATOR, lambda _said: None)
        self.service.go_live(result.account.id, OPERATOR)
        self.desk.ask(result.account.id)

    def card(self, user: User, about: str) -> Message:
        """The newest message to someone that says `about`, once it is there."""
        found: list[Message] = []

        def there() -> bool:
            found[:] = [each for each in self.slack.dm(user) if about in each.words()]
            return bool(found)

        wait_for(there, f"a message to {user.name} about {about!r}")
        return found[-1]

    def shows(self, message: Message, text: str) -> Message:
        """The message once it says `text`."""
        found: list[Message] = []

        def there() -> bool:
            found[:] = [
                each
                for each in self.slack.messages(message.channel)
                if each.ts == message.ts and text in each.words()
            ]
            return bool(found)

        wait_for(there, f"{text!r} on {message.words()!r}")
        return found[0]

    def writes(self) -> list[str]:
        """What reached AWS and changed it."""
        return [each.operation for each in self.cloud.calls.writes if each.applied]


def wait_for(there: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
    """Wait until something is so. AssertionError that names it when it doesn't come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if there():
            return
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


@contextmanager
def office(
    cloud: SimulatedAccount,
    slack: SlackDouble,
    template: Path,
    *,
    mode: str = "http",
    times: Mapping[str, Callable[..., Any]] | None = None,
    **settings: Mapping[str, Any],
) -> Iterator[Office]:
    """A desk on a copy of the database `template`; `settings` are further sections."""
    slack.signing_secret = SECRET
    ann, sec = slack.add_user("ann"), slack.add_user("sec")
    channel = slack.add_channel("iam-security", [sec], is_private=True)
    group = slack.add_user_group("iam-security", [sec])
    with copied(template) as url:
        chosen = {
            "database": {"url": url},
            "scan": {"every_hours": None},  # tests scan when they want to
            "slack": {
                "mode": mode,
                "bot_token": slack.bot_token,
                "app_token": slack.app_token,
                "signing_secret": SECRET,
                "base_url": slack.base_url,
                "security_channel": channel.id,
                "security": [group.id],
                "email_domains": ["example.com"],
            },
            **settings,
        }
        made = Office(slack, cloud, chosen, mode, ann, sec, channel, group, times or {})
        made.open()
        try:
            yield made
        finally:
            made.close()
