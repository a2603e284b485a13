"""Passwords, access keys and MFA devices, as the reports and live calls know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.finding import KeyReference

#: What the names of Locksmith's own secrets in Secrets Manager begin with.
SECRETS_PREFIX = "locksmith/"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One access key of a user.

    Known from the credential report until it is named (`key_id` None): then `slot` is 1 or 2 and
    `created` is the report's "last rotated", which AWS sets at creation and at each change of
    status. Once named, `created` is the real CreateDate, and `seen_live` the time of the last
    ListAccessKeys. `last_used` None means never used, as far as AWS knows.
    """

    user: str
    user_id: str
    created: datetime
    active: bool
    last_used: datetime | None = None
    last_used_service: str | None = None
    last_used_region: str | None = None
    slot: int | None = None
    key_id: str | None = None
    seen_live: datetime | None = None

    @property
    def subject(self) -> str:
        """What a fix changes: the key's id, or where the report has it until it is named."""
        return self.key_id or f"{self.user_id}/key-{self.slot}/{self.created:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def reference(self) -> KeyReference:
        """This key as a finding names it."""
        return KeyReference(self.user, self.user_id, self.slot, self.created, self.key_id)

    @property
    def shown_id(self) -> str:
        """The key's id, or a placeholder that no call accepts."""
        return self.key_id or "<AccessKeyId>"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One person's or service's row of the credential report, root's included.

    `password_enabled` is None where the report says `not_supported`. `password_last_used` None
    means never, or no information; `password_last_changed` None that there is no password.
    `certificates` says whether there are signing certificates, on or off.
    """

    user: str
    arn: str
    created: datetime
    password_enabled: bool | None
    password_last_used: datetime | None
    password_last_changed: datetime | None
    mfa_active: bool
    keys: tuple[AccessKey, ...]
    certificates: bool = False


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """The credential report: AWS makes one at most every four hours, so mind `generated`.

    `users` has no root row; `root` is None where the report came without one.
    """

    generated: datetime | None
    root: ReportRow | None
    users: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The account's password policy; without one (`exists` False) AWS's defaults are given.

    Ages are days; `max_age` and `reuse` 0 mean: not set.
    """

    exists: bool
    minimum_length: int = 8
    symbols: bool = False
    numbers: bool = False
    uppercase: bool = False
    lowercase: bool = False
    users_may_change: bool = True
    max_age: int = 0
    reuse: int = 0
    hard_expiry: bool = False


@dataclass(frozen=True, slots=True)
class VirtualMfaDevice:
    """A virtual MFA device; `user_arn` is None while nobody has it, and ends `:root` for root's."""

    serial: str
    user_arn: str | None


class MfaKind(StrEnum):
    """A kind of MFA device, as its serial number tells it."""

    VIRTUAL = "authenticator app"
    PASSKEY = "passkey or security key"
    HARDWARE = "hardware token with codes"

    @classmethod
    def of(cls, serial: str) -> "MfaKind":
        """By the ARN that AWS gives apps and passkeys; hardware tokens have their maker's number.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_MFADevice.html
        """
        resource = serial.split(":", 5)[5] if serial.count(":") >= 5 else ""
        kinds = {"mfa": cls.VIRTUAL, "u2f": cls.PASSKEY}
        return kinds.get(resource.partition("/")[0], cls.HARDWARE)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One successful sign-in to the console: when, and from which IP address."""

    at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class SignIns:
    """Sign-ins of users by their unique id, oldest first, as CloudTrail's event history has them.

    All that there were since `since`, but for those of the Regions in `unread`.
    """

    since: datetime
    by_user: Mapping[str, tuple[SignIn, ...]]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretStore:
    """Secrets Manager as Locksmith uses it: the Region, and what it keeps for users there.

    `current` maps the name of each of Locksmith's secrets to the id of its current version.
    """

    region: str
    current: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UserCredential:
    """An SSH public key or a signing certificate of a user, by their unique id."""

    id: str
    user_id: str
    active: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A TLS certificate that was uploaded to IAM, for load balancers and the like."""

    name: str
    id: str
    arn: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ServiceCredential:
    """A service-specific credential (CodeCommit, Keyspaces, Bedrock, …)."""

    id: str
    user: str
    service: str
    active: bool
    created: datetime
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """A CloudTrail trail as seen from here, shadow copies included.

    `management_events` is All, ReadOnly, WriteOnly or None; None also when selectors leave some
    management events out. `logging` is what GetTrailStatus says. `selectors` are its basic event
    selectors as JSON text, None where it has advanced ones. `key`, `log_group` and `log_role` are
    ARNs: the KMS key that its files are encrypted with, and where in CloudWatch Logs it writes to
    as well, by which role; empty for none.
    """

    name: str
    arn: str
    home_region: str
    multi_region: bool
    organization: bool
    logging: bool
    global_events: bool
    validation: bool
    management_events: str | None
    delivery_error: str | None = None
    selectors: str | None = None
    bucket: str = ""
    key: str = ""
    log_group: str = ""
    log_role: str = ""
