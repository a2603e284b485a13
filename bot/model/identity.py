"""Users, groups, roles and policies of an account, as AWS describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy that lives inside one user, group or role; `text` is its JSON document."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One stored version of a managed policy; `text` is its JSON document."""

    id: str
    text: str
    is_default: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of its own, kept by the customer or, where `by_aws`, by AWS.

    AWS lets nobody attach one anew that is not `attachable`: so it retires its own. Of AWS's
    policies only the newest versions are known.
    """

    arn: str
    name: str
    path: str
    id: str
    by_aws: bool
    versions: tuple[PolicyVersion, ...]
    attachments: int
    boundaries: int
    attachable: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def default(self) -> PolicyVersion:
        """The version in force."""
        return next(version for version in self.versions if version.is_default)


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user. `groups` are group names, `attached` managed policies' ARNs, `id` is AIDA….

    `boundary` is the ARN of the permissions boundary. `password_last_used` comes with
    Part.PASSWORD_USE and is None before that or when never used.
    """

    name: str
    id: str
    arn: str
    path: str
    created: datetime
    groups: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group; `id` is AGPA…. Groups can't be tagged."""

    name: str
    id: str
    arn: str
    path: str
    created: datetime
    attached: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role; `id` is AROA…, `trust` its trust policy's JSON document.

    `last_used` is None when AWS has seen no use in the last 400 days.
    """

    name: str
    id: str
    arn: str
    path: str
    created: datetime
    trust: str
    attached: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    last_used: datetime | None = None
    instance_profiles: tuple[str, ...] = ()


Principal = User | Role
