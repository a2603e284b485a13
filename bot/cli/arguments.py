"""Arguments that commands share: ids, days, reasons."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from bot.model import Framework

_SPAN = re.compile(r"([0-9]{1,4})([dw])")
_PAST = re.compile(r"([0-9]{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_KINDS = {"f": "a finding", "p": "a proposal", "x": "an execution"}


class IdType(click.ParamType[str]):
    """An id of one of the given kinds: `f`, `p` or `x`, a dash, and the rest."""

    name = "id"

    def __init__(self, kinds: str) -> None:
        self.kinds = kinds

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id, or a usage error that says which ids there are."""
        text = str(value).strip()
        kind, dash, rest = text.partition("-")
        if kind in self.kinds and dash and rest.isalnum():
            return text
        allowed = " or ".join(f"{_KINDS[each]} ({each}-…)" for each in self.kinds)
        what = f"is {_KINDS[kind]}'s" if kind in _KINDS and dash else "is no id"
        raise click.BadParameter(f"{text!r} {what}; needed is the id of {allowed}", ctx, param)


class UntilType(click.ParamType[datetime | timedelta]):
    """A day ahead: `2026-12-31`, `30d` or `2w`; a span is resolved when the command is carried out.

    Days begin at midnight UTC.
    """

    name = "day"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """The moment or the span, or a usage error."""
        text = str(value).strip()
        if span := _SPAN.fullmatch(text.lower()):
            count = int(span[1])
            return timedelta(weeks=count) if span[2] == "w" else timedelta(days=count)
        try:
            return datetime.combine(date.fromisoformat(text), time(tzinfo=UTC))
        except ValueError:
            message = f"{text!r} is no day: write 2026-12-31, 30d or 2w"
            raise click.BadParameter(message, ctx, param) from None


class SinceType(click.ParamType[datetime | timedelta]):
    """A moment that has passed: `2026-12-31`, `2026-12-31T14:00`, or a span like `2h`, `3d`, `1w`.

    Without a zone it is UTC.
    """

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """The moment or the span, or a usage error."""
        text = str(value).strip()
        if span := _PAST.fullmatch(text.lower()):
            return int(span[1]) * _UNITS[span[2]]
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            message = f"{text!r} is no time: write 2h, 3d, 2026-12-31 or 2026-12-31T14:00"
            raise click.BadParameter(message, ctx, param) from None
        return when if when.tzinfo else when.replace(tzinfo=UTC)


def moment(until: datetime | timedelta, now: datetime) -> datetime:
    """The moment that --until means. Raises click.UsageError where it is not ahead."""
    when = until if isinstance(until, datetime) else now + until
    if when <= now:
        raise click.UsageError(f"--until must lie ahead, and {when:%Y-%m-%d} doesn't")
    return when


def said(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """A reason as one trimmed text; an empty one is none."""
    if value is None:
        return None
    text = value.strip()
    if not text:
        raise click.BadParameter("say why, for those who look later")
    return text


FINDING = IdType("f")
PROPOSAL = IdType("pf")
EXECUTION = IdType("x")
ANY = IdType("fpx")
SINCE = SinceType()

reason_option = click.option(
    "--reason", required=True, metavar="TEXT", callback=said, help="Why, for those who look later."
)
until_option = click.option(
    "--until",
    required=True,
    type=UntilType(),
    metavar="DAY",
    help="2026-12-31 (midnight UTC), 30d or 2w.",
)
framework_option = click.option(
    "--framework",
    type=click.Choice([each.value for each in Framework]),
    metavar="NAME",
    help=f"In an auditor's numbering: {', '.join(Framework)}.",
)
