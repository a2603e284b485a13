"""Whether somebody signed in from where this user never did before."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.credentials import is_older, utc_text
from bot.model import Json, Part, ReportRow, Settings, SignIn, SignIns, Snapshot, User

# How much of an address tells a network: what one provider or company has, not one household.
_BITS = {4: 16, 6: 32}


def _cidr(text: str) -> str:
    return str(ip_network(text))


class PlaceSettings(Settings):
    """Which sign-ins come from somewhere new."""

    new_place_days: int | None = Field(
        default=14,
        ge=1,
        le=90,
        description="Days for which a network (the /16 of an IPv4 address, the /32 of an IPv6 one) "
        "is new to a user who first signs in from it; meanwhile enrolling a device proves nothing. "
        "Null doesn't look at places.",
    )
    known_networks: tuple[Annotated[str, AfterValidator(_cidr)], ...] = Field(
        default=(),
        strict=False,
        description="Networks that are new to nobody, such as your offices', in CIDR notation.",
    )


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A first sign-in from a network, as evidence and in words."""

    sign_in: SignIn
    network: str

    def evidence(self) -> dict[str, Json]:
        """When, and from where."""
        return {
            "new_network": self.network,
            "signed_in_from": self.sign_in.address,
            "first_signed_in_from_there": utc_text(self.sign_in.at),
        }


def new_place(
    user: User,
    row: ReportRow,
    snapshot: Snapshot,
    settings: PlaceSettings,
    *,
    idle_days: int | None,
) -> NewPlace | None:
    """The newest network from which this user first signed in lately; None for none.

    Before that there must be a sign-in from elsewhere, or a silence of `idle_days` with a password
    that was there all the time: where everyone begins is no new place. None too where nobody
    looked, and for how far back nobody could look.
    """
    sign_ins: SignIns | None = snapshot.parts.get(Part.SIGN_INS)
    days = settings.new_place_days
    if sign_ins is None or days is None:
        return None
    first: dict[str, SignIn] = {}
    mine = sign_ins.by_user.get(user.id, ())
    for each in mine:
        address = _address(each.address)
        if address is not None and not _is_known(address, settings.known_networks):
            first.setdefault(_network(address), each)
    for network, sign_in in reversed(first.items()):
        recent = not is_older(sign_in.at, days, snapshot.taken_at)
        if recent and _had_begun(user, row, sign_in, sign_ins, idle_days):
            return NewPlace(sign_in, network)
    return None


def _had_begun(
    user: User, row: ReportRow, sign_in: SignIn, sign_ins: SignIns, idle_days: int | None
) -> bool:
    """Whether the user had signed in before, or could have for long and did not."""
    if any(each.at < sign_in.at for each in sign_ins.by_user[user.id]):
        return True
    if idle_days is None:
        return False
    there = max(row.password_last_changed or user.created, user.created, sign_ins.since)
    return sign_in.at - there > timedelta(days=idle_days)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address; AWS writes the names of its services there too."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _network(address: IPv4Address | IPv6Address) -> str:
    return str(ip_network((address, _BITS[address.version]), strict=False))


def _is_known(address: IPv4Address | IPv6Address, known: tuple[str, ...]) -> bool:
    return any(address in ip_network(each) for each in known)
