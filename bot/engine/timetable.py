"""When each account is looked at next, and what else comes at times. Pure: whoever asks says what
time it is.

Schedules are spread by a delay of each account's own, always the same. What was missed comes once,
late; a clock that was put forward or back moves nothing that is due by more than one turn.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.model import Occasion

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Clocks are put forward or back by two hours at most.
_SHIFT = timedelta(hours=3)
_INSTANT = timedelta(microseconds=1)


#: The first time after another that a cron expression names, on a clock that is never changed.
Following = Callable[[datetime], datetime | None]


class Rhythm(Protocol):
    """Moments that come again and again."""

    def after(self, moment: datetime) -> datetime:
        """The first of them later than `moment`, in UTC."""

    def reached(self, moment: datetime) -> datetime:
        """The first of them that is not before `moment`, in UTC."""


@dataclass(frozen=True, slots=True)
class Every:
    """Moments with the same time between them, the same for every process."""

    interval: timedelta

    def after(self, moment: datetime) -> datetime:
        """The first later than `moment`; one that is nearer than half of the interval is left out.

        So a look that somebody asked for, or that came late, is not repeated right away.
        """
        turns = (moment + self.interval / 2 - _EPOCH) // self.interval
        return _EPOCH + (turns + 1) * self.interval

    def reached(self, moment: datetime) -> datetime:
        """The first that is not before `moment`, however near it is."""
        return _EPOCH - (_EPOCH - moment) // self.interval * self.interval


@dataclass(frozen=True, slots=True)
class Cron:
    """Times of a clock on a wall in `zone`.

    A time that exists twice, when the clock is put back, counts once, the first time. One that
    doesn't exist, when it is put forward, comes as much later as the clock was moved.
    """

    following: Following
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """The first later than `moment`. Raises ValueError where none ever comes."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None) - _SHIFT
        found: datetime | None = None
        while True:
            candidate = self.following(wall)
            if candidate is None:
                if found is None:
                    raise ValueError("this time never comes")
                return found
            if found is not None and candidate >= found.astimezone(self.zone).replace(tzinfo=None):
                return found
            wall = candidate
            instant = candidate.replace(tzinfo=self.zone).astimezone(UTC)
            if instant > moment and (found is None or instant < found):
                found = instant

    def reached(self, moment: datetime) -> datetime:
        """The first that is not before `moment`. Raises ValueError where none ever comes."""
        return self.after(moment - _INSTANT)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When some accounts are looked at, or what else is done; `accounts` None is every account.

    What is delayed, and by how much, goes by the id of an account or of whatever else it is about.
    """

    rhythm: Rhythm
    jitter: timedelta = timedelta(0)
    accounts: frozenset[str] | None = None

    def after(self, account_id: str, moment: datetime) -> datetime:
        """The first time later than `moment` that this account is looked at."""
        delay = self.delay_of(account_id)
        return self.rhythm.after(moment - delay) + delay

    def reached(self, any_id: str, moment: datetime) -> datetime:
        """The first time that is not before `moment`."""
        delay = self.delay_of(any_id)
        return self.rhythm.reached(moment - delay) + delay

    def kept(self, any_id: str, due: datetime, now: datetime) -> datetime:
        """When something is due that was to come at `due`, now that it is `now`.

        One that is farther off than the second turn from now was set by a clock that was wrong, or
        by a schedule that is another one today.
        """
        if due <= now:
            return due
        following = self.after(any_id, now)
        return following if due > self.after(any_id, following) else due

    def delay_of(self, account_id: str) -> timedelta:
        """How much later this account comes than the schedule says: at most the jitter."""
        seconds = int(self.jitter.total_seconds())
        number = int.from_bytes(hashlib.sha256(account_id.encode()).digest()[:8], "big")
        return timedelta(seconds=number % (seconds + 1))


@dataclass(frozen=True, slots=True)
class Timetable:
    """The schedules of scans, the first that is about an account counts; without one it is not
    looked at. `others` are those of everything else that comes at times.
    """

    schedules: Sequence[Schedule] = ()
    others: Mapping[Occasion, Schedule] = field(default_factory=dict)

    def turn(self, occasion: Occasion, any_id: str, due: datetime) -> datetime:
        """When something is done that falls due at `due`: then, where nobody has said."""
        schedule = self.others.get(occasion)
        return due if schedule is None else schedule.reached(any_id, due)

    def after(self, account_id: str, moment: datetime) -> datetime | None:
        """When this account is looked at next after `moment`; None where nobody has said."""
        schedule = self._of(account_id)
        return None if schedule is None else schedule.after(account_id, moment)

    def gap(self, account_id: str, moment: datetime) -> timedelta | None:
        """The time between the next two looks at this account; None where nobody has said."""
        following = self.after(account_id, moment)
        second = None if following is None else self.after(account_id, following)
        return None if following is None or second is None else second - following

    def overdue_at(self, account_id: str, looked_at: datetime) -> datetime | None:
        """When it is certain that a look is missing: at the second that should have come since."""
        schedule = self._of(account_id)
        if schedule is None:
            return None
        return schedule.after(account_id, schedule.after(account_id, looked_at))

    def kept(self, account_id: str, due: datetime, now: datetime) -> datetime | None:
        """When a look is due that was to come at `due`; None where nobody has said."""
        schedule = self._of(account_id)
        return None if schedule is None else schedule.kept(account_id, due, now)

    def _of(self, account_id: str) -> Schedule | None:
        return next(
            (
                each
                for each in self.schedules
                if each.accounts is None or account_id in each.accounts
            ),
            None,
        )
