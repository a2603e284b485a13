"""One writer and one scan per account: leases with a fence that only ever grows."""

import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import insert, inspect, select, update

from bot.errors import LostRaceError
from bot.model import Actor
from bot.store import tables
from bot.store.database import Transaction

_NO_ONE = ""
_GONE = {"Z", "X"}  # a zombie writes nothing more


class Work(StrEnum):
    """What an account is leased for; the one doesn't hinder the other."""

    CHANGING = "changed"
    LOOKING = "looked at"


_TABLES = {Work.CHANGING: tables.lease, Work.LOOKING: tables.scan_lease}


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to `work` on an account until a moment. A later holder has a higher `fence`."""

    account_id: str
    holder: str
    fence: int
    until: datetime
    work: Work = Work.CHANGING


def this_process() -> str:
    """How this process is named as a holder: host, process id and start.

    The start makes it certain that a process id was not given to another process since.
    """
    return f"{_host()}/{os.getpid()}/{_start_of(os.getpid()) or 'unknown'}"


def acquire(
    tx: Transaction,
    account_id: str,
    holder: str,
    ttl: timedelta,
    work: Work = Work.CHANGING,
) -> Lease:
    """Take the lease for `ttl`.

    Raises LostRaceError while someone holds it; a holder named by `this_process` on this host
    that is no longer alive does not count.
    """
    table = _TABLES[work]
    mine = table.c.account_id == account_id
    row = tx.connection.execute(select(table).where(mine)).one_or_none()
    until = tx.now + ttl
    values = {"holder": holder, "until": until, "ttl_seconds": int(ttl.total_seconds())}
    if row is None:
        tx.connection.execute(insert(table).values(account_id=account_id, fence=1, **values))
        return Lease(account_id, holder, 1, until, work)
    if row.holder != _NO_ONE and row.until > tx.now:
        if not is_dead(row.holder):
            raise LostRaceError(
                f"account {account_id} is being {work} by {row.holder}",
                hint=f"Try again when it is through, at the latest at {row.until:%H:%M:%S} UTC.",
            )
        tx.record(
            "lease.taken-over",
            actor=Actor("process", holder),
            account=account_id,
            subject=account_id,
            data={"from": row.holder, "fence": row.fence + 1},
        )
    fence: int = row.fence + 1
    tx.connection.execute(update(table).where(mine).values(fence=fence, **values))
    return Lease(account_id, holder, fence, until, work)


def renew(tx: Transaction, lease: Lease) -> Lease:
    """Hold the lease for its whole time again, also when it ran out but nobody took it.

    Raises LostRaceError where someone else has it.
    """
    ttl = _own(tx, lease)[1]
    until = tx.now + ttl
    table = _TABLES[lease.work]
    tx.connection.execute(
        update(table).where(table.c.account_id == lease.account_id).values(until=until)
    )
    return replace(lease, until=until)


def release(tx: Transaction, lease: Lease) -> None:
    """Give the lease back; one that someone else has by now is left alone."""
    table = _TABLES[lease.work]
    tx.connection.execute(
        update(table)
        .where(table.c.account_id == lease.account_id, table.c.fence == lease.fence)
        .values(holder=_NO_ONE, until=tx.now)
    )


def check(tx: Transaction, lease: Lease) -> None:
    """Raise LostRaceError unless this lease is the newest and has not run out."""
    until, _ = _own(tx, lease)
    if until <= tx.now:
        raise LostRaceError(
            f"the lease on account {lease.account_id} ran out at {until:%H:%M:%S} UTC",
            hint="Nothing more was written; apply again.",
        )


def at_work(tx: Transaction) -> list[Lease]:
    """The leases that someone holds now; a holder on this host that is no longer alive is none."""
    return [
        Lease(row.account_id, row.holder, row.fence, row.until, work)
        for work, table in _TABLES.items()
        # A database that waits to be restored or upgraded may be of an earlier release.
        if inspect(tx.connection).has_table(table.name)
        for row in tx.connection.execute(
            select(table).where(table.c.holder != _NO_ONE, table.c.until > tx.now)
        )
        if not is_dead(row.holder)
    ]


def _own(tx: Transaction, lease: Lease) -> tuple[datetime, timedelta]:
    table = _TABLES[lease.work]
    row = tx.connection.execute(
        select(table).where(table.c.account_id == lease.account_id)
    ).one_or_none()
    if row is None or row.fence != lease.fence or row.holder != lease.holder:
        other = row.holder if row is not None and row.holder != _NO_ONE else "nobody"
        raise LostRaceError(
            f"the lease on account {lease.account_id} was lost: {other} holds it now",
            hint="Nothing more was written; look at the execution before you apply again.",
        )
    return row.until, timedelta(seconds=row.ttl_seconds)


def _host() -> str:
    """This host and boot, and the space its process ids live in: a container has its own."""
    parts = [socket.gethostname()]
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.exists():
        parts.append(boot.read_text(encoding="ascii").strip()[:8])
    namespace = Path("/proc/self/ns/pid")
    if namespace.exists():
        parts.append(str(namespace.stat().st_ino))
    return "-".join(parts)


def _start_of(pid: int) -> str | None:
    """When a process started, in the kernel's ticks since boot; None where nobody tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field, the command's name, is in parentheses and may hold anything; the third is
    # the state, the twenty-second the start. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in _GONE else fields[19]


def is_dead(holder: str) -> bool:
    """Whether a holder named by `this_process` certainly runs no more; False where nobody knows."""
    host, _, rest = holder.partition("/")
    pid, _, start = rest.partition("/")
    if host != _host() or not pid.isdigit():
        return False
    if start != "unknown":
        return _start_of(int(pid)) != start
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
