"""A snapshot never changes, so that what a pure function says of it is asked once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import PartNotReadError
from bot.model import Account, Part, Protection, Snapshot

USERS, GROUPS = ["ann", "bob"], ["crew"]
SEEN = Snapshot(
    Account("123456789012"),
    datetime(2026, 11, 24, 12, tzinfo=UTC),
    parts={Part.USERS: USERS, Part.GROUPS: GROUPS},
    owners={"AIDA": "ann@example.com"},
)
ABOUT = frozenset({Part.USERS, Part.ROLES})


class Counting:
    """An analysis that keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[Snapshot] = []

    def __call__(self, snapshot: Snapshot) -> int:
        self.shown.append(snapshot)
        return len(self.shown)


def test_an_analysis_is_made_once_of_the_same_parts() -> None:
    """What else is read, or read anew, and who owns what, is nothing to it."""
    count = Counting()
    more = {**SEEN.parts, Part.GROUPS: (), Part.TRAILS: ()}
    later = replace(SEEN, parts=more, owners={})

    assert [each.once(count, ABOUT) for each in (SEEN, SEEN, later)] == [1, 1, 1]


def test_a_part_that_was_read_anew_is_analysed_anew() -> None:
    """Even where it says the same; so is a part that there was none of before."""
    count = Counting()
    anew = replace(SEEN, parts={**SEEN.parts, Part.USERS: [*USERS]})
    roles = replace(SEEN, parts={**SEEN.parts, Part.ROLES: ()})
    protected = replace(SEEN, protection=Protection(protected=("*",)))

    assert [each.once(count, ABOUT) for each in (SEEN, anew, roles, protected)] == [1, 2, 3, 4]


def test_an_analysis_sees_nothing_but_its_parts() -> None:
    """Else it would be wrong once another part is read."""
    count = Counting()
    SEEN.once(count, ABOUT)

    (shown,) = count.shown
    assert dict(shown.parts) == {Part.USERS: USERS}
    assert shown.owners == {}
    with pytest.raises(PartNotReadError):
        _ = shown.groups


def test_each_analysis_has_its_own_answer() -> None:
    answers = [SEEN.once(lambda _, said=said: said, ABOUT) for said in ("one", "other")]

    assert answers == ["one", "other"]
