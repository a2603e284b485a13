"""A strict Slack workspace in this process, on real loopback HTTP and WebSockets."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from tests.slack.double import responding
from tests.slack.double.acting import Acting
from tests.slack.double.delivering import Delivering
from tests.slack.double.delivery import Ack, Delivery, Post, signed
from tests.slack.double.faults import Fault, Faults
from tests.slack.double.loopback import Loopback
from tests.slack.double.messages import Message
from tests.slack.double.modals import View
from tests.slack.double.people import Channel, User, UserGroup
from tests.slack.double.rates import Rates
from tests.slack.double.sockets import Sockets
from tests.slack.double.tokens import BOT_SCOPES, Token
from tests.slack.double.web_api import Call, Reply, WebApi
from tests.slack.double.workspace import Workspace


def _now() -> datetime:
    return datetime.now(UTC)


class SlackDouble(Acting):
    """One workspace with one app, for the length of a `with`.

    `scopes` are those of the bot's token. `clock` decides ts, triggers, response_urls and rates.
    `rate_scale` 1 enforces Slack's rates, None no rates. Deliveries go over Socket Mode until
    `use_http`. Everything returned to tests is a copy as of then.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = _now,
        scopes: Iterable[str] = BOT_SCOPES,
        rate_scale: float | None = None,
    ) -> None:
        self.bot_token, self.app_token = "xoxb-of-the-double", "xapp-of-the-double"
        self.signing_secret = "signing-secret-of-the-double"
        self.workspace = Workspace(clock=clock, new_socket=self._new_socket)
        self.delivering = Delivering(self.workspace)
        self.sockets = Sockets(self.workspace.app_id, self.delivering.heard)
        self.delivering.sockets = self.sockets
        self._api = WebApi(self.workspace, rates=Rates(rate_scale))
        self._loopback = Loopback(_Behind(self.workspace, self._api, self.sockets))
        self.add_token(self.bot_token, "bot", scopes)
        self.add_token(self.app_token, "app", {"connections:write"})
        self.add_user("locksmith", id=self.workspace.bot_user, is_bot=True)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loopback.stop()
        self.delivering.finish()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._loopback.port}"

    @property
    def base_url(self) -> str:
        """The base URL of the Web API, for slack_sdk."""
        return f"{self.url}/api/"

    def _new_socket(self) -> str:
        return self.url.replace("http", "ws", 1) + self.sockets.ticket()

    # Who and what is here

    def add_user(self, name: str, **flags: Any) -> User:
        """A person `name` with `name@example.com`; `flags` are fields of `User`."""
        standard = {
            "id": self.workspace.new_id("U"), "team_id": self.workspace.team_id,
            "real_name": name.capitalize(), "email": f"{name}@example.com",
        }  # fmt: skip
        user = User(name=name, **(standard | flags))
        self.workspace.users[user.id] = user
        return user

    def add_user_group(self, handle: str, members: Iterable[User] = (), **flags: Any) -> UserGroup:
        """A user group `@handle`."""
        group = UserGroup(
            id=self.workspace.new_id("S"), team_id=self.workspace.team_id, handle=handle,
            name=handle, members=[user.id for user in members], **flags,
        )  # fmt: skip
        self.workspace.groups[group.id] = group
        return group

    def add_channel(
        self, name: str, members: Iterable[User] = (), *, with_bot: bool = True, **flags: Any
    ) -> Channel:
        """A channel `#name`; `flags` are fields of `Channel`. All ids begin with C, as in Slack."""
        inside = [user.id for user in members] + [self.workspace.bot_user] * with_bot
        channel = Channel(
            id=self.workspace.new_id("C"), name=name, team_id=self.workspace.team_id,
            members=inside, **flags,
        )  # fmt: skip
        self.workspace.channels[channel.id] = channel
        return channel

    def add_token(self, value: str, kind: str, scopes: Iterable[str]) -> Token:
        """A token of `kind` `bot` or `app`; set its `revoked`, or change its `scopes`."""
        token = Token(value, kind, frozenset(scopes))
        self.workspace.tokens[value] = token
        return token

    def token(self, value: str) -> Token:
        """The token itself, to revoke it or change its scopes."""
        return self.workspace.tokens[value]

    # What it shows

    def messages(self, channel: Channel | str) -> list[Message]:
        """All messages of a channel, replies too, oldest first."""
        place = channel if isinstance(channel, str) else channel.id
        with self.workspace.lock:
            return copy.deepcopy([one for one in self.workspace.messages if one.channel == place])

    def dm(self, user: User | str) -> list[Message]:
        """All messages between the bot and that user, oldest first."""
        return self.messages(self.dm_channel(user))

    def dm_channel(self, user: User | str) -> str:
        """The id of their direct message with the bot."""
        with self.workspace.lock:
            return self.workspace.dm(self._person(user).id).id

    def thread(self, channel: Channel | str, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return [one for one in self.messages(channel) if one.is_reply and one.thread_ts == ts]

    def ephemerals(self, user: User | str) -> list[Message]:
        """What only that user sees, oldest first."""
        with self.workspace.lock:
            person = self._person(user).id
            return copy.deepcopy(
                [one for one in self.workspace.ephemerals if one.ephemeral_for == person]
            )

    def modals(self, user: User | str) -> list[View]:
        """The modals that user has open, the one on top last."""
        with self.workspace.lock:
            return copy.deepcopy(self.workspace.modals.get(self._person(user).id, []))

    def modal(self, user: User | str) -> View:
        """The modal on top; `AssertionError` if none is open."""
        with self.workspace.lock:
            return copy.deepcopy(self._top(user))

    def home(self, user: User | str) -> View:
        """That user's App Home; `AssertionError` if the bot never published one."""
        with self.workspace.lock:
            return copy.deepcopy(self._home(user))

    # What happened

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API and of response_urls (`response_url`), in order."""
        return self._api.calls

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything sent to the app, in order."""
        return self.delivering.deliveries

    @property
    def acks(self) -> list[Ack]:
        """Every answer of the app, in order, late ones too."""
        return self.delivering.acks

    @property
    def rate_violations(self) -> list[str]:
        """The calls that came too soon."""
        return self._api.rates.violations

    # What goes wrong

    @property
    def faults(self) -> Faults:
        """The queues of faults."""
        return self._api.faults

    def fail(self, method: str, *, times: int = 1, **fault: Any) -> None:
        """Spoil the next calls of a method: `fail("chat.update", drop="after")`; see `Fault`."""
        self.faults.add(method, Fault(**fault), times=times)

    def down(self) -> None:
        """Be away: sockets break, connections are refused, waiting calls get no answer."""
        self._loopback.down()

    def up(self) -> None:
        """Be back, on the same port."""
        self._api.stopping.clear()
        self.sockets.reopen()
        self._loopback.up()

    # How the app is reached

    def use_http(self, request_url: str) -> None:
        """Deliver signed HTTP requests to that URL."""
        self.delivering.post = Post(request_url, self.signing_secret, self.workspace.clock)

    def use_sockets(self) -> None:
        """Deliver over Socket Mode."""
        self.delivering.post = None

    def sign(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """The headers with which Slack would send that body at `at` (Unix seconds)."""
        return signed(self.signing_secret, body, at)


@dataclass(frozen=True, slots=True)
class _Behind:
    """What stands behind the HTTP server."""

    workspace: Workspace
    web: WebApi
    sockets: Sockets

    def api(self, method: str, args: dict[str, Any], bearer: str | None) -> Reply:
        """Answer a Web API call."""
        return self.web.answer(method, args, bearer)

    def response_url(self, path: str, body: dict[str, Any]) -> Reply:
        """Answer a POST to a response_url: it needs no token."""
        return self.web.answer_with(
            "response_url", body, lambda: responding.use(self.workspace, path, body)
        )

    def link(self, path: str, headers: list[tuple[str, str]], sock: Any) -> bool:
        """Run a WebSocket to its end."""
        return self.sockets.serve(path, headers, sock)

    def hang_up(self) -> None:
        """End sockets and delays."""
        self.web.stopping.set()
        self.sockets.shut()
