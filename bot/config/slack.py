"""How Locksmith talks to Slack, and when it asks there."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bot.config.section import Section, SlackAddress, SlackChannel


def hours_checked(text: str) -> str:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if match is None or text[:5] >= text[6:]:
        raise ValueError("must be two times of one day, such as 09:00-17:00")
    return text


def _url(text: str) -> str:
    if not re.fullmatch(
        r"https://[^\s/]+(/\S*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?", text
    ):
        raise ValueError("must start with https://; http:// is for an emulator on this machine")
    return text.rstrip("/") + "/"


def zone_checked(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # OSError: a folder's name, such as Europe.
        raise ValueError("must be the name of a time zone, such as Europe/Berlin") from None
    return name


class SlackSettings(Section):
    """How Locksmith talks to Slack; `locksmith serve` needs the tokens, nothing else does."""

    mode: Literal["socket", "http"] = Field(
        default="socket",
        description=(
            "socket opens a connection to Slack and needs no public address; http waits for "
            "Slack's requests at slack.listen."
        ),
    )
    bot_token: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Bot token (xoxb-…); set LOCKSMITH_SLACK__BOT_TOKEN, or "
            "LOCKSMITH_SLACK__BOT_TOKEN_FILE to a file that holds it."
        ),
        json_schema_extra={"secret": True},
        repr=False,
    )
    app_token: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "App-level token (xapp-…) with connections:write, for mode socket; set "
            "LOCKSMITH_SLACK__APP_TOKEN or LOCKSMITH_SLACK__APP_TOKEN_FILE."
        ),
        json_schema_extra={"secret": True},
        repr=False,
    )
    signing_secret: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Signing secret, for mode http; set LOCKSMITH_SLACK__SIGNING_SECRET or "
            "LOCKSMITH_SLACK__SIGNING_SECRET_FILE."
        ),
        json_schema_extra={"secret": True},
        repr=False,
    )
    base_url: Annotated[str, AfterValidator(_url)] = Field(
        default="https://slack.com/api/",
        description="Where Slack's API is; another address is for an emulator.",
    )
    security_channel: SlackChannel | None = Field(
        default=None,
        description=(
            "Id of the private channel of the security team (C…), where questions go whose owner "
            "can't be reached."
        ),
    )
    security: tuple[SlackAddress, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Who is the security group: Slack users (U…), user groups (S…), or the members of a "
            "private channel (C…)."
        ),
    )
    workspaces: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Ids of further workspaces (T…) of the same company whose people may decide, beside "
            "the one that the token belongs to."
        ),
    )
    email_domains: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Your verified domains. An e-mail address of another domain is never looked up, and "
            "never makes anyone an owner."
        ),
    )
    listen: str = Field(
        default="127.0.0.1:3000",
        pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$",
        description="Address and port for mode http.",
    )
    health: str | None = Field(
        default=None,
        pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$",
        description=(
            "Address and port that answer /healthz and /readyz in mode socket; null opens none. "
            "Mode http answers them at slack.listen."
        ),
    )
    silence_seconds: float = Field(
        default=30,
        ge=5,
        le=600,
        allow_inf_nan=False,
        description="Seconds without a sign of life from Slack until Locksmith isn't ready.",
    )
    stop_seconds: float = Field(
        default=25,
        ge=1,
        le=600,
        allow_inf_nan=False,
        description="Most seconds that serve takes to finish what runs when it is told to stop.",
    )

    @property
    def is_used(self) -> bool:
        """Whether there is a Slack in which people can be asked, by any of its settings."""
        return bool(self.bot_token or self.security_channel or self.security)


class AskingSettings(Section):
    """How often and when people are asked."""

    few: int = Field(
        default=3,
        ge=1,
        le=20,
        description=(
            "Most open questions that an owner gets as messages of their own; with more there is "
            "one digest with the questions in its thread."
        ),
    )
    per_day: int = Field(
        default=10,
        ge=1,
        le=100,
        description="Most new questions for one owner in a day; the rest waits in Home.",
    )
    deadline_days: int = Field(
        default=14,
        ge=1,
        le=180,
        description="Days until a question that nobody answered expires.",
    )
    remind_after_days: tuple[int, ...] = Field(
        default=(2, 5, 9),
        strict=False,
        validate_default=True,
        description=(
            "Days after the question on which its owner is reminded; they grow, and come before "
            "the deadline."
        ),
    )
    escalate_after_days: int = Field(
        default=10,
        ge=1,
        le=180,
        validate_default=True,
        description=(
            "Days until an unanswered question also goes to the owner's manager or team, and to "
            "the security channel where none is known."
        ),
    )
    working_hours: Annotated[str, AfterValidator(hours_checked)] = Field(
        default="09:00-17:00",
        description="When people are reminded, in their own time zone.",
    )
    working_days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        strict=False,
        min_length=1,
        description="On which days people are reminded.",
    )
    zone: Annotated[str, AfterValidator(zone_checked)] = Field(
        default="UTC",
        description="Time zone of channels, and of people whose own isn't known.",
    )
    longest_exemption_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Most days that an exemption can last.",
    )

    @field_validator("remind_after_days")
    @classmethod
    def _reminders_grow_towards_the_deadline(
        cls, days: tuple[int, ...], info: ValidationInfo
    ) -> tuple[int, ...]:
        if any(day < 1 for day in days) or list(days) != sorted(set(days)):
            raise ValueError("must be days that grow, the first one at least 1")
        deadline = info.data.get("deadline_days")  # missing where it is a mistake itself
        if days and deadline is not None and days[-1] >= deadline:
            raise ValueError(f"must come before asking.deadline_days, which is {deadline}")
        return days

    @field_validator("escalate_after_days")
    @classmethod
    def _someone_else_can_still_answer(cls, days: int, info: ValidationInfo) -> int:
        deadline = info.data.get("deadline_days")
        if deadline is not None and days >= deadline:
            raise ValueError(f"must come before asking.deadline_days, which is {deadline}")
        return days
