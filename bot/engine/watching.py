"""Whether accounts are looked at as they should be: silence is never "all is well".

A look that did not come, failed, or saw far less than the one before is a case of its own, told
once. Everything here is read from the database, so that every process says the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.timetable import Timetable
from bot.model import Actor
from bot.store import accounts, audit, dues, leases, marks, scans
from bot.store.database import Store, Transaction
from bot.store.leases import Work, this_process
from bot.store.scans import ScanRecord

#: Falls due when an account, its subject, is looked at by whoever serves.
SCAN = "scan"
#: Longer than any pause between two words of progress.
_TURN = timedelta(minutes=20)
_FEW = 10  # findings; fewer may be gone by tomorrow
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is wrong with the looks at an account, since a moment; told once by `key`."""

    account_id: str
    what: str
    since: datetime
    sentence: str

    @property
    def key(self) -> str:
        """What is the same for this case, however often it is seen."""
        return f"{self.what}:{self.account_id}:{self.since.isoformat()}"


@dataclass(frozen=True, slots=True)
class Watched:
    """An account as it is looked at: when that was done last, and when it is done next.

    `looked_at` is the last scan that asked AWS itself, `next_at` None where nobody serves or no
    schedule says.
    """

    account_id: str
    name: str = ""
    is_live: bool = False
    looked_at: datetime | None = None
    next_at: datetime | None = None
    cases: Sequence[Case] = ()


@dataclass(frozen=True, slots=True)
class Watching:
    """Looks at the looks. `accounts` are the ids of those that should be looked at."""

    store: Store
    timetable: Timetable
    accounts: Callable[[], Sequence[str]]
    names: Mapping[str, str] = field(default_factory=dict)

    def watched(self) -> list[Watched]:
        """Every account that should be looked at, and what is wrong with that."""
        ids = self.accounts()
        with self.store.read() as tx:
            return [self._watched(tx, each) for each in ids]

    def cases(self) -> list[Case]:
        """What is wrong now."""
        return [case for each in self.watched() for case in each.cases]

    def remark(self) -> str | None:
        """The same in a line for whoever asks for our health, without what AWS said."""
        found = [
            f"account {each.account_id} {each.what} since {each.since:%Y-%m-%d %H:%M} UTC"
            for each in self.cases()
        ]
        return f"scans: {', '.join(found)}" if found else None

    def _watched(self, tx: Transaction, account_id: str) -> Watched:
        known = accounts.get_account(tx, account_id)
        due = dues.get_due(tx, SCAN, account_id)
        looked_at = known.last_scan_at if known else None
        found = (
            self._late(tx, account_id, looked_at),
            _failed(tx, account_id, looked_at),
            _saw_less(account_id, scans.recent_scans(tx, account_id, limit=2)),
        )
        return Watched(
            account_id,
            self.names.get(account_id, ""),
            known is not None and known.mode == "live",
            looked_at,
            due.at if due else None,
            tuple(each for each in found if each is not None),
        )

    def _late(self, tx: Transaction, account_id: str, looked_at: datetime | None) -> Case | None:
        watched_since = marks.get_mark(tx, watched_mark(account_id))
        if watched_since is None:  # nobody served it ever, so nobody promised a look
            return None
        since = max(watched_since, looked_at or watched_since)
        overdue = self.timetable.overdue_at(account_id, since)
        if overdue is None or tx.now < overdue:
            return None
        last = f"since {looked_at:%Y-%m-%d %H:%M} UTC" if looked_at else "at all yet"
        return Case(
            account_id,
            "late",
            since,
            f"Account {account_id} was not looked at {last}: what happened there is not known",
        )


def watched_mark(account_id: str) -> str:
    """The name of the moment from which on an account should be looked at."""
    return f"watched:{account_id}"


def note_failed(tx: Transaction, account_id: str, actor: Actor, why: str) -> None:
    """Remember that a look failed: the first one since the last that didn't."""
    known = accounts.get_account(tx, account_id)
    if _failed(tx, account_id, known.last_scan_at if known else None) is not None:
        return
    marks.set_mark(tx, _failed_mark(account_id), tx.now)
    tx.record(
        "scan.failed",
        actor=actor,
        account=account_id,
        subject=_failed_mark(account_id),
        data={"why": why[:_LONGEST]},
    )


@contextmanager
def turn_to_look(
    store: Store, account_id: str, progress: Callable[[str], None]
) -> Iterator[Callable[[str], None]]:
    """Nobody else looks at this account meanwhile. Each word of progress keeps it so.

    Raises LostRaceError while someone else does.
    """
    with store.write() as tx:
        lease = leases.acquire(tx, account_id, this_process(), _TURN, Work.LOOKING)
        renewed = tx.now

    def going_on(text: str) -> None:
        nonlocal lease, renewed
        with store.read() as reading:
            is_old = reading.now - renewed > _TURN / 4
        if is_old:
            with store.write() as writing:
                lease, renewed = leases.renew(writing, lease), writing.now
        progress(text)

    try:
        yield going_on
    finally:
        with store.write() as tx:
            leases.release(tx, lease)


def _failed_mark(account_id: str) -> str:
    return f"scan-failed:{account_id}"


def _failed(tx: Transaction, account_id: str, looked_at: datetime | None) -> Case | None:
    since = marks.get_mark(tx, _failed_mark(account_id))
    if since is None or (looked_at is not None and looked_at >= since):
        return None
    events = audit.events(tx, subject=_failed_mark(account_id), limit=1)
    why = str(events[0].data.get("why", "")) if events else ""
    return Case(account_id, "failed", since, f"Account {account_id} can't be looked at: {why}")


def _saw_less(account_id: str, newest_first: Sequence[ScanRecord]) -> Case | None:
    """Far less than the look before: a permission that is gone looks like a problem that is."""
    if len(newest_first) < 2:
        return None
    now, before = newest_first
    was, is_now = before.principals, now.principals
    what = None
    if before.complete and not now.complete:
        parts = sorted({each.part.value for each in now.unavailable} | set(now.not_evaluated))
        what = f"could not see everything any more ({', '.join(parts[:5])})"
    elif was and (is_now or 0) * 2 < was:
        what = f"saw {'no' if is_now is None else is_now} users and roles, after {was}"
    elif before.findings >= _FEW and now.findings * 2 < before.findings:
        what = f"saw {now.findings} findings, after {before.findings}"
    if what is None:
        return None
    return Case(
        account_id, "less", now.finished_at, f"The last look at account {account_id} {what}"
    )
