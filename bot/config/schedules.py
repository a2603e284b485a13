"""When accounts are looked at, people are told, and the house is kept."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.config.remediation import AccountsName
from bot.config.section import Section
from bot.config.slack import zone_checked
from bot.model import Occasion


class ScheduleSettings(Section):
    """When `locksmith serve` scans some accounts, or does something else; the first that matches
    counts."""

    what: Occasion = Field(
        default=Occasion.SCANS,
        strict=False,
        description="What comes then: scans; digests, which ask what scans found since, save what "
        "is critical, which is asked at once; reminders and escalations; expiries of questions; "
        "graces, the ends of rules' graces; checks after a change; housekeeping. Without a "
        "schedule each comes when it falls due.",
    )

    accounts: tuple[AccountsName, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="Account ids in quotes, and group:NAME, for scans; null is every account.",
    )
    every_hours: float | None = Field(
        default=None,
        ge=1 / 6,
        le=24 * 30,
        allow_inf_nan=False,
        description="Hours between two times; this or cron.",
    )
    cron: str | None = Field(
        default=None,
        description=(
            "Minute, hour, day, month and weekday as cron has them, such as 30 1 * * mon-fri; "
            "weekdays by name."
        ),
    )
    zone: Annotated[str, AfterValidator(zone_checked)] = Field(
        default="UTC", description="Time zone of cron, such as Europe/Berlin."
    )
    jitter_minutes: float = Field(
        default=0,
        ge=0,
        le=24 * 60,
        allow_inf_nan=False,
        description="Most minutes that it comes later, so that not all comes at once; for one "
        "account, or question, always the same.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.every_hours is None) == (self.cron is None):
            raise ValueError("give either every_hours or cron")
        if self.every_hours is not None and self.jitter > timedelta(hours=self.every_hours) / 2:
            raise ValueError("jitter_minutes must be at most half of every_hours")
        if self.accounts is not None and self.what is not Occasion.SCANS:
            raise ValueError("accounts can be named for scans only")
        return self

    @property
    def jitter(self) -> timedelta:
        """The longest that it comes later."""
        return timedelta(minutes=self.jitter_minutes)
