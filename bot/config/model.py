"""What can be set, with defaults: the sections of the configuration file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit

from platformdirs import user_state_path
from pydantic import AfterValidator, Field

from bot.config.accounts import AccountSettings
from bot.config.approvals import ApprovalsSettings
from bot.config.audit import AuditSettings
from bot.config.database import DatabaseSettings
from bot.config.known_accounts import KnownAccountsSettings
from bot.config.limits import LimitsSettings
from bot.config.owners import OwnersSettings
from bot.config.remediation import RemediationSettings
from bot.config.schedules import ScheduleSettings
from bot.config.section import (
    Arn,
    ArnPattern,
    Frozen,
    Section,
    SeverityName,
    SlackUser,
    frozen,
)
from bot.config.slack import AskingSettings, SlackSettings
from bot.config.watch import WatchSettings
from bot.model import Severity


class AwsSettings(Section):
    """How Locksmith signs in to AWS; what is null here follows the AWS CLI's own rules."""

    profile: str | None = Field(
        default=None, min_length=1, description="Profile of the AWS CLI's configuration to use."
    )
    region: str | None = Field(
        default=None,
        min_length=1,
        description="Region for regional services; IAM itself is global.",
    )


class InventorySettings(Section):
    """How much a scan may ask of AWS."""

    naming_budget: int = Field(
        default=400,
        ge=0,
        description=(
            "Most calls that one scan may spend on naming access keys and their last use; 0 "
            "leaves new keys unnamed until their plan is shown."
        ),
    )
    last_access_budget: int = Field(
        default=1000,
        ge=0,
        description=(
            "Most calls that one scan may spend on what members of groups last used, and as many "
            "on what of policies was used, two or three for each managed policy that somebody has "
            "and for each user, group and role with inline ones; only where "
            "stale-group-membership, unused-service-permissions or unused-action-permissions is "
            "enabled, or `unused_days` is set for a control on access levels."
        ),
    )
    listing_budget: int = Field(
        default=100,
        ge=0,
        description=(
            "Most users whom one scan may ask about one by one, for SSH keys and for signing "
            "certificates; where there are more, neither is looked at, and the scan says so."
        ),
    )


class ProtectedSettings(Section):
    """What Locksmith never changes, beside what it never touches anyway."""

    break_glass: tuple[ArnPattern, ...] = Field(
        default=(),
        strict=False,
        description=(
            "ARN patterns of the identities for emergencies; never changed, and never left "
            "without a way in."
        ),
    )
    identities: tuple[ArnPattern, ...] = Field(
        default=(),
        strict=False,
        description="ARN patterns of further users, groups, roles and policies to leave alone.",
    )
    infrastructure_as_code: Literal["advise", "change"] = Field(
        default="advise",
        description=(
            "What to do about resources that a CloudFormation stack owns: advise says where to "
            "change them, change treats them like any other."
        ),
    )


class VerificationSettings(Section):
    """How Locksmith makes sure that a change took effect."""

    reads: int = Field(
        default=2,
        ge=1,
        le=10,
        description="How many equal answers in a row prove a change, since IAM is eventually "
        "consistent.",
    )
    interval_seconds: float = Field(
        default=5,
        ge=0,
        le=60,
        allow_inf_nan=False,
        description="Seconds between two of these looks.",
    )
    patience_seconds: float = Field(
        default=60,
        ge=0,
        le=900,
        allow_inf_nan=False,
        description="Seconds until an effect that doesn't show is called unknown, and for which a "
        "call is made again that AWS refuses as it doesn't know yet what the plan has just made.",
    )


class ProposalSettings(Section):
    """When Locksmith asks."""

    approval_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="Days that an approval stands; one that wasn't applied by then is asked anew.",
    )
    cool_off_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="Days until a plan that was denied, or that nobody answered, is asked again.",
    )
    cool_off_caps: Annotated[
        Mapping[SeverityName, Annotated[int, Field(ge=0)]], AfterValidator(frozen)
    ] = Field(
        default_factory=lambda: Frozen({Severity.CRITICAL: 7, Severity.HIGH: 14}),
        description="Most of these days by severity: what is worse comes back sooner.",
    )


class ScanSettings(Section):
    """What a scan tells the program that called it."""

    fail_on: Severity | None = Field(
        default=None,
        strict=False,
        description=(
            "Exit with 1 when findings of this severity or worse are open; null never does."
        ),
    )
    every_hours: float | None = Field(
        default=6,
        gt=0,
        le=24 * 30,
        allow_inf_nan=False,
        description=(
            "Hours between two scans of `locksmith serve` where `schedules` says nothing; null "
            "scans on request only."
        ),
    )


class Person(Section):
    """One person and the names they go by, so that two names never count as two people."""

    name: str = Field(min_length=1, description="What to call them.")
    local: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Operating-system users, as user@host.",
    )
    aws: tuple[Arn, ...] = Field(
        default=(), strict=False, description="ARNs of their IAM users and roles."
    )
    slack: tuple[SlackUser, ...] = Field(
        default=(), strict=False, description="Ids of their Slack users (U…)."
    )


class Settings(Section):
    """Everything that can be set. `controls` stays raw here: the registry knows its settings."""

    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    aws: AwsSettings = Field(default_factory=AwsSettings)
    inventory: InventorySettings = Field(default_factory=InventorySettings)
    protected: ProtectedSettings = Field(default_factory=ProtectedSettings)
    verification: VerificationSettings = Field(default_factory=VerificationSettings)
    proposals: ProposalSettings = Field(default_factory=ProposalSettings)
    scan: ScanSettings = Field(default_factory=ScanSettings)
    slack: SlackSettings = Field(default_factory=SlackSettings)
    owners: OwnersSettings = Field(default_factory=OwnersSettings)
    asking: AskingSettings = Field(default_factory=AskingSettings)
    approvals: ApprovalsSettings = Field(default_factory=ApprovalsSettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    remediation: RemediationSettings = Field(default_factory=RemediationSettings)
    limits: LimitsSettings = Field(default_factory=LimitsSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    accounts: tuple[AccountSettings, ...] = Field(
        default=(),
        strict=False,
        description=(
            "The accounts to work on; none means the one that the caller's credentials are for."
        ),
    )
    known_accounts: KnownAccountsSettings = Field(default_factory=KnownAccountsSettings)
    schedules: tuple[ScheduleSettings, ...] = Field(
        default=(),
        strict=False,
        description=(
            "When `locksmith serve` scans accounts (scan.every_hours where none matches), and when "
            "it does what else comes at times."
        ),
    )
    people: tuple[Person, ...] = Field(
        default=(),
        strict=False,
        description="People who decide, and the names that they go by.",
    )
    controls: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict,
        description="Settings of single controls, by the control's id.",
    )

    @property
    def database_url(self) -> str:
        """The database to use: the one that is set, or SQLite in the user's state folder."""
        return self.database.url or default_database_url()

    @property
    def codes_path(self) -> Path:
        """The file with the secrets of one-time codes: the one that is set, or the user's own."""
        return Path(self.approvals.codes_file or _state_folder() / "codes.json")


def default_database_url() -> str:
    """SQLite in the platform's state folder of this user."""
    return f"sqlite:///{_state_folder() / 'locksmith.db'}"


def _state_folder() -> Path:
    folder: Path = user_state_path("locksmith", appauthor=False)
    return folder


def has_password(url: str) -> bool:
    """Whether a database URL carries a password, in its authority or among its parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # Unreadable as a URL, so nobody can tell; `:…@` is how a password is written.
        return "@" in url
    named = {name.lower() for name, _ in parse_qsl(parts.query)}
    return parts.password is not None or bool(named & {"password", "passwd", "pwd"})
