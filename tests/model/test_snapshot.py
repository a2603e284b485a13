"""A snapshot never changes, so that what a pure function says of it is asked once."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.model import Account, Part, Snapshot

SEEN = Snapshot(Account("123456789012"), datetime(2026, 11, 24, 12, tzinfo=UTC), parts={})


def test_an_analysis_is_made_once_for_each_snapshot() -> None:
    made: list[Snapshot] = []

    def number(snapshot: Snapshot) -> int:
        made.append(snapshot)
        return len(snapshot.parts)

    more = replace(SEEN, parts={Part.GROUPS: ()})

    assert [SEEN.once(number), SEEN.once(number), more.once(number)] == [0, 0, 1]
    assert [each is SEEN for each in made] == [True, False]


def test_each_analysis_has_its_own_answer() -> None:
    assert (SEEN.once(lambda _: "one"), SEEN.once(lambda _: "other")) == ("one", "other")
