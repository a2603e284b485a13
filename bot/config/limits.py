"""How much rules may do by themselves."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from bot.config.remediation import AccountsName
from bot.config.section import Section
from bot.config.slack import hours_checked, zone_checked

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: YAML reads a bare date as one; in JSON and in the environment it is text.
Holiday = Annotated[date, Strict(strict=False)]


class WindowSettings(Section):
    """When rules may change some accounts; several windows of one account are all open hours."""

    accounts: tuple[AccountsName, ...] = Field(
        strict=False, min_length=1, description="Account ids in quotes, and group:NAME."
    )
    hours: Annotated[str, AfterValidator(hours_checked)] = Field(
        default="09:00-17:00", description="From and to, on one day."
    )
    days: tuple[Day, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        strict=False,
        min_length=1,
        description="Days of the week: mon, tue, wed, thu, fri, sat, sun.",
    )
    zone: Annotated[str, AfterValidator(zone_checked)] = Field(
        default="UTC", description="Time zone of these hours, such as Europe/Berlin."
    )
    holidays: tuple[Holiday, ...] = Field(
        default=(), strict=False, description="Days without any, such as 2026-12-25."
    )


class LimitsSettings(Section):
    """How much rules may do by themselves; the tightest limit counts, and 0 means nothing at all.

    They don't bind people: what somebody approves is carried out at once. Only the stop file does.
    """

    per_scan: int = Field(
        default=10, ge=0, description="Most changes of an account between two scans of it."
    )
    per_hour: int = Field(default=5, ge=0, description="Most changes of an account in an hour.")
    per_day: int = Field(default=10, ge=0, description="Most changes of an account in 24 hours.")
    share_percent: float = Field(
        default=5,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Most changes in 24 hours as a share of an account's users and roles.",
    )
    per_hour_in_all: int = Field(
        default=20, ge=0, description="Most changes of all accounts together in an hour."
    )
    per_day_in_all: int = Field(
        default=50, ge=0, description="Most changes of all accounts together in 24 hours."
    )
    principal_pause_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 365,
        allow_inf_nan=False,
        description="Hours after a change of a principal, whoever approved it, until the next.",
    )
    canary: int = Field(
        default=1,
        ge=1,
        description="How many changes of a control come first in an account, and are watched.",
    )
    canary_wait_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 365,
        allow_inf_nan=False,
        description="Hours until the rest follows, unless the first ones did harm.",
    )
    ramp_hours: float = Field(
        default=1,
        ge=0,
        le=24,
        allow_inf_nan=False,
        description=(
            "After a freeze or an outage 1 change comes in the first so many hours, then 2, then "
            "4, and so on; 0 for no such beginning."
        ),
    )
    breaker_failures: int = Field(
        default=1,
        ge=1,
        description="Changes that did not succeed until a control stops in an account.",
    )
    breaker_undone: int = Field(
        default=1,
        ge=1,
        description="Changes that people wanted back until a control stops in an account.",
    )
    breaker_hours: float = Field(
        default=24,
        gt=0,
        le=24 * 365,
        allow_inf_nan=False,
        description="Hours that such a stop lasts, and in which those are counted.",
    )
    unusual_times: float = Field(
        default=5,
        ge=1,
        allow_inf_nan=False,
        description=(
            "How many times more findings than usual stop every rule in an account, until "
            "somebody says `locksmith rules confirm ACCOUNT`."
        ),
    )
    unusual_least: int = Field(
        default=10, ge=0, description="Fewer findings than this are never unusual."
    )
    stop_file: Path | None = Field(
        default=None,
        strict=False,
        description=(
            "While there is a file at this path, nothing is written to AWS, whoever approved it; "
            "for a stop that needs neither Slack nor the database."
        ),
    )
    windows: tuple[WindowSettings, ...] = Field(
        default=(),
        strict=False,
        description="When rules may act; accounts that no window names have no such hours.",
    )
