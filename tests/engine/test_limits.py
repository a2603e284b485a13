"""Each limit alone holds something up, says why and until when, and lets it go on afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.limits import hold
from bot.engine.room import Candidate, Hold, Known, Limits
from bot.engine.windows import Window
from bot.model import ProposalState
from bot.store.deeds import Deed, Watched
from bot.store.scans import ScanRecord
from tests.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: So much room that only what a test narrows can hold anything up.
WIDE = Limits(
    per_scan=1_000,
    per_hour=1_000,
    per_day=1_000,
    share_percent=100,
    per_hour_in_all=1_000,
    per_day_in_all=1_000,
    principal_pause=timedelta(),
    canary=1_000,
    canary_wait=timedelta(),
    failures=1_000,
    undone=1_000,
    unusual_times=1_000,
)
BOB = Candidate("1", "unused-access-key", "AIDABOB")


def scan(hours_ago: float = 1, findings: int = 4, principals: int | None = 10_000) -> ScanRecord:
    at = NOON - hours_ago * HOUR
    return ScanRecord(
        "1",
        at,
        at,
        complete=True,
        offline=False,
        findings=findings,
        calls={},
        unavailable=(),
        not_evaluated={},
        principals=principals,
    )


def deed(
    hours_ago: float = 0.5,
    *,
    account: str = "1",
    control: str = "unused-access-key",
    principal: str = "AIDAANN",
    state: ProposalState = ProposalState.DONE,
    undone: bool = False,
) -> Deed:
    at = NOON - hours_ago * HOUR
    ended = None if state is ProposalState.EXECUTING else at
    return Deed("p-1", account, control, principal, at, ended, state, at if undone else None)


def held(limits: Limits, *deeds: Deed, scans: tuple[ScanRecord, ...] = (scan(),)) -> Hold | None:
    return hold(limits, BOB, Known(NOON, deeds, scans))


def test_where_there_is_room_nothing_is_held() -> None:
    assert held(WIDE) is None
    assert held(WIDE, deed(), deed(2)) is None


@pytest.mark.parametrize(
    ("limits", "deeds", "what", "until"),
    [
        (replace(WIDE, per_hour=2), [deed(0.9), deed(0.5)], "hour:1", NOON + 0.1 * HOUR),
        (replace(WIDE, per_day=2), [deed(23), deed(20)], "day:1", NOON + HOUR),
        (
            replace(WIDE, per_hour_in_all=2),
            [deed(0.9, account="2"), deed(0.5, account="3")],
            "hour:all",
            NOON + 0.1 * HOUR,
        ),
        (
            replace(WIDE, per_day_in_all=1),
            [deed(14, account="2")],
            "day:all",
            NOON + 10 * HOUR,
        ),
        (replace(WIDE, per_scan=1), [deed(0.5)], "scan:1", None),
        (
            replace(WIDE, principal_pause=DAY),
            [deed(5, principal="AIDABOB")],
            "principal:AIDABOB",
            NOON + 19 * HOUR,
        ),
        (
            replace(WIDE, canary=2, canary_wait=DAY),
            [deed(5), deed(3)],
            "canary:1:unused-access-key",
            NOON + 21 * HOUR,
        ),
        (
            replace(WIDE, failures=1, breaker_time=DAY),
            [deed(4, state=ProposalState.FAILED)],
            "breaker:1:unused-access-key",
            NOON + 20 * HOUR,
        ),
        (
            replace(WIDE, undone=1, breaker_time=DAY),
            [deed(4, undone=True)],
            "breaker:1:unused-access-key",
            NOON + 20 * HOUR,
        ),
    ],
    ids=[
        "hour",
        "day",
        "hour in all",
        "day in all",
        "scan",
        "principal",
        "canary",
        "failure",
        "undo",
    ],
)
def test_each_holds_alone(
    limits: Limits, deeds: list[Deed], what: str, until: datetime | None
) -> None:
    found = held(limits, *deeds)

    assert found is not None
    assert (found.what, found.until) == (what, until)
    assert held(WIDE, *deeds) is None


@pytest.mark.parametrize("name", ["per_scan", "per_hour", "per_day", "per_hour_in_all"])
def test_zero_means_nothing_at_all(name: str) -> None:
    assert held(replace(WIDE, **{name: 0})) is not None


def test_no_share_means_nothing_at_all() -> None:
    assert held(replace(WIDE, share_percent=0)) is not None


class TestShare:
    def test_is_of_all_principals(self) -> None:
        limits = replace(WIDE, share_percent=5)
        deeds = [deed(2, principal=f"AIDA{each}") for each in range(3)]

        assert held(limits, *deeds, scans=(scan(principals=60),)) is not None
        assert held(limits, *deeds, scans=(scan(principals=80),)) is None

    @pytest.mark.parametrize("principals", [3, 0, None])
    def test_is_one_where_there_are_few_or_nobody_knows(self, principals: int | None) -> None:
        limits = replace(WIDE, share_percent=5)

        assert held(limits, scans=(scan(principals=principals),)) is None
        assert held(limits, deed(2), scans=(scan(principals=principals),)) is not None


class TestPrincipal:
    def test_one_change_at_a_time(self) -> None:
        running = deed(30, principal="AIDABOB", state=ProposalState.EXECUTING)

        assert held(WIDE, running) is not None

    def test_what_people_changed_counts_here_and_nowhere_else(self) -> None:
        changed = deed(1, principal="AIDABOB")
        known = Known(NOON, [], [scan()], by_people=[changed])

        assert hold(replace(WIDE, principal_pause=DAY), BOB, known) is not None
        assert (
            hold(replace(WIDE, per_hour=1, per_day=1, canary=1, canary_wait=DAY), BOB, known)
            is None
        )

    def test_others_do_not_wait(self) -> None:
        assert held(replace(WIDE, principal_pause=DAY), deed(1)) is None


class TestCanary:
    def test_first_ones_go_ahead(self) -> None:
        assert held(replace(WIDE, canary=2, canary_wait=DAY), deed(3)) is None

    def test_one_that_runs_is_waited_for(self) -> None:
        limits = replace(WIDE, canary=1, canary_wait=DAY)

        assert held(limits, deed(3, state=ProposalState.EXECUTING)) is not None

    def test_the_rest_follows_after_the_wait(self) -> None:
        limits = replace(WIDE, canary=1, canary_wait=DAY)

        assert held(limits, deed(25), deed(1)) is None

    def test_of_another_control_or_account_counts_not(self) -> None:
        limits = replace(WIDE, canary=1, canary_wait=DAY)

        assert held(limits, deed(3, control="old-access-key"), deed(3, account="2")) is None

    def test_one_that_went_wrong_is_none_and_the_next_begins_anew(self) -> None:
        limits = replace(WIDE, canary=1, canary_wait=DAY, breaker_time=HOUR)
        failed = deed(48, state=ProposalState.FAILED)

        assert held(limits, deed(99), failed) is None
        assert held(limits, deed(99), failed, deed(3)) is not None
        assert held(limits, deed(99), deed(48, undone=True), deed(3)) is not None

    def test_the_rest_waits_for_a_look_that_could_see(self) -> None:
        limits = replace(WIDE, canary=1, canary_wait=DAY)
        at = NOON - 30 * HOUR

        def looked(watched: Watched) -> Hold | None:
            return held(limits, replace(deed(30), watched=watched))

        unseen = looked(Watched(at + 23 * HOUR))
        assert unseen is not None
        assert unseen.until == NOON + timedelta(minutes=10)
        assert looked(Watched(at + DAY)) is None
        never = looked(Watched(None, ended=True))
        assert never is not None
        assert never.until is None, "only a person can say that it did no harm"
        assert looked(Watched(at + HOUR, ended=True)) is None
        known = Known(NOON, [replace(deed(30), watched=Watched())], [scan()], NOON - HOUR)
        assert hold(limits, BOB, known) is None

    def test_after_harm_a_person_says_that_the_rest_may_follow(self) -> None:
        limits = replace(WIDE, canary=2, canary_wait=DAY, breaker_time=HOUR)
        harmed = replace(deed(90), watched=Watched(NOON, harmed_at=NOON - 80 * HOUR))
        found = held(limits, harmed)

        assert found is not None
        assert (found.what, found.until) == ("canary:1:unused-access-key", None)
        confirmed = Known(NOON, [harmed, deed(2), deed(1)], [scan()], NOON - 3 * HOUR)
        assert hold(limits, BOB, replace(confirmed, deeds=[harmed, deed(2)])) is None
        assert hold(limits, BOB, confirmed) is not None, "and the first ones come alone again"


class TestBreaker:
    @pytest.mark.parametrize(
        "state", [ProposalState.FAILED, ProposalState.UNKNOWN, ProposalState.NEEDS_HUMAN]
    )
    def test_trouble_of_any_kind(self, state: ProposalState) -> None:
        assert held(replace(WIDE, failures=1), deed(4, state=state)) is not None

    def test_a_person_may_close_it(self) -> None:
        limits = replace(WIDE, failures=1)
        known = Known(NOON, [deed(4, state=ProposalState.FAILED)], [scan()], NOON - HOUR)

        assert hold(limits, BOB, known) is None
        assert hold(limits, BOB, replace(known, confirmed=NOON - 5 * HOUR)) is not None

    def test_harm_counts_from_when_it_was_seen(self) -> None:
        limits = replace(WIDE, breaker_time=DAY, canary=1)
        late = replace(deed(70), watched=Watched(NOON, harmed_at=NOON - HOUR))
        found = held(limits, deed(99), late)

        assert found is not None
        assert (found.what, found.until) == ("breaker:1:unused-access-key", NOON + 23 * HOUR)

    def test_an_undo_counts_from_when_it_was_asked_for(self) -> None:
        late = replace(deed(70), undone_at=NOON - HOUR)
        found = held(replace(WIDE, undone=1, breaker_time=DAY), late)

        assert found is not None
        assert found.until == NOON + 23 * HOUR

    def test_old_trouble_is_over(self) -> None:
        assert held(replace(WIDE, failures=1), deed(25, state=ProposalState.FAILED)) is None


class TestUnusual:
    LIMITS = replace(WIDE, unusual_times=5, unusual_least=10)

    def scans(self, last: int) -> tuple[ScanRecord, ...]:
        return (scan(1, last), scan(7, 4), scan(13, 2), scan(19, 4))

    def test_many_times_more_than_usual_stops_until_someone_confirms(self) -> None:
        known = Known(NOON, (), self.scans(21))
        found = hold(self.LIMITS, BOB, known)

        assert found is not None
        assert (found.what, found.until) == ("unusual:1", None)
        assert "found 21 violations, usually there are 4" in found.why
        assert hold(self.LIMITS, BOB, replace(known, confirmed=NOON)) is None
        assert hold(self.LIMITS, BOB, replace(known, confirmed=NOON - 2 * HOUR)) is not None

    def test_up_to_the_limit_is_usual(self) -> None:
        assert held(self.LIMITS, scans=self.scans(20)) is None

    def test_few_are_never_unusual(self) -> None:
        low = tuple(replace(each, findings=1) for each in self.scans(4)[1:])

        assert held(self.LIMITS, scans=(scan(1, 9), *low)) is None
        assert held(self.LIMITS, scans=(scan(1, 10), *low)) is not None

    def test_stands_whatever_later_scans_find(self) -> None:
        known = Known(NOON, (), self.scans(4), unusual=NOON - 9 * HOUR)
        found = hold(self.LIMITS, BOB, known)

        assert found is not None
        assert "nobody confirmed it" in found.why
        assert hold(self.LIMITS, BOB, replace(known, confirmed=NOON - 8 * HOUR)) is None

    def test_what_was_confirmed_is_usual_from_then_on(self) -> None:
        grown = (scan(1, 40), scan(7, 40), *self.scans(4)[1:])

        assert held(self.LIMITS, scans=grown) is not None
        assert hold(self.LIMITS, BOB, Known(NOON, (), grown, confirmed=NOON - 5 * HOUR)) is None

    def test_two_earlier_scans_tell_nothing_yet(self) -> None:
        assert held(self.LIMITS, scans=self.scans(100)[:3]) is None

    def test_an_account_that_was_never_scanned_is_left_alone(self) -> None:
        assert held(WIDE, scans=()) is not None


class TestRamp:
    LIMITS = replace(WIDE, ramp=HOUR)

    def after(self, *deeds: Deed, now: datetime = NOON) -> Hold | None:
        known = Known(now, deeds, [scan()], resumed=NOON - 5 * HOUR)
        return hold(self.LIMITS, BOB, known)

    def test_begins_with_one_and_doubles(self) -> None:
        first, second = deed(0.9), deed(0.1)
        assert self.after(deed(6)) is None, "what came before does not count"
        found = self.after(first)
        assert found is not None
        assert (found.what, found.until) == ("ramp:all", NOON + 0.1 * HOUR)
        later = NOON + 0.2 * HOUR
        assert self.after(first, now=later) is None
        assert self.after(first, second, now=later) is None
        assert self.after(first, second, second, now=later) is not None
        assert self.after(*[first] * 6, now=NOON + 1.2 * HOUR) is None
        assert self.after(*[first] * 7, now=NOON + 1.2 * HOUR) is not None

    def test_is_over_after_a_while(self) -> None:
        known = Known(NOON, [deed(400)] * 999, [scan()], resumed=NOON - 500 * HOUR)

        assert hold(self.LIMITS, BOB, known) is None

    def test_none_is_wanted(self) -> None:
        known = Known(NOON, [deed(0.1)], [scan()], resumed=NOON - HOUR)

        assert hold(replace(WIDE, ramp=timedelta()), BOB, known) is None

    def test_of_one_account_counts_what_was_done_there(self) -> None:
        known = Known(NOON, [deed(0.1, account="2")], [scan()], resumed_here=NOON - HOUR)

        assert hold(self.LIMITS, BOB, known) is None
        found = hold(self.LIMITS, BOB, replace(known, deeds=[deed(0.1)]))
        assert found is not None
        assert found.what == "ramp:1"


class TestWindows:
    NIGHT = Window(frozenset({"1"}), NOON.time().replace(hour=20), NOON.time().replace(hour=22))

    def test_outside_of_its_hours(self) -> None:
        found = held(replace(WIDE, windows=(self.NIGHT,)))

        assert found is not None
        assert found.until == datetime(2026, 11, 24, 20, tzinfo=UTC)

    def test_several_are_all_open_hours(self) -> None:
        day = Window(frozenset({"1"}))

        assert held(replace(WIDE, windows=(self.NIGHT, day))) is None

    def test_other_accounts_have_none(self) -> None:
        assert (
            held(replace(WIDE, windows=(replace(self.NIGHT, accounts=frozenset({"2"})),))) is None
        )


def test_of_several_the_longest_is_said() -> None:
    limits = replace(WIDE, per_hour=1, canary=1, canary_wait=DAY)
    found = held(limits, deed(0.5))

    assert found is not None
    assert found.what == "canary:1:unused-access-key"
