"""The simulated account's clock: fixed at a moment or following the real one, and movable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """Tells the time in the simulated account.

    With a moment given it stands still there, so a test sees exact ages; without one it follows
    the real clock. Either way `advance` moves it on, which is how the four hours that AWS caches a
    credential report pass without waiting.
    """

    def __init__(self, fixed_at: datetime | None = None) -> None:
        if fixed_at is not None and fixed_at.tzinfo is None:
            raise ValueError("The simulated account's time must be an aware datetime, such as UTC")
        self._fixed_at = fixed_at
        self._offset = timedelta()

    def now(self) -> datetime:
        """The account's time, aware, in UTC, in whole seconds as AWS records them."""
        base = self._fixed_at if self._fixed_at is not None else datetime.now(UTC)
        return (base + self._offset).astimezone(UTC).replace(microsecond=0)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock on (or back, with a negative `by`) and return the new time."""
        self._offset += by
        return self.now()


def moto_time(moment: datetime) -> datetime:
    """The naive UTC datetime that moto keeps, for an aware moment.

    Raises ValueError for a naive moment: whose local time it was can't be known.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; pass an aware datetime, such as UTC")
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def aware(moment: datetime) -> datetime:
    """The aware UTC datetime for one that moto keeps naive."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
