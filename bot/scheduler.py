"""Drives time and nothing else: APScheduler calls `tick`, and what is due is in the database."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.errors import LocksmithError

_log = logging.getLogger(__name__)
_MISSED = 3  # ticks
#: A tick asks about a whole account at most; one that takes longer hangs.
_LONGEST_TICK = timedelta(hours=1)


_FIELDS = 5
_INSTANT = timedelta(microseconds=1)


def wall_times(expression: str) -> Callable[[datetime], datetime | None]:
    """What gives the first time after another that a cron expression names; both are naive.

    The clock is one that is never put forward or back: what zones do is not APScheduler's to say.
    Weekdays go by names, since APScheduler counts them from Monday and cron from Sunday.
    Raises ValueError for what is no expression, or names no time at all.
    """
    fields = expression.split()
    if len(fields) != _FIELDS:
        raise ValueError("it has five fields: minute, hour, day, month, weekday")
    if any(each.isdigit() for each in fields[4]):
        raise ValueError("weekdays go by name, such as mon-fri")
    trigger = CronTrigger.from_crontab(expression, timezone=UTC)

    def following(moment: datetime) -> datetime | None:
        found = trigger.get_next_fire_time(None, (moment + _INSTANT).replace(tzinfo=UTC))
        return None if found is None else found.replace(tzinfo=None)

    if following(datetime(2024, 1, 1)) is None:  # noqa: DTZ001 - a wall's clock; a leap year
        raise ValueError("it names a day that never comes")
    return following


class Scheduler:
    """Calls `tick` every `interval`, one at a time, until it is stopped.

    APScheduler's own thread can die while it says that it runs, so `problem` looks for itself.
    https://apscheduler.readthedocs.io/en/3.x/faq.html
    """

    def __init__(
        self, tick: Callable[[], object], interval: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._tick = tick
        self._interval = interval
        self._clock = clock
        self._last: datetime | None = None
        self._began: datetime | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._idle = threading.Event()
        self._idle.set()
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin at once."""
        self._last = self._clock()
        self._scheduler.add_job(
            self._ticked,
            "interval",
            seconds=self._interval.total_seconds(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
        self._scheduler.start()

    def problem(self) -> str | None:
        """Why what falls due isn't looked for, or None."""
        if self._last is None:
            return "the scheduler was not started"
        with self._lock:
            began, last, now = self._began, self._last, self._clock()
        if began is None and now - last > self._interval * _MISSED:
            return f"the scheduler has not ticked since {last:%Y-%m-%d %H:%M:%S} UTC"
        if began is not None and now - began > _LONGEST_TICK:
            return f"a tick of the scheduler hangs since {began:%Y-%m-%d %H:%M:%S} UTC"
        return None

    def stop(self, within: timedelta) -> bool:
        """Tick no more; whether the tick that runs came to its end in that time."""
        with self._lock:
            self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return self._idle.wait(within.total_seconds())

    def _ticked(self) -> None:
        with self._lock:
            if self._stopped:  # it was on its way to a thread when it was called off
                return
            self._began = self._clock()
            self._idle.clear()
        try:
            self._tick()
        except LocksmithError as error:
            _log.warning("A tick failed; the next one goes on: %s", error)
        except Exception:  # noqa: BLE001 - said in the log; the next tick is another try
            _log.exception("a tick failed; the next one goes on")
        finally:
            with self._lock:
                self._last, self._began = self._clock(), None
            self._idle.set()
