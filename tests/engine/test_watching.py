"""Looks that did not come, failed or saw less: each is a case, told once, and seen by everyone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.engine.announcing import tell_silence
from bot.engine.cards import NOTICE
from bot.engine.timetable import Every, Schedule, Timetable
from bot.engine.watching import Case, Watching, note_failed, watched_mark
from bot.model import Account, Actor, Part, Unavailable
from bot.store import accounts, marks, messages, scans
from bot.store.database import Store
from tests.conftest import StandingClock

A = Account("111111111111", "aws")
ACTOR = Actor("locksmith", "serve")
GAP = Unavailable(Part.USERS, "iam:ListUsers", "AccessDenied", "iam:ListUsers")
EVERY_SIX = Timetable((Schedule(Every(timedelta(hours=6))),))


@pytest.fixture
def watching(sqlite_store: Store) -> Watching:
    """A watch over one account, which is known since noon."""
    with sqlite_store.write() as tx:
        accounts.ensure_account(tx, A)
        marks.set_mark(tx, watched_mark(A.id), tx.now)
    return Watching(sqlite_store, EVERY_SIX, lambda: (A.id,), {A.id: "sandbox"})


def scan(
    store: Store,
    *,
    principals: int | None = 100,
    findings: int = 20,
    gaps: Sequence[Unavailable] = (),
    offline: bool = False,
) -> None:
    """Remember a scan that ends now."""
    with store.write() as tx:
        scans.record_scan(
            tx,
            A.id,
            started_at=tx.now,
            finished_at=tx.now,
            calls={},
            unavailable={each.part: each for each in gaps},
            not_evaluated={},
            findings=findings,
            offline=offline,
            actor=ACTOR,
            principals=principals,
        )


def whats(watching: Watching) -> list[str]:
    return [each.what for each in watching.cases()]


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, []), (6, []), (11.9, []), (12, ["late"]), (100, ["late"])]
)
def test_a_look_that_does_not_come_by_twice_its_interval(
    watching: Watching, clock: StandingClock, hours: float, expected: list[str]
) -> None:
    scan(watching.store)
    clock.pass_time(hours=hours)
    assert whats(watching) == expected


def test_a_new_account_is_missed_too_and_files_are_no_look(
    watching: Watching, clock: StandingClock
) -> None:
    clock.pass_time(hours=12)
    scan(watching.store, offline=True)
    (case,) = watching.cases()
    assert (case.what, "at all yet" in case.sentence) == ("late", True)
    scan(watching.store)
    assert whats(watching) == []


def test_one_that_nobody_is_to_look_at_is_not_missed(
    watching: Watching, clock: StandingClock
) -> None:
    clock.pass_time(days=30)
    unscheduled = Watching(watching.store, Timetable(), watching.accounts)
    assert whats(unscheduled) == []


def test_a_look_that_failed_until_one_succeeds(watching: Watching, clock: StandingClock) -> None:
    scan(watching.store)
    for minutes in (5, 10):
        clock.pass_time(minutes=minutes)
        with watching.store.write() as tx:
            note_failed(tx, A.id, ACTOR, "AccessDenied")
    (case,) = watching.cases()
    assert case.what == "failed"
    assert "AccessDenied" in case.sentence
    assert clock.now - case.since == timedelta(minutes=10), "it is the first one that counts"

    clock.pass_time(minutes=1)
    scan(watching.store)
    assert whats(watching) == []
    clock.pass_time(minutes=1)
    with watching.store.write() as tx:
        note_failed(tx, A.id, ACTOR, "Throttling")
    (again,) = watching.cases()
    assert again.key != case.key
    assert "Throttling" in again.sentence


@pytest.mark.parametrize(
    ("before", "now", "less"),
    [
        ({}, {}, False),
        ({}, {"principals": 50}, False),
        ({}, {"principals": 49}, True),
        ({}, {"principals": None}, True),
        ({"principals": None}, {}, False),
        ({"principals": 0}, {}, False),
        ({}, {"findings": 10}, False),
        ({}, {"findings": 9}, True),
        ({"findings": 9}, {"findings": 0}, False),  # few may be gone by tomorrow
        ({}, {"gaps": [GAP]}, True),
        ({"gaps": [GAP]}, {"gaps": [GAP]}, False),
        ({"gaps": [GAP]}, {}, False),
    ],
)
def test_a_look_that_saw_far_less(
    watching: Watching, before: dict[str, object], now: dict[str, object], less: bool
) -> None:
    scan(watching.store, **before)  # type: ignore[arg-type]
    scan(watching.store, **now)  # type: ignore[arg-type]
    assert whats(watching) == (["less"] if less else [])


def test_each_case_is_told_once(watching: Watching, clock: StandingClock) -> None:
    def told() -> int:
        with watching.store.read() as tx:
            return len(messages.messages_to(tx, "C1", NOTICE))

    scan(watching.store)
    clock.pass_time(hours=13)
    assert tell_silence(watching.store, "C1", watching.cases())
    clock.pass_time(days=2)
    assert not tell_silence(watching.store, "C1", watching.cases())
    assert told() == 1
    scan(watching.store)
    assert not tell_silence(watching.store, "C1", watching.cases())
    clock.pass_time(hours=13)
    assert tell_silence(watching.store, "C1", watching.cases())
    assert told() == 2
    case = Case(A.id, "late", clock.now, "…")
    assert not tell_silence(watching.store, None, [case])


def test_what_is_told_of_our_health_has_nothing_that_aws_said(watching: Watching) -> None:
    assert watching.remark() is None
    with watching.store.write() as tx:
        note_failed(tx, A.id, ACTOR, "a secret of AWS's")
    remark = watching.remark() or ""
    assert f"account {A.id} failed since 2026-11-24 12:00 UTC" in remark
    assert "secret" not in remark


def test_a_watched_account_says_when_it_was_looked_at(watching: Watching) -> None:
    scan(watching.store)
    (seen,) = watching.watched()
    assert (seen.name, seen.is_live, seen.cases) == ("sandbox", False, ())
    assert seen.looked_at is not None
    assert seen.next_at is None
