"""From what a source says of an owner to the people or the channel that can be asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Address, AddressKind, Directory, Member

#: Most members of a user group that are asked one by one.
MOST = 8


@dataclass(frozen=True, slots=True)
class Reached:
    """Who can be asked at an address: user ids, or one channel id; empty with the reason `why`.

    `crowd` is set where people are there, but too many to ask each of them.
    """

    recipients: tuple[str, ...] = ()
    why: str = ""
    crowd: bool = False

    @property
    def is_held(self) -> bool:
        """Whether the address belongs to someone who can own things."""
        return bool(self.recipients) or self.crowd


class Reaching:
    """Looks addresses up. Every method raises DirectoryError where Slack can't answer.

    `email_domains` are the verified ones, in lower case: an address of any other is not looked up.
    """

    def __init__(self, directory: Directory, email_domains: frozenset[str]) -> None:
        self._directory = directory
        self._domains = frozenset(domain.lower() for domain in email_domains)

    def at(self, text: str) -> Reached:
        """Who can be asked at a Slack id or e-mail address."""
        address = parsed(text)
        if address is None:
            return Reached(why="is neither a Slack id nor an e-mail address")
        match address.kind:
            case AddressKind.USER:
                return self._person(self._directory.member(address.value))
            case AddressKind.EMAIL:
                return self._by_email(address)
            case AddressKind.GROUP:
                return self._group(address.value)
            case AddressKind.CHANNEL:
                why = self._not_confidential(address.value, fresh=False)
                return Reached(why=why) if why else Reached((address.value,))

    def names(self, text: str, member: Member) -> bool:
        """Whether this person is meant by, or belongs to, what is at an address. Asks afresh."""
        address = parsed(text)
        if address is None:
            return False
        match address.kind:
            case AddressKind.USER:
                return address.value == member.id
            case AddressKind.EMAIL:
                found = self._by_email(address).recipients
                return found == (member.id,) and _has_email(member, address.value)
            case AddressKind.GROUP:
                return member.id in self._directory.group(address.value, fresh=True)
            case AddressKind.CHANNEL:
                return self._not_confidential(
                    address.value, fresh=True
                ) is None and member.id in self._directory.channel_members(
                    address.value, fresh=True
                )

    def fit_member(self, user: str) -> Member | None:
        """This person as Slack knows them at this moment, or None where they can't own anything."""
        member = self._directory.member(user, fresh=True)
        if member is None or member.id != user or member.unfit(self._directory.teams):
            return None
        return member

    def _person(self, member: Member | None) -> Reached:
        if member is None:
            return Reached(why="is not in Slack")
        why = member.unfit(self._directory.teams)
        return Reached(why=why) if why else Reached((member.id,))

    def _by_email(self, address: Address) -> Reached:
        if address.value.rpartition("@")[2] not in self._domains:
            return Reached(why="has an e-mail address of a domain that isn't verified")
        member = self._directory.by_email(address.value)
        if member is not None and not _has_email(member, address.value):
            return Reached(why="has another e-mail address in Slack")
        return self._person(member)

    def _group(self, group: str) -> Reached:
        fit: list[str] = []
        for member in self._fit_members(group):
            fit.append(member)
            if len(fit) > MOST:
                return Reached(why=f"has more than {MOST} members to ask", crowd=True)
        if not fit:
            return Reached(why="is a user group in which nobody can be asked")
        return Reached(tuple(fit))

    def _fit_members(self, group: str) -> Iterator[str]:
        for user in sorted(self._directory.group(group)):
            yield from self._person(self._directory.member(user)).recipients

    def _not_confidential(self, channel_id: str, *, fresh: bool) -> str | None:
        channel = self._directory.channel(channel_id, fresh=fresh)
        if channel is None:
            return "is a channel that Locksmith can't see"
        if channel.archived:
            return "is an archived channel"
        if channel.shared:
            return "is a channel shared with another company"
        return None if channel.confidential else "is a public channel"


def parsed(text: str) -> Address | None:
    """The address that a text is, or None.

    Letters beyond ASCII are refused: some of them turn into others in lower case, and an address
    that only looks like someone's must not become theirs.
    """
    try:
        return Address.parse(text) if text.isascii() else None
    except ValueError:
        return None


def address_kind(text: str) -> AddressKind | None:
    """Of which kind the address is that a text is, or None."""
    address = parsed(text)
    return address.kind if address else None


def _has_email(member: Member, email: str) -> bool:
    return member.email is None or member.email.lower() == email
