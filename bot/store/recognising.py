"""Recognises violations that are known already: by their fingerprint, or by an older one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from bot.errors import PlanError
from bot.model import Account, Finding, FindingStatus, Manual, Plan, fingerprint
from bot.store import tables
from bot.store.database import Transaction

_T = tables.finding
_ALIASES = tables.finding_alias
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding as a control saw it. `aliases` are other fingerprints of the same violation.

    `template` is the fix of a finding from files, which is kept with it.
    """

    finding: Finding
    topic: str
    aliases: tuple[str, ...] = ()
    template: Plan | Manual | None = None


def by_fingerprint(
    account: Account, seen: Iterable[SeenFinding], *, from_files: bool
) -> dict[str, SeenFinding]:
    """What was seen, by fingerprint. Raises PlanError for two findings of one kind."""
    found: dict[str, SeenFinding] = {}
    for item in seen:
        print_ = fingerprint(
            account, item.finding.control, item.finding.subject, from_files=from_files
        )
        if print_ in found:
            raise PlanError(
                f"the control {item.finding.control} has two findings on {item.finding.subject}"
            )
        found[print_] = item
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """Findings that are not resolved or were seen again, by id; and ids by fingerprint."""

    rows: Mapping[str, Row[Any]]
    ids: Mapping[str, str]


def known_findings(
    tx: Transaction,
    account: Account,
    by_fingerprint: Mapping[str, SeenFinding],
    *,
    from_files: bool,
) -> Known:
    prints = {
        *by_fingerprint,
        *(alias for item in by_fingerprint.values() for alias in item.aliases),
    }
    ids: dict[str, str] = {}
    for page in pages(prints):
        wanted = select(_ALIASES).where(_ALIASES.c.fingerprint.in_(page))
        ids.update((row.fingerprint, row.finding_id) for row in tx.connection.execute(wanted))
    unresolved = _light().where(
        _T.c.account_id == account.id,
        _T.c.status != FindingStatus.RESOLVED.value,
        _T.c.from_files == from_files,
    )
    rows = {row.id: row for row in tx.connection.execute(unresolved)}
    for page in pages(set(ids.values()) - rows.keys()):
        rows.update(
            (row.id, row) for row in tx.connection.execute(_light().where(_T.c.id.in_(page)))
        )
    return Known(rows, ids)


def _light() -> Select[Any]:
    """A finding's row without the parts that a look refreshes anyway."""
    return select(
        _T.c.id,
        _T.c.control,
        _T.c.status,
        _T.c.first_seen,
        _T.c.reopened,
        _T.c.held,
        _T.c.exempt_until,
        _T.c.exempt_reason,
    )


def match(by_fingerprint: Mapping[str, SeenFinding], known: Known) -> dict[str, str]:
    """The known id of each seen fingerprint: by itself first, then by an alias not yet taken."""
    ids = {print_: known.ids[print_] for print_ in by_fingerprint if print_ in known.ids}
    taken = set(ids.values())
    for print_, item in by_fingerprint.items():
        if print_ in ids:
            continue
        free = (known.ids[alias] for alias in item.aliases if alias in known.ids)
        found = next((finding_id for finding_id in free if finding_id not in taken), None)
        if found is not None:
            ids[print_] = found
            taken.add(found)
    return ids


def pages(items: Iterable[str]) -> Iterator[list[str]]:
    everything = sorted(items)
    for start in range(0, len(everything), _AT_ONCE):
        yield everything[start : start + _AT_ONCE]
