"""An account's place in an AWS organization, and what root has in the organization's members."""

from dataclasses import dataclass

from bot.model.credential import AccessKey

#: The two halves of central root access, as ListOrganizationsFeatures calls them.
ROOT_CREDENTIALS, ROOT_SESSIONS = "RootCredentialsManagement", "RootSessions"


@dataclass(frozen=True, slots=True)
class Organization:
    """What AWS tells this account of its organization; `id` is None where it is in none.

    `management` is the number of the account that manages it. `features` are those of central root
    access that are on, None where this account may not know: a member that manages nothing.
    `trusted` is whether IAM has trusted access, `all_features` whether the organization has all
    features; both only mean something where `features` is known.
    """

    id: str | None = None
    management: str | None = None
    features: frozenset[str] | None = None
    trusted: bool = True
    all_features: bool = True


@dataclass(frozen=True, slots=True)
class MemberAccount:
    """An account of the organization; `state` is AWS's word (ACTIVE, SUSPENDED, CLOSED …)."""

    id: str
    name: str
    state: str

    @property
    def is_active(self) -> bool:
        """Whether it is in use: AWS keeps others in the list until they are gone for good."""
        return self.state == "ACTIVE"


@dataclass(frozen=True, slots=True)
class OrganizationAccounts:
    """The accounts of this account's organization, the managing one among them.

    `organization` is its id and `management` the number of the account that manages it, None where
    the account is in none. `members` is None where AWS doesn't tell them, and `unread` says why.
    """

    organization: str | None = None
    management: str | None = None
    members: tuple[MemberAccount, ...] | None = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class MemberRoot:
    """What the root user of a member account has, as a session that only looks saw it.

    Its keys go by id; `certificates` and `devices` are ids and serial numbers. `name` is the
    account's, which anyone with the right may choose.
    """

    account: str
    name: str
    keys: tuple[AccessKey, ...] = ()
    certificates: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    password: bool = False

    @property
    def has_credentials(self) -> bool:
        """Whether anything is there that lets somebody in; an MFA device alone doesn't."""
        return bool(self.keys or self.certificates or self.password)
