"""How much rules may do: counts, shares, pauses, first tries, windows, and when they must stop.

Pure: what was done and seen is passed in. Limits are OR-ed, and 0 means nothing at all. They bind
rules only; what a person approves is that person's to answer for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from bot.engine.windows import Window
from bot.model import ProposalState
from bot.store.deeds import Deed
from bot.store.scans import ScanRecord

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_TROUBLE = frozenset({ProposalState.FAILED, ProposalState.UNKNOWN, ProposalState.NEEDS_HUMAN})
_USUAL_SCANS = 3  # so many earlier scans say what is usual; with fewer nothing is unusual


@dataclass(frozen=True, slots=True)
class Limits:
    """What `bot.config.LimitsSettings` says; its fields tell what each of these means."""

    per_scan: int = 10
    per_hour: int = 5
    per_day: int = 10
    share_percent: float = 5
    per_hour_in_all: int = 20
    per_day_in_all: int = 50
    principal_pause: timedelta = _DAY
    canary: int = 1
    canary_wait: timedelta = _DAY
    failures: int = 1
    undone: int = 1
    breaker_time: timedelta = _DAY
    unusual_times: float = 5
    unusual_least: int = 10
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a rule would carry out now."""

    account_id: str
    control: str
    principal: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Which limit holds something up, in words, and until when; None where no time can be told.

    Everything that one limit holds up has the same `what`, so that it is told once.
    """

    what: str
    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What limits are judged on.

    `deeds` is what rules did, oldest first. `scans` are looks at the account, newest first.
    `confirmed` is when a person last said that this account's findings are what they should be,
    and that its breakers may close.
    """

    now: datetime
    deeds: Sequence[Deed] = ()
    scans: Sequence[ScanRecord] = ()
    confirmed: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judging:
    limits: Limits
    candidate: Candidate
    known: Known
    here: Sequence[Deed] = field(default=())

    def since(self, deeds: Sequence[Deed], span: timedelta) -> list[Deed]:
        return [each for each in deeds if each.started_at > self.known.now - span]


def hold(limits: Limits, candidate: Candidate, known: Known) -> Hold | None:
    """Which limit keeps a rule from carrying this out now, or None.

    Of several the one that lasts longest is said.
    """
    here = [each for each in known.deeds if each.account_id == candidate.account_id]
    judging = _Judging(limits, candidate, known, here)
    found = [each for judge in _JUDGES for each in judge(judging)]
    return max(found, key=lambda each: (each.until is None, each.until or known.now), default=None)


def _unusual(judging: _Judging) -> Iterator[Hold]:
    """A scan that suddenly finds many times more than usual: a bug or an incident is likelier."""
    limits, known, account = judging.limits, judging.known, judging.candidate.account_id
    fresh = [each for each in known.scans if known.confirmed is None or _after(each, known)]
    if not known.scans:
        yield Hold(f"unseen:{account}", f"account {account} was not scanned yet", None)
        return
    usual = [each.findings for each in known.scans[1:]]
    if not fresh or len(usual) < _USUAL_SCANS:
        return
    now, before = known.scans[0].findings, median(usual)
    if now >= limits.unusual_least and now > before * limits.unusual_times:
        yield Hold(
            f"unusual:{account}",
            f"the last scan of {account} found {now} violations, usually there are {before:g}",
            None,
        )


def _after(scan: ScanRecord, known: Known) -> bool:
    return known.confirmed is not None and scan.finished_at > known.confirmed


def _breaker(judging: _Judging) -> Iterator[Hold]:
    """After trouble, harm, or changes that were taken back, this control stops in this account.

    Harm counts from when it was seen, which can be days after the change.
    """
    limits, known = judging.limits, judging.known
    ours = [each for each in judging.here if each.control == judging.candidate.control]
    what = f"breaker:{judging.candidate.account_id}:{judging.candidate.control}"
    recent = [
        each
        for each in judging.since(ours, limits.breaker_time)
        if known.confirmed is None or each.started_at > known.confirmed
    ]
    for each in ours:
        since = max(known.now - limits.breaker_time, known.confirmed or each.started_at)
        if each.harmed_at is not None and each.harmed_at > since:
            said = f"a change of {judging.candidate.control} did harm"
            yield Hold(what, said, each.harmed_at + limits.breaker_time)
    for bad, limit, word in (
        ([each for each in recent if each.state in _TROUBLE], limits.failures, "did not succeed"),
        ([each for each in recent if each.undone], limits.undone, "were taken back"),
    ):
        if len(bad) >= limit:
            said = f"{len(bad)} changes of {judging.candidate.control} {word} lately"
            yield Hold(what, said, bad[-1].started_at + limits.breaker_time)


def _canary(judging: _Judging) -> Iterator[Hold]:
    """The first ones of a control in an account come alone, and the rest waits for their effect."""
    limits, known = judging.limits, judging.known
    ours = [each for each in judging.here if each.control == judging.candidate.control]
    first = ours[: limits.canary]
    if len(first) < limits.canary:
        return
    ended = max(each.finished_at or known.now for each in first)
    until = ended + limits.canary_wait
    if known.now < until:
        said = f"the first of {judging.candidate.control} in this account are being watched"
        what = f"canary:{judging.candidate.account_id}:{judging.candidate.control}"
        yield Hold(what, said, until)


def _principal(judging: _Judging) -> Iterator[Hold]:
    """One change to a principal at a time, and a pause between two."""
    limits, known, whom = judging.limits, judging.known, judging.candidate.principal
    for deed in judging.here:
        if deed.principal != whom:
            continue
        until = (deed.finished_at or known.now) + limits.principal_pause
        if deed.finished_at is None or known.now < until:
            yield Hold(f"principal:{whom}", f"{whom} was changed a short time ago", until)


def _counts(judging: _Judging) -> Iterator[Hold]:
    limits, known, account = judging.limits, judging.known, judging.candidate.account_id
    spans: tuple[tuple[str, int, Sequence[Deed], timedelta], ...] = (
        (f"hour:{account}", limits.per_hour, judging.here, _HOUR),
        (f"day:{account}", min(limits.per_day, _share(judging)), judging.here, _DAY),
        ("hour:all", limits.per_hour_in_all, known.deeds, _HOUR),
        ("day:all", limits.per_day_in_all, known.deeds, _DAY),
    )
    for what, limit, deeds, span in spans:
        recent = judging.since(deeds, span)
        if len(recent) >= limit:
            until = recent[-limit].started_at + span if limit > 0 else None
            unit = "hour" if span == _HOUR else "day"
            where = "in all accounts" if what.endswith("all") else f"in account {account}"
            yield Hold(what, f"rules make at most {_changes(limit)} a {unit} {where}", until)


def _per_scan(judging: _Judging) -> Iterator[Hold]:
    limits, known = judging.limits, judging.known
    if not known.scans:
        return
    since = [each for each in judging.here if each.started_at >= known.scans[0].finished_at]
    if len(since) >= limits.per_scan:
        account = judging.candidate.account_id
        said = f"rules make at most {_changes(limits.per_scan)} between two scans of {account}"
        yield Hold(f"scan:{account}", said, None)


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def _share(judging: _Judging) -> int:
    """The most principals that may change in a day: a share of all, and one at least.

    Where the last scan could not count them there is no share to work out, so it is one.
    """
    limits, scans = judging.limits, judging.known.scans
    if limits.share_percent <= 0:
        return 0
    principals = scans[0].principals if scans else None
    return max(1, int((principals or 0) * limits.share_percent / 100))


def _window(judging: _Judging) -> Iterator[Hold]:
    account, now = judging.candidate.account_id, judging.known.now
    closed = [each for each in judging.limits.windows if account in each.accounts]
    if closed and not any(each.is_open(now) for each in closed):
        opens = min((each.opens_after(now) for each in closed), default=now)
        yield Hold(f"window:{account}", f"it is outside of the hours for {account}", opens)


_JUDGES: tuple[Callable[[_Judging], Iterator[Hold]], ...] = (
    _unusual, _breaker, _canary, _principal, _counts, _per_scan, _window,
)  # fmt: skip
