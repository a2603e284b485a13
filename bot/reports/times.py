"""Times in people's words, with the exact UTC value at hand."""

from datetime import datetime, timedelta

_UNITS = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)
#: People count days up to this many, since thresholds are days; months and years only beyond.
_DAYS_UP_TO = 730 * 86400


def exact(when: datetime) -> str:
    """The UTC time to the second: `2026-11-24 01:50:12 UTC`."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def ago(when: datetime, now: datetime) -> str:
    """How long back or ahead `when` lies, in its largest whole unit: `3 days ago`, `in 2 hours`."""
    seconds = round((now - when).total_seconds())
    if abs(seconds) < 60:
        return "just now" if seconds >= 0 else "in a moment"
    words = _largest_unit(abs(seconds))
    return f"{words} ago" if seconds > 0 else f"in {words}"


def told(when: datetime, now: datetime) -> str:
    """Both: `3 days ago (2026-11-21 01:50:12 UTC)`."""
    return f"{ago(when, now)} ({exact(when)})"


def lasted(duration: timedelta) -> str:
    """A duration: `4.2 s`, `3 min 5 s`."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def instant(text: str) -> datetime | None:
    """The aware time that evidence gives as ISO 8601 text, or None for any other text."""
    if len(text) < 20 or text[4:5] != "-" or text[10:11] != "T":
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def _largest_unit(seconds: int) -> str:
    for size, name in _UNITS:
        if seconds >= size and not (size > 86400 and seconds < _DAYS_UP_TO):
            count = seconds // size
            return f"{count} {name}" + ("s" if count > 1 else "")
    return "1 minute"
