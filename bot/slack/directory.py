"""Who is who, asked from Slack; what isn't told counts against people."""

import threading
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import available_timezones

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.errors import SlackError
from bot.model import Channel, DirectoryBusyError, DirectoryError, Member
from bot.slack.allowance import Allowance
from bot.slack.calling import CallError, call, name_of

T = TypeVar("T")

_NO_ONE = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
_NO_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})
_NO_CHANNEL = frozenset({"channel_not_found"})
_BOTS = ("is_bot", "is_workflow_bot", "is_connector_bot")
_GUESTS = ("is_restricted", "is_ultra_restricted")
_SHARED = ("is_shared", "is_ext_shared", "is_org_shared")
_MOST_REMEMBERED = 10_000
_MOST_PAGES = 100
_ZONES = available_timezones()


class SlackDirectory:
    """bot.model.Directory over the Web API; answers are believed for `ttl`. Any thread may ask.

    `teams` gives the workspaces whose people may decide, and may ask Slack itself for that: what
    it raises as SlackError comes out as DirectoryError. `emulated` takes a flag that an emulator
    doesn't know for false; Slack itself always tells them. `allowance` counts what is asked;
    `may_wait` raises DirectoryBusyError where Slack should be asked later.
    """

    def __init__(
        self,
        client: WebClient,
        teams: Callable[[], frozenset[str]],
        *,
        clock: Callable[[], datetime],
        ttl: timedelta = timedelta(seconds=60),
        emulated: bool = False,
        allowance: Allowance | None = None,
        may_wait: bool = False,
    ) -> None:
        self._client = client
        self._allowance = allowance or Allowance()
        self._may_wait = may_wait
        self._teams = teams
        self._unsaid = not emulated
        self._answers = _Answers(clock, ttl)

    @property
    def teams(self) -> frozenset[str]:
        """The ids of the workspaces whose people may be owners and approvers."""
        try:
            return self._teams()
        except SlackError as error:
            raise DirectoryError(str(error)) from None

    def member(self, user: str, *, fresh: bool = False) -> Member | None:
        """The person with this id, or None where there is none that the app can see."""

        def ask() -> Member | None:
            answer = self._ask(self._client.users_info, unless=_NO_ONE, user=user)
            return None if answer is None else self._member(answer)

        return self._answers.get(("member", user), ask, fresh=fresh)

    def by_email(self, email: str) -> Member | None:
        """The person with this confirmed e-mail address, or None."""

        def ask() -> Member | None:
            answer = self._ask(self._client.users_lookupByEmail, unless=_NO_ONE, email=email)
            if answer is None or _part(answer, "user").get("is_email_confirmed") is False:
                return None
            member = self._member(answer)
            self._answers.put(("member", member.id), member)
            return member

        return self._answers.get(("email", email.lower()), ask, fresh=False)

    def group(self, group: str, *, fresh: bool = False) -> frozenset[str]:
        """The user ids in a user group; empty where there is no such group, or it is disabled."""

        def ask() -> frozenset[str]:
            answer = self._ask(
                self._client.usergroups_users_list, unless=_NO_GROUP, usergroup=group
            )
            return frozenset() if answer is None else _ids(answer, "users")

        return self._answers.get(("group", group), ask, fresh=fresh)

    def channel(self, channel: str, *, fresh: bool = False) -> Channel | None:
        """The channel with this id, or None where the app can't see one."""

        def ask() -> Channel | None:
            answer = self._ask(self._client.conversations_info, unless=_NO_CHANNEL, channel=channel)
            return None if answer is None else self._channel(answer)

        return self._answers.get(("channel", channel), ask, fresh=fresh)

    def channel_members(self, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """The user ids in a channel; empty where the app can't see it."""
        return self._answers.get(
            ("in channel", channel), lambda: self._all_members(channel), fresh=fresh
        )

    def _all_members(self, channel: str) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            answer = self._ask(
                self._client.conversations_members,
                unless=_NO_CHANNEL,
                channel=channel,
                limit=200,
                cursor=cursor,
            )
            if answer is None:
                return frozenset()
            found |= _ids(answer, "members")
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found
        raise DirectoryError(f"Slack's channel {channel} has too many members to read")

    def _ask(
        self,
        method: Callable[..., SlackResponse],
        *,
        unless: frozenset[str],
        **arguments: Any,
    ) -> SlackResponse | None:
        name = name_of(method)
        self._allowance.take(name, may_wait=self._may_wait)
        try:
            return call(method, **arguments)
        except CallError as error:
            if error.code in unless:
                return None
            if error.retry_after is not None:
                self._allowance.hold(name, error.retry_after)
                raise DirectoryBusyError(str(error)) from None
            raise DirectoryError(str(error)) from None

    def _member(self, answer: SlackResponse) -> Member:
        user = _part(answer, "user")
        found = user.get("profile")
        profile = found if isinstance(found, dict) else {}
        zone = _text(user, "tz")
        return Member(
            id=_text(user, "id"),
            team=_text(user, "team_id"),
            name=_text(profile, "real_name", "display_name") or _text(user, "name", "id"),
            email=_text(profile, "email").lower() or None,
            zone=zone if zone in _ZONES else "",
            deactivated=user.get("deleted") is not False,
            bot=user.get("is_bot") is not False or _any(user, _BOTS, unsaid=False),
            guest=_any(user, _GUESTS, unsaid=self._unsaid),
            # Slack leaves this one out where it is false.
            stranger=_any(user, ("is_stranger",), unsaid=False),
        )

    def _channel(self, answer: SlackResponse) -> Channel:
        channel = _part(answer, "channel")
        return Channel(
            id=_text(channel, "id"),
            name=_text(channel, "name"),
            private=channel.get("is_private") is True,
            shared=_any(channel, _SHARED, unsaid=self._unsaid)
            or _any(channel, ("is_pending_ext_shared",), unsaid=False),
            archived=channel.get("is_archived") is not False,
        )


class _Answers:
    """What was answered lately."""

    def __init__(self, clock: Callable[[], datetime], ttl: timedelta) -> None:
        self._clock = clock
        self._ttl = ttl
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[datetime, Any]] = {}

    def get(self, key: Hashable, ask: Callable[[], T], *, fresh: bool) -> T:
        """The answer to `key`, remembered or asked now; `fresh` wants it asked now."""
        now = self._clock()
        with self._lock:
            known = self._known.get(key)
        if not fresh and known is not None and now - self._ttl < known[0] <= now:
            remembered: T = known[1]
            return remembered
        answer = ask()
        self.put(key, answer, now)
        return answer

    def put(self, key: Hashable, answer: object, asked_at: datetime | None = None) -> None:
        """Remember an answer, as of before the question."""
        now = asked_at or self._clock()
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            # Never in the place of a newer answer.
            if key not in self._known or self._known[key][0] <= now:
                self._known[key] = (now, answer)


def _part(answer: SlackResponse, name: str) -> Mapping[str, Any]:
    found = answer.get(name)
    if not isinstance(found, dict):
        raise DirectoryError(f"Slack's answer has no {name}")
    return found


def _ids(answer: SlackResponse, name: str) -> frozenset[str]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise DirectoryError(f"Slack's answer has no {name}")
    return frozenset(each for each in found if isinstance(each, str))


def _text(source: Mapping[str, Any], *names: str) -> str:
    """The first of these that is a text with something in it."""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _any(source: Mapping[str, Any], flags: tuple[str, ...], *, unsaid: bool) -> bool:
    """Whether any flag is set; one that isn't said counts as `unsaid`, and only False as no."""
    return any(source.get(flag, unsaid) is not False for flag in flags)
