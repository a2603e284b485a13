"""How everything stands: what is wrong comes first, and no silence looks like all is well."""

import pytest

from bot.engine.overview import State
from bot.reports.state_text import state_lines
from tests.reports.printing import printed
from tests.reports.samples import NOW, state


def test_what_is_wrong_comes_first() -> None:
    lines = printed(state_lines(state(), NOW)).splitlines()
    assert lines[0].startswith("Writes are stopped, by local:alice@laptop")
    assert "! Account 210987654321 can't be looked at: AccessDenied" in lines
    assert "Rules wait: rules make at most 5 changes an hour in account 123456789012" in lines
    assert lines.index("") < next(i for i, each in enumerate(lines) if each.startswith("TOPIC"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("credentials", ["3", "0", "2", "1", "5", "0"]),
        ("least-privilege", ["0", "0", "0", "0", "0", "3"]),
        ("123456789012", ["sandbox", "live", "2", "hours", "ago", "in", "4", "hours"]),
        ("210987654321", ["notify", "2", "days", "ago", "on", "request"]),
    ],
)
def test_rows(row: str, words: list[str]) -> None:
    text = printed(state_lines(state(well=True), NOW))
    assert "!" not in text
    (line,) = (each for each in text.splitlines() if each.startswith(row))
    assert line.split()[1:] == words


def test_before_anything_was_looked_at() -> None:
    assert "No account was looked at yet" in printed(state_lines(State((), ()), NOW))
