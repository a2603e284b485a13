"""What happens next, and a month played: every limit as it will be, and nothing written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.foreseeing import Calendar, Outlook, foresee, play
from bot.engine.remediation import RemediationRule, Ruling
from bot.engine.room import Known, Limits
from bot.engine.timetable import Every, Schedule, Timetable
from bot.model import (
    FindingRecord,
    FindingStatus,
    Grace,
    GraceRecord,
    Occasion,
    Origin,
    ProposalRecord,
    ProposalState,
    RemediationMode,
    Severity,
)
from tests.conftest import NOON
from tests.engine.test_limits import WIDE, scan
from tests.store.samples import ACCOUNT, CONTROL, finding, plan

DAY = timedelta(days=1)
RULE = RemediationRule("keys", RemediationMode.AUTO, grace=Grace(2 * DAY))
AUTO, ASK = Ruling(RemediationMode.AUTO, RULE), Ruling(RemediationMode.ASK)
CALENDAR = Calendar()


def outlook(name: str = "A", ruling: Ruling = AUTO, **changes: object) -> Outlook:
    record = FindingRecord(
        f"f-{name}", "ab", ACCOUNT, finding(name), "keys", FindingStatus.OPEN, NOON, NOON
    )
    fix = plan(name)
    asked = ProposalRecord(
        f"p-{name}", ACCOUNT, name, Origin.FINDING, ProposalState.PENDING, fix.digest(), fix,
        CONTROL, record.id, NOON, NOON, severity=Severity.HIGH,
    )  # fmt: skip
    return replace(Outlook(record, ruling, asked), **changes)  # type: ignore[arg-type]


def grace(until: timedelta | None, stopped: str = "") -> GraceRecord:
    ends = None if until is None else NOON + until
    return GraceRecord("p-A", RULE.actor.name, NOON, "2d", NOON, ends, stopped=stopped)


class TestNext:
    @pytest.mark.parametrize(
        ("given", "what"),
        [
            (outlook(proposal=None), "has nothing that could be proposed yet"),
            (outlook(live=False), "waits until the account is live"),
            (outlook(ruling=Ruling(RemediationMode.OFF)), "is reported, and nobody is told"),
            (
                outlook(ruling=Ruling(RemediationMode.NOTIFY)),
                "is told to its owner, and nothing is asked",
            ),
            (
                outlook(ruling=ASK),
                "is asked; without an answer its question ends 2026-12-08",
            ),
            (
                outlook(ruling=ASK, expires=NOON + DAY),
                "is asked; without an answer its question ends 2026-11-25",
            ),
            (
                outlook(ruling=Ruling(RemediationMode.ASK, RULE, "its fix is disruptive")),
                "is asked: its fix is disruptive; without an answer its question ends 2026-12-08",
            ),
            (
                outlook(grace=grace(None, "no message has reached its owner")),
                (
                    "is asked: no message has reached its owner; without an answer its question "
                    "ends 2026-12-08"
                ),
            ),
        ],
    )
    def test_what_does_not_act(self, given: Outlook, what: str) -> None:
        found = foresee(given, CALENDAR, NOON)

        assert (found.what, found.at, found.acts) == (what, None, False)

    @pytest.mark.parametrize(
        ("given", "at"),
        [
            (outlook(), NOON + 2 * DAY),
            (outlook(grace=grace(None)), NOON + 2 * DAY),
            (outlook(grace=grace(DAY)), NOON + DAY),
            (outlook(grace=grace(-DAY)), NOON),
        ],
        ids=["not told", "told nobody yet", "runs", "is over"],
    )
    def test_what_acts(self, given: Outlook, at: object) -> None:
        found = foresee(given, CALENDAR, NOON)

        assert (found.at, found.acts) == (at, True)

    def test_what_acts_at_a_turn(self) -> None:
        noons = Timetable(others={Occasion.GRACES: Schedule(Every(24 * timedelta(hours=1)))})
        found = foresee(outlook(grace=grace(DAY)), replace(CALENDAR, timetable=noons), NOON)

        assert found.at == datetime(2026, 11, 26, tzinfo=UTC)

    def test_what_was_decided_is_over(self) -> None:
        given = outlook()
        assert given.proposal is not None
        done = replace(given, proposal=replace(given.proposal, state=ProposalState.APPROVED))

        assert foresee(done, CALENDAR, NOON).what == "is approved already"


class TestMonth:
    def play(self, limits: Limits, *names: str, days: int = 30, known: Known | None = None) -> list:
        each = [outlook(name) for name in names]
        found = play(each, limits, known or Known(NOON, (), (scan(),)), CALENDAR, days=days)
        return [(one.outlook.record.id, one.what, one.at, one.is_later) for one in found]

    def test_all_at_once_where_there_is_room(self) -> None:
        limits = replace(WIDE, principal_pause=timedelta())

        assert self.play(limits, "A", "B") == [
            ("f-A", "is done, since nobody objected", NOON + 2 * DAY, False),
            ("f-B", "is done, since nobody objected", NOON + 2 * DAY, False),
        ]

    def test_one_a_day_where_that_is_the_limit(self) -> None:
        done = [
            (id_, at)
            for id_, what, at, _ in self.play(replace(WIDE, per_day=1), "A", "B", "C")
            if what.startswith("is done")
        ]

        assert done == [(f"f-{name}", NOON + (2 + n) * DAY) for n, name in enumerate("ABC")]

    def test_what_holds_up_is_said_once(self) -> None:
        held = [
            (id_, what)
            for id_, what, _, _ in self.play(replace(WIDE, per_day=1), "A", "B", "C")
            if what.startswith("waits")
        ]

        why = "waits: rules make at most 1 change a day in account 1"
        assert {id_ for id_, _ in held} == {"f-B", "f-C"}
        assert len(held) == 2
        assert held[0][1].startswith(why[:30])

    def test_the_next_scan_makes_room(self) -> None:
        done = [
            at
            for _, what, at, _ in self.play(replace(WIDE, per_scan=1), "A", "B")
            if what.startswith("is done")
        ]

        assert done[1] - done[0] == CALENDAR.scan_every

    def test_what_only_a_person_lets_go_on_never_comes(self) -> None:
        known = Known(NOON, (), (scan(1, 50), scan(2), scan(3), scan(4)))
        found = self.play(replace(WIDE, unusual_times=5), "A", known=known)

        assert [what for _, what, _, _ in found] == [
            "waits: the last scan of 111122223333 found 50 violations, usually there are 4"
        ]

    def test_what_comes_after_is_said_to(self) -> None:
        assert self.play(WIDE, "A", days=1) == [("f-A", "comes later", NOON + 2 * DAY, True)]

    def test_a_limit_of_nothing_ends(self) -> None:
        found = self.play(replace(WIDE, per_day=0), "A")

        assert [what.partition(":")[0] for _, what, _, _ in found] == ["waits"]
