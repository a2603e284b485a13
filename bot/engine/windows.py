"""When rules may change an account: hours on some days of the week, and never on holidays. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LOOK_AHEAD = 366  # days; holidays may be many


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of some weekdays (0 is Monday) in a time zone; never on `holidays`.

    `accounts` are the ids that it holds for. `ends` is after `begins` on the same day.
    """

    accounts: frozenset[str]
    begins: time = time(9)
    ends: time = time(17)
    days: frozenset[int] = frozenset(range(5))
    zone: str = "UTC"
    holidays: Collection[date] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether rules may act at this moment."""
        local = now.astimezone(ZoneInfo(self.zone))
        return self._is_day(local.date()) and self.begins <= local.time() < self.ends

    def opens_after(self, now: datetime) -> datetime:
        """The first moment from `now` on at which it is open, in UTC.

        A year of holidays on end gives the end of that year: then it is asked again.
        """
        where = ZoneInfo(self.zone)
        today = now.astimezone(where).date()
        for ahead in range(_LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            ends = datetime.combine(day, self.ends, where).astimezone(UTC)
            if self._is_day(day) and now < ends:
                return max(now, datetime.combine(day, self.begins, where).astimezone(UTC))
        return now + timedelta(days=_LOOK_AHEAD)

    def _is_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays
