"""Times in people's words."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.reports.times import ago, instant, lasted, told
from tests.reports.samples import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (119, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "1 day ago"),
        (45 * 86_400, "45 days ago"),
        (729 * 86_400, "729 days ago"),
        (730 * 86_400, "2 years ago"),
        (-30, "in a moment"),
        (-7200, "in 2 hours"),
        (-86_400 * 30, "in 30 days"),
    ],
)
def test_ago_uses_the_largest_unit_that_people_use(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_told_has_the_exact_time_at_hand() -> None:
    assert told(NOW - timedelta(days=3), NOW) == "3 days ago (2026-11-21 12:00:00 UTC)"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-05-08T12:00:00Z", datetime(2026, 5, 8, 12, tzinfo=UTC)),
        ("2026-05-08T12:00:00+00:00", datetime(2026, 5, 8, 12, tzinfo=UTC)),
        ("2026-05-08T12:00:00", None),
        ("2026-05-08", None),
        ("2026-99-08T12:00:00Z", None),
        ("never", None),
    ],
)
def test_instant_knows_times_from_other_text(text: str, when: datetime | None) -> None:
    assert instant(text) == when


@pytest.mark.parametrize(("seconds", "words"), [(4.24, "4.2 s"), (-1, "0.0 s"), (185, "3 min 5 s")])
def test_lasted(seconds: float, words: str) -> None:
    assert lasted(timedelta(seconds=seconds)) == words
