"""When people work, in their own time zone. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model import Grace

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_AHEAD = 15  # days; a week has a working day, and a clock change moves it by one at most


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`09:00-17:00` on some days of the week; `zone` is for people whose own isn't known."""

    begins: time = time(9)
    ends: time = time(17)
    days: frozenset[int] = frozenset(range(5))
    zone: str = "UTC"

    @classmethod
    def read(cls, hours: str, days: Collection[str], zone: str) -> "WorkingHours":
        """From the configuration's words, which were checked there."""
        begins, _, ends = hours.partition("-")
        return cls(
            time.fromisoformat(begins),
            time.fromisoformat(ends),
            frozenset(_DAYS.index(day) for day in days),
            zone,
        )

    def next(self, after: datetime, zone: str | None = None) -> datetime:
        """The first moment from `after` on, in UTC, at which someone in `zone` works.

        An hour that a clock change skips counts from where the day goes on.
        """
        where = self._zone(zone)
        local = after.astimezone(where)
        for ahead in range(_LOOK_AHEAD):
            day = local.date() + timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            begins = datetime.combine(day, self.begins, where).astimezone(UTC)
            ends = datetime.combine(day, self.ends, where).astimezone(UTC)
            if after < ends:
                return max(after.astimezone(UTC), begins)
        raise ValueError("no working day in two weeks")  # the configuration asks for one

    def day_of(self, moment: datetime, zone: str | None = None) -> str:
        """The date that someone in `zone` has at a moment: `2026-11-25`."""
        return f"{moment.astimezone(self._zone(zone)):%Y-%m-%d}"

    def morning_after(self, moment: datetime, zone: str | None = None) -> datetime:
        """The beginning of the next working day of someone in `zone`, in UTC."""
        where = self._zone(zone)
        tomorrow = moment.astimezone(where).date() + timedelta(days=1)
        return self.next(datetime.combine(tomorrow, time(0), where), zone)

    def after(self, grace: Grace, moment: datetime, zone: str | None = None) -> datetime:
        """When a grace from this moment on is over for someone in `zone`, in UTC."""
        if grace.working_days:
            return self.days_later(moment, grace.working_days, zone)
        return moment + grace.time

    def days_later(self, moment: datetime, days: int, zone: str | None = None) -> datetime:
        """The same time of day, `days` working days of someone in `zone` later, in UTC.

        What comes outside of their hours counts from when they work next. Public holidays are not
        known.
        """
        where = self._zone(zone)
        begins = self.next(moment, zone).astimezone(where)
        day, left = begins.date(), days
        while left > 0:
            day += timedelta(days=1)
            left -= day.weekday() in self.days
        return datetime.combine(day, begins.timetz().replace(tzinfo=None), where).astimezone(UTC)

    def _zone(self, zone: str | None) -> ZoneInfo:
        for name in (zone, self.zone):
            try:
                return ZoneInfo(name or "")
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
        return ZoneInfo("UTC")
