"""Anchors show what the log alone can't: that it was rewritten as a whole, or cut short."""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.engine.anchor_checking import AnchorChecking, AnchorsVerdict, Standing
from bot.engine.anchor_file import FileTarget
from bot.engine.anchoring import Anchoring, Noted
from bot.engine.restoring import restore
from bot.engine.signing import LocalSigner, PublicKeys, fingerprint, new_key
from bot.errors import LocksmithError, UsageError
from bot.model import Anchor, AnchorTarget, Found, Placed, Signer
from bot.store import anchors, audit, tables
from bot.store.backups import BackupRules, back_up
from bot.store.chain import row_hash
from bot.store.database import Store, open_store
from tests.conftest import StandingClock
from tests.store.samples import ALICE

_S = Standing


@dataclass
class Rig:
    """A log, a place for anchors, and whoever checks them."""

    store: Store
    clock: StandingClock
    targets: Sequence[AnchorTarget]
    signer: Signer | None = None
    keys: PublicKeys = field(default_factory=PublicKeys)

    def log(self, rows: int = 3) -> None:
        for _ in range(rows):
            self.clock.pass_time(minutes=1)
            with self.store.write() as tx:
                tx.record("test.written", actor=ALICE, data={"at": str(tx.now)})

    def anchor(self) -> list[Noted]:
        return Anchoring(self.store, self.targets, self.signer).anchor()

    def check(self, *replaced: Path) -> AnchorsVerdict:
        checking = AnchorChecking(self.store, self.targets, lambda: self.keys, self.clock)
        return checking.check(replaced)

    def standings(self, *replaced: Path) -> list[tuple[Standing, int]]:
        (target,) = self.check(*replaced).targets
        return sorted((one.standing, one.anchor.seq) for one in target.judged)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


@pytest.fixture
def rig(store: Store, clock: StandingClock, file: Path) -> Rig:
    """Three rows and an anchor, twice; two rows since."""
    made = Rig(store, clock, [FileTarget(file)])
    for _ in range(2):
        made.log()
        made.anchor()
    made.log(2)
    return made


# What someone with write access to the database can do


def rewrite_from(store: Store, seq: int) -> None:
    """The whole chain anew from a row on, each hash and the head recomputed."""
    with store.engine.begin() as connection:
        _without_triggers(connection)
        rows = connection.execute(
            tables.audit.select().where(tables.audit.c.seq >= seq).order_by(tables.audit.c.seq)
        ).all()
        previous = rows[0].previous
        for row in rows:
            data = '{"at":"never"}'
            digest = row_hash(
                row.seq, row.at, row.event, row.actor_kind, row.actor, row.account, row.subject,
                data, row.people, previous,
            )  # fmt: skip
            connection.execute(
                tables.audit.update()
                .where(tables.audit.c.seq == row.seq)
                .values(data=data, previous=previous, hash=digest)
            )
            previous = digest
        connection.execute(tables.audit_head.update().values(hash=previous))


def cut_to(store: Store, seq: int) -> None:
    """The end of the log removed, with the note of where it ended."""
    with store.engine.begin() as connection:
        _without_triggers(connection)
        connection.execute(tables.audit.delete().where(tables.audit.c.seq > seq))
        last = connection.execute(tables.audit.select().where(tables.audit.c.seq == seq)).one()
        connection.execute(tables.audit_head.update().values(seq=seq, hash=last.hash))


def _without_triggers(connection: object) -> None:
    names = {
        "sqlite": [
            f"DROP TRIGGER {table}_no_{change}"
            for table in ("audit", "anchor")
            for change in ("update", "delete")
        ],
        "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in ("audit", "anchor")],
    }
    for statement in names[connection.dialect.name]:  # type: ignore[attr-defined]
        connection.execute(text(statement))  # type: ignore[attr-defined]


class TestPlacing:
    def test_the_end_of_the_log_is_noted_and_remembered(self, rig: Rig, file: Path) -> None:
        lines = file.read_text().splitlines()

        assert [anchor.seq for line in lines if (anchor := Anchor.read(line))] == [3, 6]
        assert file.stat().st_mode & 0o777 == 0o600
        with rig.store.read() as tx:
            placed = anchors.placed_at(tx, f"file:{file}")
            rows = anchors.hashes(tx, [3, 6])
        assert [one.anchor.text() for one in placed] == lines
        assert [one.anchor.hash for one in placed] == [rows[3], rows[6]]
        assert placed[0].reference == "byte 0"

    def test_nothing_is_noted_twice(self, rig: Rig, file: Path) -> None:
        rig.anchor()
        size = file.stat().st_size

        (noted,) = rig.anchor()

        assert noted.before
        assert noted.placed is not None
        assert noted.placed.anchor.seq == 8
        assert file.stat().st_size == size

    def test_an_empty_log_has_no_end(self, store: Store, clock: StandingClock, file: Path) -> None:
        assert Rig(store, clock, [FileTarget(file)]).anchor() == []
        assert not file.exists()

    def test_a_place_that_cant_be_reached_stops_no_other(self, rig: Rig, tmp_path: Path) -> None:
        gone = FileTarget(tmp_path / "unmounted" / "anchors")
        rig.targets = [gone, *rig.targets]

        first, second = rig.anchor()

        assert first.placed is None
        assert "No such file" in first.trouble
        assert second.placed is not None
        assert [each.unreachable is None for each in rig.check().targets] == [False, True]

    def test_a_signer_that_cant_be_reached_notes_nothing(self, rig: Rig, file: Path) -> None:
        size = file.stat().st_size
        rig.signer = Unreachable()

        with pytest.raises(LocksmithError, match="can't be reached"):
            rig.anchor()

        assert file.stat().st_size == size


class Unreachable:
    """A signer, or a place, that doesn't answer."""

    name = "nowhere"

    def sign(self, content: bytes) -> str:
        raise LocksmithError("it can't be reached")

    def public_key(self) -> str:
        raise LocksmithError("it can't be reached")

    def place(self, anchor: Anchor) -> str:
        raise LocksmithError("it can't be reached")

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:
        raise LocksmithError("it can't be reached")

    def may_miss(self, placed: Placed, now: datetime) -> str | None:
        raise LocksmithError("it can't be reached")


class TestComparing:
    def test_a_log_that_is_as_it_was_fits(self, rig: Rig) -> None:
        verdict = rig.check()

        assert rig.standings() == [(_S.FITS, 3), (_S.FITS, 6)]
        assert verdict.chain.ok
        assert not verdict.unknown
        newest = verdict.targets[0].newest
        assert newest is not None
        assert newest.seq == 6

    def test_a_log_rewritten_as_a_whole_shows(self, rig: Rig) -> None:
        rewrite_from(rig.store, 5)

        with rig.store.read() as tx:
            assert audit.verify(tx).ok, "the log alone can't tell"
        assert rig.standings() == [(_S.FITS, 3), (_S.REWRITTEN, 6)]

    def test_a_log_that_was_cut_short_shows(self, rig: Rig) -> None:
        cut_to(rig.store, 4)

        with rig.store.read() as tx:
            assert audit.verify(tx).ok, "the log alone can't tell"
        assert rig.standings() == [(_S.FITS, 3), (_S.TRUNCATED, 6)]

    def test_a_log_cut_and_grown_again_shows(self, rig: Rig) -> None:
        cut_to(rig.store, 4)
        rig.log(5)

        assert rig.standings() == [(_S.FITS, 3), (_S.REWRITTEN, 6)]

    def test_what_is_newer_than_the_newest_anchor_does_not_show(self, rig: Rig) -> None:
        """The window that the documentation tells of."""
        rewrite_from(rig.store, 7)

        assert rig.standings() == [(_S.FITS, 3), (_S.FITS, 6)]

    def test_rewriting_what_the_database_remembers_helps_nobody(self, rig: Rig) -> None:
        rewrite_from(rig.store, 5)
        with rig.store.engine.begin() as connection:
            (new,) = connection.execute(text("SELECT hash FROM audit WHERE seq = 6")).one()
            connection.execute(text("UPDATE anchor SET hash = :new WHERE seq = 6"), {"new": new})

        assert rig.standings() == [(_S.ALTERED, 6), (_S.FITS, 3), (_S.REWRITTEN, 6)]

    def test_forgetting_them_in_the_database_helps_nobody(self, rig: Rig) -> None:
        rewrite_from(rig.store, 5)
        with rig.store.engine.begin() as connection:
            connection.execute(text("DELETE FROM anchor"))

        assert rig.standings() == [(_S.FITS, 3), (_S.REWRITTEN, 6)]

    def test_an_anchor_that_was_removed_shows(self, rig: Rig, file: Path) -> None:
        first, _ = file.read_text().splitlines(keepends=True)
        file.write_text(first)

        assert rig.standings() == [(_S.FITS, 3), (_S.REMOVED, 6)]

    def test_a_file_that_was_removed_shows(self, rig: Rig, file: Path) -> None:
        file.unlink()

        assert rig.standings() == [(_S.REMOVED, 3), (_S.REMOVED, 6)]
        assert rig.check().unknown, "nothing is left to compare"

    def test_an_anchor_that_was_altered_shows(self, rig: Rig, file: Path) -> None:
        content = file.read_text()
        file.write_text(content.replace('"seq":6', '"seq":7'))

        assert rig.standings() == [(_S.ALTERED, 6), (_S.FITS, 3), (_S.REWRITTEN, 7)]

    def test_a_line_that_is_no_line_any_more_shows(self, rig: Rig, file: Path) -> None:
        file.write_text(file.read_text().replace('"seq":6', '"seq":'))

        assert rig.standings() == [(_S.FITS, 3), (_S.REMOVED, 6)]

    def test_a_place_that_cant_be_read_is_unknown(self, rig: Rig, file: Path) -> None:
        file.unlink()
        file.mkdir()

        (target,) = rig.check().targets
        assert target.judged == ()
        assert "can't be read" in (target.unreachable or "")
        assert rig.check().unknown

    def test_without_any_anchor_it_is_unknown(
        self, store: Store, clock: StandingClock, file: Path
    ) -> None:
        made = Rig(store, clock, [FileTarget(file)])
        made.log()

        assert made.standings() == []
        assert made.check().unknown

    def test_one_that_may_be_missing_yet_is_not_told(self, rig: Rig, file: Path) -> None:
        file.write_text("")

        class Late(FileTarget):
            def may_miss(self, placed: Placed, now: datetime) -> str | None:
                return "not yet"

        rig.targets = [Late(file)]
        assert rig.standings() == [(_S.NOT_TOLD, 3), (_S.NOT_TOLD, 6)]
        assert rig.check().unknown

    def test_other_databases_may_share_the_place(self, rig: Rig, file: Path) -> None:
        line = Anchor("0" * 32, 6, "a" * 64, rig.clock.now).text()
        with file.open("a") as out:
            out.write(f"{line}\na comment\n")

        (target,) = rig.check().targets
        assert target.others == 2
        assert rig.standings() == [(_S.FITS, 3), (_S.FITS, 6)]

    def test_a_place_that_is_not_configured_any_more_is_told(
        self, rig: Rig, file: Path, tmp_path: Path
    ) -> None:
        rig.targets = [FileTarget(tmp_path / "other")]

        assert rig.check().dropped == (f"file:{file}",)


class TestSigned:
    @pytest.fixture
    def signed(self, store: Store, clock: StandingClock, file: Path) -> Rig:
        """An anchor from before there was a key, and two signed ones."""
        private, public = new_key()
        made = Rig(store, clock, [FileTarget(file)])
        made.log()
        made.anchor()
        made.signer, made.keys = LocalSigner(private), PublicKeys.of([public])
        for _ in range(2):
            made.log()
            made.anchor()
        return made

    def test_only_signed_ones_speak_for_the_log(self, signed: Rig) -> None:
        assert signed.standings() == [(_S.FITS, 6), (_S.FITS, 9), (_S.UNSIGNED, 3)]
        assert signed.check().signatures
        assert not signed.check().unknown

    def test_unsigned_ones_alone_say_nothing(self, signed: Rig, file: Path) -> None:
        with signed.store.engine.begin() as connection:
            _without_triggers(connection)
            connection.execute(text("DELETE FROM anchor"))
        file.write_text(file.read_text().splitlines(keepends=True)[0])

        assert signed.standings() == [(_S.UNSIGNED, 3)]
        assert signed.check().unknown

    def test_a_rewritten_log_with_an_anchor_to_match_shows(self, signed: Rig, file: Path) -> None:
        """Whoever can write the database and the file, but can't sign."""
        rewrite_from(signed.store, 5)
        with signed.store.read() as tx:
            rows = anchors.hashes(tx, [6, 9])
        lines = file.read_text().splitlines()
        forged = []
        for line in lines:
            anchor = Anchor.read(line)
            assert anchor is not None
            forged.append(replace(anchor, hash=rows.get(anchor.seq, anchor.hash)).text())
        file.write_text("\n".join(forged) + "\n")

        standings = {standing for standing, _ in signed.standings()}
        assert _S.FORGED in standings
        assert _S.FITS not in standings

    def test_a_key_that_nobody_named_is_not_told(self, signed: Rig) -> None:
        signed.keys = PublicKeys.of([new_key()[1]])

        assert signed.standings() == [(_S.NOT_TOLD, 6), (_S.NOT_TOLD, 9), (_S.UNSIGNED, 3)]
        assert signed.check().unknown

    def test_the_private_key_is_nowhere(
        self, store: Store, clock: StandingClock, file: Path
    ) -> None:
        private, public = new_key()
        secret = "".join(private.splitlines()[1:-1])
        made = Rig(store, clock, [FileTarget(file)], LocalSigner(private))
        made.log()
        made.anchor()

        with store.read() as tx:
            rows = [
                repr(row)
                for table in tables.metadata.sorted_tables
                for row in tx.connection.execute(table.select())
            ]
        assert fingerprint(public) in file.read_text()
        assert secret not in file.read_text()
        assert not any(secret in row for row in rows)


class TestAfterARestore:
    @pytest.fixture
    def restored(
        self, sqlite_url: str, clock: StandingClock, tmp_path: Path, file: Path
    ) -> tuple[Rig, Path]:
        """Anchored at rows 3 and 6, and restored to where row 4 was the last."""
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        made = Rig(open_store(sqlite_url, clock=clock), clock, [FileTarget(file)])
        made.log()
        made.anchor()
        made.log(1)
        backup = back_up(path, tmp_path / "b.db", BackupRules(), clock()).path
        made.log(2)
        made.anchor()
        made.store.close()
        restore(sqlite_url, backup, ALICE, clock)
        made.store = open_store(sqlite_url, clock=clock)
        (kept,) = path.parent.glob("*.replaced")
        return made, kept

    def test_it_looks_like_what_it_is_and_the_log_tells_of_it(
        self, restored: tuple[Rig, Path]
    ) -> None:
        rig, kept = restored
        with closing(rig.store):
            assert rig.standings() == [(_S.FITS, 3), (_S.REWRITTEN, 6)]
            (told,) = rig.check().restored
        assert "row 5: b.db was restored" in told
        assert kept.name in told

    def test_the_replaced_log_explains_it(self, restored: tuple[Rig, Path]) -> None:
        rig, kept = restored
        with closing(rig.store):
            assert rig.standings(kept) == [(_S.FITS, 3), (_S.FITS, 6)]

    def test_another_log_explains_nothing(self, restored: tuple[Rig, Path], tmp_path: Path) -> None:
        rig, _ = restored
        with closing(rig.store), pytest.raises(UsageError, match="none that this database"):
            rig.check(tmp_path / "b.db")


def test_the_genesis_is_the_databases_own(store: Store) -> None:
    """So no log of another database can stand in for this one."""
    with store.read() as tx:
        database = anchors.database_id(tx)
        head = tx.connection.execute(tables.audit_head.select()).one()
    assert head.hash == hashlib.sha256(f"locksmith audit log of {database}".encode()).hexdigest()
