"""The state of the workspace: everything that Slack would remember."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.slack.double.blocks import with_ids
from tests.slack.double.messages import Message
from tests.slack.double.modals import View
from tests.slack.double.people import Channel, User, UserGroup
from tests.slack.double.refusals import Refused
from tests.slack.double.response_urls import ResponseUrl
from tests.slack.double.tokens import Token

TRIGGER_SECONDS = 3


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for `user`, for three seconds."""

    user: str
    made_at: datetime
    #: The modal in which it was earned, if any: only those may push.
    view: str | None = None
    used: bool = False


@dataclass(slots=True)
class Workspace:
    """One workspace with one installed app. Whoever reads or writes it holds `lock`."""

    clock: Callable[[], datetime]
    #: Where the app's next socket may connect: an address that works once.
    new_socket: Callable[[], str]
    team_id: str = "T0000HOUSE"
    team_name: str = "House"
    domain: str = "house"
    app_id: str = "A000LOCK01"
    bot_id: str = "B000LOCK01"
    bot_user: str = "U000LOCK01"
    #: User groups need a paid plan (`plan_upgrade_required`).
    paid: bool = True
    home_tab: bool = True
    messages_tab: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)
    tokens: dict[str, Token] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, UserGroup] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    #: Taken back: a client that hasn't heard of it can still click.
    removed: list[Message] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)
    #: The modals of each user, the one on top last.
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _last_ts: int = 0

    def serial(self) -> int:
        """A number never given before."""
        return next(self._serial)

    def new_id(self, prefix: str) -> str:
        """An id as Slack writes them."""
        return f"{prefix}{self.serial():010d}"

    def ts(self) -> str:
        """A message's time and name: unique, and later than any before it."""
        self._last_ts = max(self._last_ts + 1, int(self.clock().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def user(self, user_id: str, otherwise: str = "user_not_found") -> User:
        """The user with that id, or the refusal `otherwise`."""
        if user_id not in self.users:
            raise Refused(otherwise)
        return self.users[user_id]

    def dm(self, user_id: str) -> Channel:
        """The direct message between the bot and that user; made when it isn't there yet."""
        for channel in self.channels.values():
            if channel.user == user_id:
                return channel
        made = Channel(
            id=self.new_id("D"), name="", team_id=self.team_id, is_private=True, user=user_id,
            members=[user_id, self.bot_user],
        )  # fmt: skip
        self.channels[made.id] = made
        return made

    def channel(self, channel_id: str) -> Channel:
        """The conversation with that id, if the bot can know of it: a private one only inside."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.is_private and self.bot_user not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def message(self, channel_id: str, ts: str) -> Message:
        """The message with that name there."""
        for message in self.messages:
            if message.channel == channel_id and message.ts == ts:
                return message
        raise Refused("message_not_found")

    def post(
        self,
        channel: Channel,
        text: str,
        blocks: list[dict[str, Any]],
        *,
        by: str | None = None,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
        only_for: str | None = None,
    ) -> Message:
        """Put a message into a channel: the bot's own unless `by` says whose."""
        author = by or self.bot_user
        message = Message(
            channel=channel.id, ts=self.ts(), user=author, team=self.users[author].team_id,
            text=text, blocks=with_ids(blocks, self.serial()), metadata=metadata,
            thread_ts=thread_ts, ephemeral_for=only_for,
            bot_id=None if by else self.bot_id, app_id=None if by else self.app_id,
        )  # fmt: skip
        if thread_ts is not None:
            self.message(channel.id, thread_ts).thread_ts = thread_ts
        (self.messages if only_for is None else self.ephemerals).append(message)
        return message

    def remove(self, message: Message) -> None:
        """Take a message back."""
        (self.messages if message.ephemeral_for is None else self.ephemerals).remove(message)
        self.removed.append(message)

    def trigger(self, user_id: str, view: str | None = None) -> str:
        """A new trigger id for what that user just did."""
        name = f"{self.serial()}.{self.team_id}.{self.serial():032x}"
        self.triggers[name] = Trigger(user_id, self.clock(), view)
        return name

    def exchange(self, trigger_id: str) -> Trigger:
        """Use up a trigger id: once, and within three seconds."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if (self.clock() - trigger.made_at).total_seconds() > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_url(self, url: ResponseUrl) -> str:
        """The path of a new response_url."""
        path = f"/actions/{self.team_id}/{self.serial()}/{self.serial():024x}"
        self.response_urls[path] = url
        return path

    def new_view(self, user: str, kind: str, root: str | None, previous: str | None) -> View:
        """An empty view for that user."""
        name = self.new_id("V")
        return View(
            id=name, user=user, team=self.team_id, app_id=self.app_id, bot_id=self.bot_id,
            type=kind, hash="", root=root or name, previous=previous,
        )  # fmt: skip

    def show(self, view: View, spec: dict[str, Any]) -> None:
        """Let a view become what the bot says, under a new hash."""
        serial = self.serial()
        new_hash = f"{int(self.clock().timestamp())}.{serial:08x}"
        view.show(spec, with_ids(spec["blocks"], serial), new_hash)
