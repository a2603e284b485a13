"""A chat workspace in memory: people, user groups and channels, which a test can change."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.model import Channel, DirectoryBusyError, DirectoryError, Member

TEAM = "T0HOME"


def person(
    user: str,
    *,
    name: str = "",
    email: str | None = None,
    team: str = TEAM,
    zone: str = "Europe/Berlin",
    deactivated: bool = False,
    bot: bool = False,
    guest: bool = False,
    stranger: bool = False,
) -> Member:
    """Someone of the workspace, fit for everything unless a flag says otherwise."""
    return Member(user, team, name or user.lower(), email, zone, deactivated, bot, guest, stranger)


def private_channel(
    channel: str, *, private: bool = True, shared: bool = False, archived: bool = False
) -> Channel:
    """A channel that may see names and keys, unless a flag says otherwise."""
    return Channel(channel, channel.lower(), private, shared, archived)


class FakeDirectory:
    """Answers as bot.model.Directory promises, at once and always fresh.

    While `down` is set every question raises DirectoryError; questions about those in `busy` raise
    DirectoryBusyError. `calls` counts the questions by
    method, and `fresh_calls` those among them that wouldn't take a remembered answer.
    """

    def __init__(
        self,
        members: Iterable[Member] = (),
        *,
        groups: Mapping[str, Iterable[str]] | None = None,
        channels: Iterable[Channel] = (),
        channel_members: Mapping[str, Iterable[str]] | None = None,
        teams: Iterable[str] = (TEAM,),
    ) -> None:
        self.members = {member.id: member for member in members}
        self.groups = {group: set(users) for group, users in (groups or {}).items()}
        self.channels = {channel.id: channel for channel in channels}
        self.joined = {each: set(users) for each, users in (channel_members or {}).items()}
        self.down = False
        self.busy: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.fresh_calls: Counter[str] = Counter()
        self._teams = frozenset(teams)

    @property
    def teams(self) -> frozenset[str]:
        """Our workspaces."""
        self._asked("teams", fresh=False)
        return self._teams

    def put(self, member: Member) -> None:
        """Add someone, or change what is known of them."""
        self.members[member.id] = member

    def member(self, user: str, *, fresh: bool = False) -> Member | None:
        """The person with this id."""
        self._asked("member", fresh=fresh)
        if user in self.busy:
            raise DirectoryBusyError("Slack takes no more look-ups")
        return self.members.get(user)

    def by_email(self, email: str) -> Member | None:
        """The person with this address; Slack knows them in any case, and so does this."""
        self._asked("by_email", fresh=False)
        return next(
            (
                member
                for member in self.members.values()
                if member.email is not None and member.email.lower() == email.lower()
            ),
            None,
        )

    def group(self, group: str, *, fresh: bool = False) -> frozenset[str]:
        """Who is in a user group."""
        self._asked("group", fresh=fresh)
        return frozenset(self.groups.get(group, ()))

    def channel(self, channel: str, *, fresh: bool = False) -> Channel | None:
        """A channel that the app can see."""
        self._asked("channel", fresh=fresh)
        return self.channels.get(channel)

    def channel_members(self, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """Who is in a channel."""
        self._asked("channel_members", fresh=fresh)
        return frozenset(self.joined.get(channel, ()))

    def _asked(self, method: str, *, fresh: bool) -> None:
        self.calls[method] += 1
        self.fresh_calls[method] += fresh
        if self.down:
            raise DirectoryError("Slack doesn't answer")
