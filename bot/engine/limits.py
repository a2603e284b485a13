"""How much rules may do: counts, shares, pauses, first tries, windows, and when they must stop.

Pure: what was done and seen is passed in. Limits are OR-ed, and 0 means nothing at all. They bind
rules only; what a person approves is that person's to answer for.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.engine.room import Candidate, Hold, Judging, Known, Limits
from bot.model import ProposalState
from bot.store.deeds import Deed
from bot.store.scans import ScanRecord

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_TROUBLE = frozenset({ProposalState.FAILED, ProposalState.UNKNOWN, ProposalState.NEEDS_HUMAN})
_SOON = timedelta(minutes=10)
_LONG_AGO = 60  # turns after which a ramp is over
_USUAL_SCANS = 3  # so many earlier scans say what is usual; with fewer nothing is unusual


def hold(limits: Limits, candidate: Candidate, known: Known) -> Hold | None:
    """Which limit keeps a rule from carrying this out now, or None.

    Of several the one that lasts longest is said.
    """
    here = [each for each in known.deeds if each.account_id == candidate.account_id]
    ours = [each for each in here if each.control == candidate.control]
    judging = Judging(limits, candidate, known, here, ours)
    found = [each for judge in _JUDGES for each in judge(judging)]
    return max(found, key=lambda each: (each.until is None, each.until or known.now), default=None)


def _unusual(judging: Judging) -> Iterator[Hold]:
    """A scan that suddenly finds many times more than usual: a bug or an incident is likelier.

    It stands until a person has looked, whatever later scans find.
    """
    known, account = judging.known, judging.candidate.account_id
    what = f"unusual:{account}"
    if not known.scans:
        yield Hold(f"unseen:{account}", f"account {account} was not scanned yet", None)
        return
    said = too_many(judging.limits, known.scans, known.confirmed)
    if said is not None:
        at = known.scans[0].finished_at
        yield Hold(what, f"the last scan of {account} {said}", None, at)
    elif known.unusual is not None and known.is_open(known.unusual):
        said = f"a scan of {account} found many times more than usual, and nobody confirmed it"
        yield Hold(what, said, None, known.unusual)


def too_many(
    limits: Limits, newest_first: Sequence[ScanRecord], confirmed: datetime | None
) -> str | None:
    """What is unusual about the newest scan, or None. What a person confirmed is usual."""
    now, *before = newest_first
    if len(before) < _USUAL_SCANS or (confirmed is not None and now.finished_at <= confirmed):
        return None
    usual = median(each.findings for each in before)
    looked_at = [each for each in before if confirmed is not None and each.finished_at <= confirmed]
    most = max([usual, *(each.findings for each in looked_at[:1])]) * limits.unusual_times
    if now.findings < limits.unusual_least or now.findings <= most:
        return None
    return f"found {now.findings} violations, usually there are {usual:g}"


def _breaker(judging: Judging) -> Iterator[Hold]:
    """After trouble, harm, or changes that were taken back, this control stops in this account.

    Harm counts from when it was seen, and an undo from when it was asked for: both can come days
    after the change.
    """
    limits, known = judging.limits, judging.known
    what = f"breaker:{judging.candidate.account_id}:{judging.candidate.control}"
    for moments, limit, said in (
        ([each.harmed_at for each in judging.ours], 1, "a change of {control} did harm"),
        (
            [each.started_at for each in judging.ours if each.state in _TROUBLE],
            limits.failures,
            "{n} changes of {control} did not succeed lately",
        ),
        (
            [each.undone_at for each in judging.ours],
            limits.undone,
            "{n} changes of {control} were taken back lately",
        ),
    ):
        bad = sorted(
            each
            for each in moments
            if each is not None and each > known.now - limits.breaker_time and known.is_open(each)
        )
        if len(bad) >= limit:
            why = said.format(n=len(bad), control=judging.candidate.control)
            yield Hold(what, why, bad[-1] + limits.breaker_time, bad[-1])


def _canary(judging: Judging) -> Iterator[Hold]:
    """The first ones of a control in an account come alone, and the rest waits for their effect.

    They are waited for, and then looked after once more, for harm. Where harm shows, or nobody
    could look, a person says that the rest may follow.
    """
    limits, known, candidate = judging.limits, judging.known, judging.candidate
    first = _first_ones(limits, judging)
    what = f"canary:{candidate.account_id}:{candidate.control}"
    harmed = [each.harmed_at for each in first if each.harmed_at is not None]
    if harmed:
        said = f"the first of {candidate.control} in account {candidate.account_id} did harm"
        yield Hold(what, said, None, max(harmed))
        return
    if len(first) < limits.canary:
        return
    begun = first[-1].started_at
    until = max(each.finished_at or known.now for each in first) + limits.canary_wait
    if known.now < until:
        said = f"the first of {candidate.control} in this account are being watched"
        yield Hold(what, said, until, begun)
    elif not all(_was_looked_after(each, until, known) for each in first):
        watching = any(each.watched and not each.watched.ended for each in first)
        said = f"it was not seen yet that the first of {candidate.control} did no harm"
        yield Hold(what, said, known.now + _SOON if watching else None, begun)


def _first_ones(limits: Limits, judging: Judging) -> list[Deed]:
    """The first ones since the control began there, or began anew after one that went wrong."""
    first: list[Deed] = []
    for each in judging.ours:
        is_first = len(first) < limits.canary
        if each.harmed_at is not None and is_first and judging.known.is_open(each.harmed_at):
            first.append(each)
        elif each.state in _TROUBLE or each.undone_at or each.harmed_at:
            first = []
        elif is_first:
            first.append(each)
    return first


def _was_looked_after(deed: Deed, until: datetime, known: Known) -> bool:
    """Whether a look at `until` or later could read all there is to see, or a person says so."""
    watched = deed.watched
    if watched is None or (known.confirmed is not None and known.confirmed >= until):
        return True
    return watched.covered_at is not None and (watched.ended or watched.covered_at >= until)


def _ramp(judging: Judging) -> Iterator[Hold]:
    """After a freeze or an outage one change comes first, then two, then four, and so on."""
    limits, known, account = judging.limits, judging.known, judging.candidate.account_id
    for resumed, deeds, where in (
        (known.resumed, known.deeds, "writes were stopped, or nobody could object"),
        (known.resumed_here, judging.here, f"account {account} could not be reached"),
    ):
        since = [each for each in deeds if resumed is not None and each.started_at >= resumed]
        if not since or not limits.ramp:
            continue
        begun = min(each.started_at for each in since)
        turns = (known.now - begun) // limits.ramp + 1
        if len(since) >= 2 ** min(turns, _LONG_AGO) - 1:
            until = begun + turns * limits.ramp
            said = f"rules begin slowly again, after {where}"
            yield Hold(f"ramp:{account if deeds is judging.here else 'all'}", said, until, resumed)


def _principal(judging: Judging) -> Iterator[Hold]:
    """One change to a principal at a time, and a pause after one, whoever approved that."""
    limits, known, whom = judging.limits, judging.known, judging.candidate.principal
    for deed in (*judging.here, *known.by_people):
        if deed.principal != whom:
            continue
        until = (deed.finished_at or known.now) + limits.principal_pause
        if deed.finished_at is None or known.now < until:
            said = f"{whom} was changed a short time ago"
            yield Hold(f"principal:{whom}", said, until, deed.started_at)


def _counts(judging: Judging) -> Iterator[Hold]:
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


def _per_scan(judging: Judging) -> Iterator[Hold]:
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


def _share(judging: Judging) -> int:
    """The most principals that may change in a day: a share of all, and one at least.

    Where the last scan could not count them there is no share to work out, so it is one.
    """
    limits, scans = judging.limits, judging.known.scans
    if limits.share_percent <= 0:
        return 0
    principals = scans[0].principals if scans else None
    return max(1, int((principals or 0) * limits.share_percent / 100))


def _window(judging: Judging) -> Iterator[Hold]:
    account, now = judging.candidate.account_id, judging.known.now
    closed = [each for each in judging.limits.windows if account in each.accounts]
    if closed and not any(each.is_open(now) for each in closed):
        opens = min((each.opens_after(now) for each in closed), default=now)
        yield Hold(f"window:{account}", f"it is outside of the hours for {account}", opens, opens)


_JUDGES: tuple[Callable[[Judging], Iterator[Hold]], ...] = (
    _unusual, _breaker, _canary, _ramp, _principal, _counts, _per_scan, _window,
)  # fmt: skip
