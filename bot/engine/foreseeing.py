"""What will happen by itself about open findings, and when, if nobody answers. Pure."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.engine.hours import WorkingHours
from bot.engine.limits import hold
from bot.engine.remediation import Ruling
from bot.engine.room import Candidate, Known, Limits
from bot.engine.timetable import Timetable
from bot.model import (
    FindingRecord,
    GraceRecord,
    Occasion,
    ProposalRecord,
    ProposalState,
    RemediationMode,
)
from bot.store.deeds import Deed

_ENOUGH = 100_000  # looks; a month of thousands of findings takes fewer


@dataclass(frozen=True, slots=True)
class Outlook:
    """One open finding: the rule that is about it, and what comes of that.

    `proposal` is None where nothing can be proposed yet. `expires` is when its question ends.
    """

    record: FindingRecord
    ruling: Ruling
    proposal: ProposalRecord | None = None
    grace: GraceRecord | None = None
    expires: datetime | None = None
    live: bool = True


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What happens to one finding, as a sentence goes on after its name; `at` where it is known.

    `acts` is a change in AWS by a rule, `is_later` one that comes after the time that was played.
    """

    outlook: Outlook
    what: str
    at: datetime | None = None
    acts: bool = False
    is_later: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """What time means here: working hours, the deadline of a question, when scans come, and the
    times at which graces end.
    """

    hours: WorkingHours = field(default_factory=WorkingHours)
    deadline: timedelta = timedelta(days=14)
    scan_every: timedelta = timedelta(hours=6)
    timetable: Timetable = field(default_factory=Timetable)


@dataclass(frozen=True, slots=True)
class Unattended:
    """How much rules may do, and what time means to them."""

    limits: Limits = field(default_factory=Limits)
    calendar: Calendar = field(default_factory=Calendar)
    timetable: Timetable = field(default_factory=Timetable)


def foresee(outlook: Outlook, calendar: Calendar, now: datetime) -> Foreseen:
    """What happens next about one finding, limits aside."""
    proposal, ruling = outlook.proposal, outlook.ruling
    if proposal is None:
        return Foreseen(outlook, "has nothing that could be proposed yet")
    if proposal.state not in (ProposalState.PROPOSED, ProposalState.PENDING):
        return Foreseen(outlook, f"is {proposal.state} already")
    if not outlook.live:
        return Foreseen(outlook, "waits until the account is live")
    if outlook.grace is not None and outlook.grace.stopped:
        return _asked(outlook, f"is asked: {outlook.grace.stopped}", calendar, now)
    match ruling.mode:
        case RemediationMode.OFF:
            return Foreseen(outlook, "is reported, and nobody is told")
        case RemediationMode.NOTIFY:
            return Foreseen(outlook, "is told to its owner, and nothing is asked")
        case RemediationMode.ASK:
            why = f": {ruling.why}" if ruling.why else ""
            return _asked(outlook, f"is asked{why}", calendar, now)
    due = _due(outlook, calendar, now)
    return Foreseen(outlook, "is done unless someone objects", due, acts=True)


def play(
    outlooks: Sequence[Outlook],
    limits: Limits,
    known: Known,
    calendar: Calendar,
    *,
    days: int,
) -> list[Foreseen]:
    """The coming days in order, if nobody answers and no scan finds anything else.

    Every limit is asked as it will be; nothing is written. `known` is what is so now.
    """
    playing = _Playing(limits, known, calendar, [_quiet(each) for each in known.deeds])
    for outlook in outlooks:
        playing.begin(outlook)
    return playing.until(known.now + timedelta(days=days))


@dataclass(slots=True)
class _Playing:
    limits: Limits
    known: Known
    calendar: Calendar
    deeds: list[Deed]
    waiting: list[tuple[datetime, int, Outlook]] = field(default_factory=list)
    told: list[Foreseen] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)

    def begin(self, outlook: Outlook) -> None:
        first = foresee(outlook, self.calendar, self.known.now)
        if first.acts and first.at is not None:
            heapq.heappush(self.waiting, (first.at, len(self.waiting), outlook))
        else:
            self.told.append(first)

    def until(self, end: datetime) -> list[Foreseen]:
        for _ in range(_ENOUGH):
            if not self.waiting or self.waiting[0][0] > end:
                break
            at, number, outlook = heapq.heappop(self.waiting)
            again = self._look(outlook, at)
            if again is not None:
                heapq.heappush(self.waiting, (again, number, outlook))
        later = [
            Foreseen(each, "comes later", at, is_later=True) for at, _, each in sorted(self.waiting)
        ]
        return sorted(self.told, key=lambda each: each.at or self.known.now) + later

    def _look(self, outlook: Outlook, at: datetime) -> datetime | None:
        """Do it, or say once what holds it up; when to look again."""
        known = _known_at(self.known, self.deeds, at, self.calendar)
        found = hold(self.limits, _candidate(outlook), known)
        if found is None:
            self.deeds.append(_deed(outlook, at))
            self.told.append(Foreseen(outlook, "is done, since nobody objected", at, acts=True))
            return None
        if (outlook.record.id, found.what) not in self.said:
            self.said.add((outlook.record.id, found.what))
            self.told.append(Foreseen(outlook, f"waits: {found.why}", at))
        if found.until is None and not found.what.startswith("scan:"):
            return None  # only a person lets it go on
        return max(found.until or at + self.calendar.scan_every, at + timedelta(minutes=1))


def _asked(outlook: Outlook, what: str, calendar: Calendar, now: datetime) -> Foreseen:
    ends = outlook.expires or now + calendar.deadline
    return Foreseen(outlook, f"{what}; without an answer its question ends {ends:%Y-%m-%d}")


def _due(outlook: Outlook, calendar: Calendar, now: datetime) -> datetime:
    """When its grace is over; of one that nobody was told of yet, if they are told now."""
    grace, rule = outlook.grace, outlook.ruling.rule
    if grace is not None and grace.until is not None:
        return max(_ends(outlook, calendar, grace.until), now)
    if rule is None:
        raise ValueError("only a rule acts")
    over = calendar.hours.after(rule.grace, now, grace.zone if grace else None)
    return _ends(outlook, calendar, over)


def _ends(outlook: Outlook, calendar: Calendar, over: datetime) -> datetime:
    any_id = outlook.proposal.id if outlook.proposal else outlook.record.id
    return calendar.timetable.turn(Occasion.GRACES, any_id, over)


def _known_at(known: Known, deeds: Sequence[Deed], at: datetime, calendar: Calendar) -> Known:
    """What limits will be judged on then: scans go on finding what the last one found."""
    scans = known.scans
    if scans and at - scans[0].finished_at > calendar.scan_every:
        turns = (at - scans[0].finished_at) // calendar.scan_every
        last = scans[0].finished_at + turns * calendar.scan_every
        scans = (replace(scans[0], started_at=last, finished_at=last), *scans[1:])
    return replace(known, now=at, deeds=deeds, scans=scans)


def _candidate(outlook: Outlook) -> Candidate:
    record = outlook.record
    return Candidate(
        record.account.id, record.finding.control, record.finding.resource.principal_id
    )


def _quiet(deed: Deed) -> Deed:
    """The same as it is once it was looked after, and no harm has shown."""
    return deed if deed.harmed_at else replace(deed, watched=None)


def _deed(outlook: Outlook, at: datetime) -> Deed:
    one = _candidate(outlook)
    return Deed(
        outlook.record.id,
        one.account_id,
        one.control,
        one.principal,
        at,
        at,
        ProposalState.DONE,
    )
