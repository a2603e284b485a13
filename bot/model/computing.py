"""What runs programs in an account, and what gives those programs rights: by Region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: The tag by which an Auto Scaling group knows its instances.
_GROUP = "aws:autoscaling:groupName"


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance that is not terminated; `profile` is its instance profile's ARN, or empty.

    `addresses` are the IPv4 and IPv6 addresses that it is seen by outside.
    """

    id: str
    region: str
    state: str
    profile: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its tag Name, or its id."""
        return self.tags.get("Name", "").strip() or self.id

    @property
    def group(self) -> str:
        """The Auto Scaling group that replaces it, or empty."""
        return self.tags.get(_GROUP, "")


@dataclass(frozen=True, slots=True)
class LaunchTemplate:
    """A launch template as its default version has it; `profile` as there, or empty."""

    id: str
    name: str
    region: str
    default: int
    latest: int
    profile: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spotted:
    """That credentials lie somewhere: which kinds, never what they are."""

    name: str
    arn: str
    region: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyUse:
    """That an access key was used from an instance's address, lately at `at`."""

    key_id: str
    user_id: str
    instance: str
    region: str
    at: datetime
