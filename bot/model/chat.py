"""People, groups and channels of the chat workspace, as values and behind a protocol."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from bot.errors import LocksmithError

_SLACK_ID = re.compile(r"[A-Z0-9]{2,30}")
_KINDS = {"U": "user", "W": "user", "S": "group", "C": "channel", "G": "channel"}


class DirectoryError(LocksmithError):
    """The chat workspace could not be asked. Nobody is trusted until it answers again."""


class DirectoryBusyError(DirectoryError):
    """The chat workspace takes no more look-ups for now. A minute later it does."""


class AddressKind(StrEnum):
    """What an address names: a person, a user group, a channel, or a person by their e-mail."""

    USER = "user"
    GROUP = "group"
    CHANNEL = "channel"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Address:
    """Where someone can be asked: `U…`/`W…`, `S…`, `C…`/`G…`, or a lower-case e-mail address."""

    kind: AddressKind
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id or an e-mail address. Raises ValueError for anything else."""
        text = text.strip()
        if text.count("@") == 1 and not any(sign in text for sign in " <>|,"):
            name, _, domain = text.partition("@")
            if name and "." in domain:
                return cls(AddressKind.EMAIL, text.lower())
        elif _SLACK_ID.fullmatch(text) and text[0] in _KINDS:
            return cls(AddressKind(_KINDS[text[0]]), text)
        raise ValueError(
            f"{text!r} is neither a Slack id (U…, S…, C…) nor an e-mail address",
        )

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the workspace knows them now. `zone` is an IANA name such as Europe/Berlin.

    `team` is the workspace that the person belongs to, which for someone from outside is not ours.
    What the workspace doesn't tell counts against the person.
    """

    id: str
    team: str
    name: str
    email: str | None
    zone: str
    deactivated: bool
    bot: bool
    guest: bool
    stranger: bool

    def unfit(self, teams: frozenset[str]) -> str | None:
        """Why this person can be neither owner nor approver, or None."""
        if self.team not in teams:
            return "belongs to another workspace"
        if self.deactivated:
            return "is deactivated"
        if self.bot:
            return "is a bot"
        if self.guest:
            return "is a guest"
        return "is from outside the workspace" if self.stranger else None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the workspace knows it now; `shared` with people of another workspace."""

    id: str
    name: str
    private: bool
    shared: bool
    archived: bool

    @property
    def confidential(self) -> bool:
        """Whether names and keys may be shown here: private, and ours alone."""
        return self.private and not self.shared


class Directory(Protocol):
    """Who is who in the chat workspace. Every method raises DirectoryError when nobody answers.

    `fresh` asks again instead of believing an answer of up to a minute ago.
    """

    @property
    def teams(self) -> frozenset[str]:
        """The ids of the workspaces whose people may be owners and approvers."""

    def member(self, user: str, *, fresh: bool = False) -> Member | None:
        """The person with this id, or None where there is none."""

    def by_email(self, email: str) -> Member | None:
        """The person with this e-mail address, or None."""

    def group(self, group: str, *, fresh: bool = False) -> frozenset[str]:
        """The user ids in a user group; empty where there is no such group."""

    def channel(self, channel: str, *, fresh: bool = False) -> Channel | None:
        """The channel with this id, or None where the app can't see one."""

    def channel_members(self, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """The user ids in a channel; empty where the app can't see it."""


class OwnerSource(StrEnum):
    """How it is known who owns something.

    handed-over  someone said so: `/locksmith owner`, or Not mine
    tags         a tag of the user, role or policy; a claim, since whoever may tag can make it
    mapping      the mapping file of the configuration
    account      the configuration's owner of the whole account
    account-tags a tag of the account itself, known to its organisation; a claim like other tags
    creator      whoever made it, by CloudTrail; is told, decides nothing
    default      the configuration's default
    security     the security channel, when nobody else can be reached
    """

    HANDED_OVER = "handed-over"
    TAGS = "tags"
    MAPPING = "mapping"
    ACCOUNT = "account"
    ACCOUNT_TAGS = "account-tags"
    CREATOR = "creator"
    DEFAULT = "default"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class OwnerClaim:
    """One source's word on who owns what a proposal would change.

    `address` is what the source says, not yet looked up: it may be no address at all. `because`
    is the evidence in words: `tag owner = ann@example.com`. `tag` is the tag's key, for claims of
    tags only, the account's too, so that the tag can be read again.
    """

    source: OwnerSource
    address: str
    because: str
    tag: str | None = None

    def data(self) -> Mapping[str, str | None]:
        """This claim as JSON."""
        return {
            "source": self.source.value,
            "address": self.address,
            "because": self.because,
            "tag": self.tag,
        }


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who Slack says we are: the workspace's id, name and address, and our own ids there.

    An emulator may leave `bot_id` empty.
    """

    team_id: str
    team: str
    bot_user_id: str
    url: str
    bot_id: str = ""
