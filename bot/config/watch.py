"""For how long Locksmith looks after what it changed."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section

_Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z0-9]+)+-\d$")]


class WatchSettings(Section):
    """How Locksmith watches for harm what it did: keys off, rights taken, users fenced."""

    days: float = Field(
        default=7,
        gt=0,
        le=90,
        allow_inf_nan=False,
        description="Days after a change; CloudTrail's event history goes back 90.",
    )
    every_hours: float = Field(
        default=6,
        gt=0,
        le=24 * 7,
        allow_inf_nan=False,
        description="Hours between two looks.",
    )
    regions: tuple[_Region, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Regions whose refused calls are looked up, besides that of global services and "
            "aws.region; each costs calls of CloudTrail, two a second at most."
        ),
    )
