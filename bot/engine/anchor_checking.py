"""Compares the audit log with what was noted down of it elsewhere."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.engine.signing import PublicKeys, Signed
from bot.errors import LocksmithError, UsageError
from bot.model import Anchor, AnchorTarget, AuditEvent, Found, Placed
from bot.store import anchors, audit
from bot.store.audit import AuditVerdict
from bot.store.checking import check, reading
from bot.store.database import Store


class Standing(StrEnum):
    """What an anchor and the log say of each other.

    fits         the log still has that row, as it was
    rewritten    the log has that row with another hash: it was written anew
    truncated    the log ends before that row: it was cut, or an older copy was put back
    removed      it was placed, and isn't there any more
    altered      it is there, and not as it was placed, or someone tried to remove it
    forged       its signature is not the one of the key that it names
    unsigned     signatures count, and it has none: it speaks for nothing, and against nothing
    not told     what it says, or whether it is there, can't be told now
    """

    FITS = "fits"
    REWRITTEN = "rewritten"
    TRUNCATED = "truncated"
    REMOVED = "removed"
    ALTERED = "altered"
    FORGED = "forged"
    UNSIGNED = "unsigned"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class Judged:
    """One anchor with its standing; `said` is the evidence in words."""

    standing: Standing
    anchor: Anchor
    reference: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """What a target says. `unreachable` is why it couldn't be read; then nothing is known of it."""

    target: str
    judged: tuple[Judged, ...] = ()
    unreachable: str | None = None
    others: int = 0

    @property
    def newest(self) -> Anchor | None:
        """The newest anchor that fits."""
        fitting = [
            one.anchor for one in self.judged if one.standing is Standing.FITS and one.anchor
        ]
        return max(fitting, key=lambda anchor: anchor.seq, default=None)


@dataclass(frozen=True, slots=True)
class AnchorsVerdict:
    """What all of them say; `signatures` whether they were checked, `restored` restores that the
    log tells of, `dropped` targets with anchors that aren't configured any more.
    """

    chain: AuditVerdict
    targets: tuple[TargetVerdict, ...]
    signatures: bool
    restored: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def standings(self) -> frozenset[Standing]:
        """Every standing that some anchor has."""
        return frozenset(one.standing for each in self.targets for one in each.judged)

    @property
    def unknown(self) -> bool:
        """Whether something could not be told: a target unread, or nothing there to compare."""
        return (
            any(each.unreachable or each.newest is None for each in self.targets)
            or Standing.NOT_TOLD in self.standings()
        )


@dataclass(frozen=True, slots=True)
class AnchorChecking:
    """Reads anchors back. `keys` are the public keys that count, none where that isn't checked."""

    store: Store
    targets: Sequence[AnchorTarget]
    keys: Callable[[], PublicKeys]
    clock: Callable[[], datetime]

    def check(self, replaced: Sequence[Path] = ()) -> AnchorsVerdict:
        """Recompute the chain, read every target, and compare.

        `replaced` are files of databases that this one was put in the place of: what was noted of
        them fits too. Raises StoreError for one that isn't whole, UsageError for another one.
        """
        keys = self.keys()
        with self.store.read() as tx:
            chain = audit.verify(tx)
            database = anchors.database_id(tx)
            known = {each.name: anchors.placed_at(tx, each.name) for each in self.targets}
            dropped = tuple(anchors.other_targets(tx, known.keys()))
            restores = audit.events_named(tx, "database.restored")
        for path in replaced:
            _refuse_other(path, database, restores)
        read = {each.name: _read(each, known[each.name]) for each in self.targets}
        seqs = {anchor.seq for found in read.values() for anchor in _anchors_in(found)}
        judge = _Judge(database, chain.head_seq, self._logs(seqs, replaced), keys, self.clock())
        verdicts = [judge.target(each, known[each.name], read[each.name]) for each in self.targets]
        return AnchorsVerdict(
            chain, tuple(verdicts), bool(keys.keys), tuple(map(_told, restores)), dropped
        )

    def _logs(self, seqs: Collection[int], replaced: Sequence[Path]) -> list[Mapping[int, str]]:
        """The hashes of these rows, in the log and in those that it replaced."""
        with self.store.read() as tx:
            logs: list[Mapping[int, str]] = [anchors.hashes(tx, seqs)]
        for path in replaced:
            with reading(path) as tx:
                logs.append(anchors.hashes(tx, seqs))
        return logs


def _refuse_other(path: Path, database: str, restores: Sequence[AuditEvent]) -> None:
    """Only a log that this one says it replaced can speak for what was noted down."""
    contents = check(path)
    ends = {event.data.get("replaced_hash") for event in restores}
    if contents.database_id != database or contents.head_hash not in ends:
        raise UsageError(
            f"{path} is none that this database was restored over",
            hint="`locksmith db restore` keeps what it replaces, named ….replaced.",
        )


def _anchors_in(found: Sequence[Found] | str) -> Iterator[Anchor]:
    for one in () if isinstance(found, str) else found:
        anchor = Anchor.read(one.text)
        if anchor is not None:
            yield anchor


def _told(event: AuditEvent) -> str:
    data = event.data
    return (
        f"row {event.seq}: {data.get('backup')} was restored at {event.at:%Y-%m-%d %H:%M} UTC over "
        f"a log of {data.get('replaced_seq')} rows, kept as {data.get('kept')}"
    )


def _read(target: AnchorTarget, known: Sequence[Placed]) -> Sequence[Found] | str:
    """What is there, or why that can't be read."""
    try:
        return target.found(known)
    except LocksmithError as error:
        return f"{error}. {error.hint}".strip()


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges anchors of one database by the hashes of its rows, and of logs it replaced."""

    database: str
    head_seq: int
    logs: Sequence[Mapping[int, str]]
    keys: PublicKeys
    now: datetime

    def target(
        self, target: AnchorTarget, known: Sequence[Placed], found: Sequence[Found] | str
    ) -> TargetVerdict:
        if isinstance(found, str):
            return TargetVerdict(target.name, unreachable=found)
        read = [(one, anchor) for one in found if (anchor := Anchor.read(one.text)) is not None]
        ours = [(one, anchor) for one, anchor in read if anchor.database == self.database]
        there = {anchor.text(): one.reference for one, anchor in ours}
        judged = [self._there(one, anchor) for one, anchor in ours]
        judged += [
            self._missing(target, placed, placed.reference in there.values())
            for placed in known
            if placed.anchor.text() not in there
        ]
        return TargetVerdict(target.name, tuple(judged), others=len(found) - len(ours))

    def _there(self, one: Found, anchor: Anchor) -> Judged:
        standing, said = self._by_signature(anchor) or self._by_the_log(anchor)
        if standing is Standing.FITS and one.trouble:
            standing = Standing.ALTERED
        return Judged(standing, anchor, one.reference, "; ".join(filter(None, (said, one.trouble))))

    def _by_signature(self, anchor: Anchor) -> tuple[Standing, str] | None:
        """Why what it says counts for nothing, or None where it counts."""
        if not self.keys.keys:
            return None
        match self.keys.judge(anchor):
            case Signed.RIGHT:
                return None
            case Signed.MISSING:
                return Standing.UNSIGNED, "anyone may have put it there"
            case Signed.UNKNOWN_KEY:
                return Standing.NOT_TOLD, f"{anchor.key} is none of audit.signing.public_keys"
            case Signed.WRONG:
                return Standing.FORGED, f"its signature is not one of {anchor.key}"

    def _by_the_log(self, anchor: Anchor) -> tuple[Standing, str]:
        if any(rows.get(anchor.seq) == anchor.hash for rows in self.logs):
            return Standing.FITS, ""
        if anchor.seq > self.head_seq:
            said = f"the log ends with row {self.head_seq}, and had row {anchor.seq}"
            return Standing.TRUNCATED, said
        return Standing.REWRITTEN, f"row {anchor.seq} had another hash: {anchor.hash}"

    def _missing(self, target: AnchorTarget, placed: Placed, other_there: bool) -> Judged:
        if other_there:
            said = f"row {placed.anchor.seq} was noted there, and what is there says otherwise"
            return Judged(Standing.ALTERED, placed.anchor, placed.reference, said)
        try:
            why = target.may_miss(placed, self.now)
        except LocksmithError as error:
            why = str(error)
        if why is not None:
            return Judged(Standing.NOT_TOLD, placed.anchor, placed.reference, why)
        said = "it was placed, and is not there any more"
        return Judged(Standing.REMOVED, placed.anchor, placed.reference, said)
