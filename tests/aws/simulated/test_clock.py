"""The account's clock stands still, follows, and moves on."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.aws.simulated import AccountBuilder, SimulatedClock
from bot.aws.simulated.clock import aware, moto_time
from tests.aws.simulated.conftest import NOW


def test_fixed_clock_moves_only_when_told() -> None:
    """Twice the same, then four hours later."""
    clock = SimulatedClock(NOW)
    assert clock.now() == clock.now() == NOW
    assert clock.advance(timedelta(hours=4)) == NOW + timedelta(hours=4) == clock.now()


def test_free_clock_follows_the_real_one() -> None:
    """Within seconds, in UTC; an advance stays on top."""
    clock = SimulatedClock()
    real = datetime.now(UTC)
    assert abs(clock.now() - real) < timedelta(seconds=5)
    assert abs(clock.advance(timedelta(days=1)) - real - timedelta(days=1)) < timedelta(seconds=5)


def test_naive_moments_are_refused(account: AccountBuilder) -> None:
    """Whose time a naive moment is can't be known."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="aware"):
        SimulatedClock(naive)
    with pytest.raises(ValueError, match="no time zone"):
        account.user("alice", created=naive)


def test_moments_keep_their_instant() -> None:
    """Another zone's moment is the same instant in UTC."""
    tokyo = datetime(2026, 11, 24, 21, tzinfo=timezone(timedelta(hours=9)))
    assert aware(moto_time(tokyo)) == NOW
