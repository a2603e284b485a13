"""Who of those that may write to a service only reads: people said so, or AWS saw nobody write."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from bot.model import Part, PolicyUse, Principal, Snapshot
from bot.policy import AccessLevel
from remediations.access_levels._by_level import of_level
from remediations.access_levels._reach import is_left_out
from remediations.access_levels._splitting import writes_in
from remediations.least_privilege._holders import Meant, reach_of
from remediations.least_privilege._unused import idle_in, unused_action, unused_service
from remediations.policy_conditions._written import written

#: Whether a user or role only reads.
Reads = Callable[[Principal], bool]


def known_readers(
    service: str,
    writers: Mapping[str, tuple[str, ...]],
    days: int | None,
    snapshot: Snapshot,
    meant: Meant,
) -> Reads | None:
    """Who is known to read only: all but the `writers` of the service, or else by `days` of use.

    None where nothing is known.
    """
    named = {name.lower(): patterns for name, patterns in writers.items()}
    if service in named:
        return _but(named[service], snapshot, meant)
    return None if days is None else _seen_reading(service, days, snapshot, meant)


def _but(writers: tuple[str, ...], snapshot: Snapshot, meant: Meant) -> Reads:
    """Everybody reads but the writers, by patterns of their ARNs, and whoever is not counted."""

    def reads(principal: Principal) -> bool:
        writes = any(fnmatchcase(principal.arn, pattern) for pattern in writers)
        return not writes and not _stays(principal, snapshot, meant)

    return reads


def _seen_reading(service: str, days: int, snapshot: Snapshot, meant: Meant) -> Reads:
    """Those of whom AWS's reports show that they tried no writing at all for so many days.

    Whoever has another policy with some, of which that isn't shown, may be a writer.
    """
    reading, unknown = set[str](), set[str]()
    if Part.POLICY_USE not in snapshot.parts:
        return lambda _: False
    of_service, of_action = unused_service(snapshot, days), unused_action(snapshot, days)
    for policy in written(snapshot):
        actions = writes_in(policy.document, service, snapshot.account.partition)
        if not of_level(AccessLevel.WRITE, actions):
            continue

        def unused(use: PolicyUse, action: str, of: frozenset[str] = actions) -> bool:
            return action in of and (of_service(use, action) or of_action(use, action))

        idle = idle_in(policy, snapshot, days, (), unused)
        shown = idle is not None and actions <= idle.trimmed.removed
        ids = {each.id for each in reach_of(policy.holders, snapshot).identities}
        (reading if shown else unknown).update(ids)
    known = reading - unknown
    return lambda each: each.id in known and not _stays(each, snapshot, meant)


def _stays(principal: Principal, snapshot: Snapshot, meant: Meant) -> bool:
    protected = snapshot.protection.reason_for(principal.arn) is not None
    return protected or is_left_out(principal, meant, snapshot)
