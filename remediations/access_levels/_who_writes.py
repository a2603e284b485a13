"""Who of those that may write to a service only reads: people said so, or AWS saw nobody write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bot.model import Expect, Part, Principal, Snapshot
from bot.policy import AccessLevel
from remediations.access_levels._by_level import of_level
from remediations.access_levels._reach import is_left_out
from remediations.access_levels._splitting import writes_in
from remediations.least_privilege._holders import Meant, reach_of
from remediations.least_privilege._unused import idle_in, unused_of
from remediations.policy_conditions._written import written

#: Whether a user or role only reads.
Reads = Callable[[Principal], bool]


@dataclass(frozen=True, slots=True)
class Readers:
    """Who only reads; `guards` show, by the policy's subject, that they still do, just before."""

    reads: Reads
    guards: Mapping[str, tuple[Expect, ...]] = field(default_factory=dict)


def known_readers(
    service: str,
    writers: Mapping[str, tuple[str, ...]],
    days: int | None,
    snapshot: Snapshot,
    meant: Meant,
) -> Readers | None:
    """Who is known to read only: all but the `writers` of the service, or else by `days` of use.

    None where nothing is known.
    """
    named = {name.lower(): patterns for name, patterns in writers.items()}
    if service in named:
        return Readers(_but(named[service], snapshot, meant))
    return None if days is None else _seen_reading(service, days, snapshot, meant)


def _but(writers: tuple[str, ...], snapshot: Snapshot, meant: Meant) -> Reads:
    """Everybody reads but the writers, by patterns of their ARNs, and whoever is not counted."""

    def reads(principal: Principal) -> bool:
        writes = any(fnmatchcase(principal.arn, pattern) for pattern in writers)
        return not writes and not _stays(principal, snapshot, meant)

    return reads


def _seen_reading(service: str, days: int, snapshot: Snapshot, meant: Meant) -> Readers:
    """Those of whom AWS's reports show that they tried no writing at all for so many days.

    Whoever has another policy with some, of which that isn't shown, may be a writer.
    """
    reading, unknown = set[str](), set[str]()
    if Part.POLICY_USE not in snapshot.parts:
        return Readers(lambda _: False)
    guards: dict[str, tuple[Expect, ...]] = {}
    for policy in written(snapshot):
        actions = writes_in(policy.document, service, snapshot.account.partition)
        if not of_level(AccessLevel.WRITE, actions):
            continue
        idle = idle_in(policy, snapshot, days, (), unused_of(actions, snapshot, days))
        ids = {each.id for each in reach_of(policy.holders, snapshot).identities}
        if idle is not None and actions <= idle.trimmed.removed:
            reading |= ids
            guards[policy.subject] = idle.guards
        else:
            unknown |= ids
    known = reading - unknown
    return Readers(lambda each: each.id in known and not _stays(each, snapshot, meant), guards)


def _stays(principal: Principal, snapshot: Snapshot, meant: Meant) -> bool:
    protected = snapshot.protection.reason_for(principal.arn) is not None
    return protected or is_left_out(principal, meant, snapshot)
