"""What a grace says, and what it doesn't take."""

from datetime import timedelta

import pytest

from bot.model import Grace


@pytest.mark.parametrize(
    ("text", "grace", "said"),
    [
        ("5 working days", Grace(working_days=5), "5 working days"),
        ("1 working day", Grace(working_days=1), "1 working day"),
        ("7d", Grace(timedelta(days=7)), "7d"),
        ("12h", Grace(timedelta(hours=12)), "12h"),
        ("48h", Grace(timedelta(days=2)), "2d"),
        ("0d", Grace(), "0d"),
        (" 7d ", Grace(timedelta(days=7)), "7d"),
    ],
)
def test_is_read_and_said(text: str, grace: Grace, said: str) -> None:
    assert Grace.parse(text) == grace
    assert str(grace) == said
    assert Grace.parse(said) == grace


@pytest.mark.parametrize("text", ["", "7", "7 days", "-1d", "1.5d", "d", "7d 2h", "٣d", "99999d"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be like 5 working days, 7d or 12h"):
        Grace.parse(text)
