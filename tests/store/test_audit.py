"""The audit log: whole as it was written, and whatever was done to it is named."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.model import Actor, AuditEvent, Json
from bot.store import accounts, audit, chain
from bot.store.audit import AuditVerdict
from bot.store.columns import to_json
from bot.store.database import NewEvent, Store, Transaction
from bot.store.erasing import erase
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, BOB

Tamper = Callable[[Transaction], None]
TEN = 10


def fill(store: Store, count: int = TEN) -> list[AuditEvent]:
    with store.write() as tx:
        return [
            tx.record(
                "thing.happened",
                actor=ALICE if number % 2 else BOB,
                account=ACCOUNT.id,
                subject=f"thing-{number}",
                data={"number": number},
                people={"reason": f"because of {number}"},
            )
            for number in range(1, count + 1)
        ]


def verify(store: Store) -> AuditVerdict:
    with store.read() as tx:
        return audit.verify(tx)


def tamper(store: Store, how: Tamper) -> None:
    """Change the log as someone who owns the database can: past the triggers."""
    with store.write() as tx:
        if store.engine.dialect.name == "sqlite":
            tx.connection.execute(text("DROP TRIGGER audit_no_update"))
            tx.connection.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            tx.connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        how(tx)


def execute(tx: Transaction, *statements: str) -> None:
    for statement in statements:
        tx.connection.execute(text(statement))


def shift(tx: Transaction, since: int, by: int) -> None:
    """Renumber all rows from `since` on, by way of numbers that are free."""
    tx.connection.execute(
        text("UPDATE audit SET seq = seq + 1000 WHERE seq >= :since"), {"since": since}
    )
    tx.connection.execute(
        text("UPDATE audit SET seq = seq - 1000 + :by WHERE seq >= 1000"), {"by": by}
    )


def forge(tx: Transaction, seq: int) -> None:
    """A row of someone's making, with a hash that fits the row before it."""
    previous = "" if seq == 1 else _hash_of(tx, seq - 1)
    people = to_json({})
    made = chain.row_hash(
        seq, tx.now, "thing.forged", "local", "0" * 64, None, None, "{}", people, previous
    )
    tx.connection.execute(
        text(
            "INSERT INTO audit (seq, at, event, actor_kind, actor, data, people, previous, hash) "
            "SELECT :seq, at, 'thing.forged', 'local', :actor, '{}', '{}', :previous, :hash "
            "FROM audit WHERE event <> 'thing.forged' ORDER BY seq LIMIT 1"
        ),
        {"seq": seq, "actor": "0" * 64, "previous": previous, "hash": made},
    )


def _hash_of(tx: Transaction, seq: int) -> str:
    found: str = tx.connection.execute(
        text("SELECT hash FROM audit WHERE seq = :seq"), {"seq": seq}
    ).scalar_one()
    return found


def _insert(tx: Transaction) -> None:
    shift(tx, 4, +1)
    forge(tx, 4)


def _swap(tx: Transaction) -> None:
    execute(
        tx,
        "UPDATE audit SET seq = 1004 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 7",
        "UPDATE audit SET seq = 7 WHERE seq = 1004",
    )


def _remove_and_close_ranks(tx: Transaction) -> None:
    execute(tx, "DELETE FROM audit WHERE seq = 4")
    shift(tx, 5, -1)


def _replace(tx: Transaction) -> None:
    """A row with new content whose own hash was recomputed."""
    execute(tx, "DELETE FROM audit WHERE seq = 4")
    forge(tx, 4)


def _replace_last(tx: Transaction) -> None:
    execute(tx, "DELETE FROM audit WHERE seq = 10")
    forge(tx, TEN)


_CHANGES = {
    "at": "'2001-01-01 00:00:00.000000'",
    "event": "'thing.denied'",
    "actor_kind": "'slack'",
    "actor": f"'{'0' * 64}'",
    "account": "NULL",
    "subject": "'another'",
    "data": "'{}'",
    "people": "'{}'",
    "previous": f"'{'0' * 64}'",
    "hash": f"'{'0' * 64}'",
}


class TestVerify:
    def test_an_empty_log_is_whole(self, store: Store) -> None:
        verdict = verify(store)

        assert verdict.ok
        assert (verdict.events, verdict.head_seq) == (0, 0)

    def test_a_log_as_written_is_whole(self, store: Store) -> None:
        last = fill(store)[-1]

        verdict = verify(store)

        assert verdict == AuditVerdict(
            ok=True, events=TEN, head_seq=TEN, head_hash=last.hash, problem=None, at_seq=None
        )

    @pytest.mark.parametrize("column", _CHANGES)
    def test_a_change_of_any_column(self, store: Store, column: str) -> None:
        fill(store)
        change = f"UPDATE audit SET {column} = {_CHANGES[column]} WHERE seq = 4"  # noqa: S608 - ours

        tamper(store, lambda tx: execute(tx, change))

        verdict = verify(store)
        assert not verdict.ok
        assert verdict.at_seq == 4
        assert verdict.problem == (
            "row 4 is not as it was written: it was changed, or inserted later"
        )

    @pytest.mark.parametrize(
        ("how", "at_seq", "said"),
        [
            pytest.param(
                lambda tx: execute(tx, "DELETE FROM audit WHERE seq = 4"),
                4,
                "row 4 is missing: it was removed",
                id="removed",
            ),
            pytest.param(
                lambda tx: execute(tx, "DELETE FROM audit WHERE seq = 1"),
                1,
                "row 1 is missing: it was removed",
                id="the first removed",
            ),
            pytest.param(
                _remove_and_close_ranks,
                4,
                "row 4 was written as row 5: a row was removed before it, or it was moved",
                id="removed, ranks closed",
            ),
            pytest.param(
                _insert,
                5,
                "row 5 was written as row 4: a row was inserted before it, or it was moved",
                id="inserted",
            ),
            pytest.param(
                lambda tx: forge(tx, TEN + 1),
                TEN + 1,
                "row 11 was inserted after the end of the log, 10",
                id="inserted at the end",
            ),
            pytest.param(
                lambda tx: execute(
                    tx,
                    "INSERT INTO audit SELECT 0, at, event, actor_kind, actor, account, subject, "
                    "data, people, previous, 'x' FROM audit WHERE seq = 1",
                ),
                0,
                "row 0 was inserted before the first",
                id="inserted at the start",
            ),
            pytest.param(
                _swap,
                4,
                "rows 4 and 7 were reordered: each stands in the other's place",
                id="reordered",
            ),
            pytest.param(
                _replace,
                5,
                "row 5 doesn't follow on row 4: a row was replaced, inserted or removed there",
                id="replaced with a hash that fits",
            ),
            pytest.param(
                _replace_last,
                TEN,
                "row 10 is not the one that the head of the log names: it was replaced",
                id="the last replaced",
            ),
            pytest.param(
                lambda tx: execute(tx, "DELETE FROM audit WHERE seq > 7"),
                8,
                "rows 8 to 10 are missing: the end of the log was removed",
                id="tail cut",
            ),
            pytest.param(
                lambda tx: execute(tx, "DELETE FROM audit WHERE seq = 10"),
                10,
                "row 10 is missing: the end of the log was removed",
                id="the last removed",
            ),
            pytest.param(
                lambda tx: execute(tx, "DELETE FROM audit"),
                1,
                "rows 1 to 10 are missing: the end of the log was removed",
                id="all removed",
            ),
            pytest.param(
                lambda tx: execute(tx, "UPDATE schema_info SET database_id = 'another'"),
                1,
                "row 1 doesn't follow on row 0: a row was replaced, inserted or removed there",
                id="the log of another database",
            ),
            pytest.param(
                lambda tx: execute(
                    tx, "UPDATE person_text SET text = 'mallory' WHERE text = 'because of 4'"
                ),
                4,
                "row 4 names a person or a reason that was changed since",
                id="a person's words changed",
            ),
        ],
    )
    def test_names_what_was_done(self, store: Store, how: Tamper, at_seq: int, said: str) -> None:
        fill(store)

        tamper(store, how)

        verdict = verify(store)
        assert not verdict.ok
        assert verdict.problem == said
        assert verdict.at_seq == at_seq

    def test_what_only_an_outside_note_shows(self, store: Store) -> None:
        """Whoever cuts the tail and mends the head too leaves a log that is whole in itself."""
        noted = fill(store)[-1]

        tamper(
            store,
            lambda tx: execute(
                tx,
                "DELETE FROM audit WHERE seq > 7",
                "UPDATE audit_head SET seq = 7, hash = (SELECT hash FROM audit WHERE seq = 7)",
            ),
        )

        verdict = verify(store)
        assert verdict.ok
        assert (verdict.head_seq, verdict.head_hash) != (noted.seq, noted.hash)

    def test_goes_on_over_many_pages(self, store: Store) -> None:
        with store.write() as tx:
            tx.record_many([NewEvent("thing.happened")] * 2500, actor=ALICE)

        assert verify(store).events == 2500
        with store.read() as tx:
            assert [event.seq for event in audit.export(tx)] == list(range(1, 2501))


class TestRecord:
    def test_each_event_follows_on_the_last(self, store: Store) -> None:
        first = fill(store, 3)
        second = fill(store, 2)

        hashes = [event.hash for event in first + second]
        assert [event.seq for event in first + second] == [1, 2, 3, 4, 5]
        assert [event.previous for event in first + second][1:] == hashes[:-1]

    def test_comes_back_as_it_was_recorded(self, store: Store, clock: StandingClock) -> None:
        data: dict[str, Json] = {
            "deep": {"list": [1, None, True, "x"]},
            "text": "naïve \u202e 日本 \x00 \ud800 \"'<!here>",
        }
        with store.write() as tx:
            made = tx.record(
                "thing.happened",
                actor=ALICE,
                account=ACCOUNT.id,
                subject="f-1",
                data=data,
                people={"reason": "Zoë said so", "comment": ""},
            )

        with store.read() as tx:
            (read,) = audit.events(tx)
        assert read == made
        assert read.at == NOON
        assert read.actor == "local:alice@desk"
        assert read.data == {
            **data,
            "reason": "Zoë said so",
            "actor_arn": "arn:aws:iam::111122223333:user/alice",
        }

    def test_a_name_is_either_data_or_personal(self, store: Store) -> None:
        with pytest.raises(ValueError, match="reason is both"), store.write() as tx:
            tx.record("x.y", actor=ALICE, data={"reason": "a"}, people={"reason": "b"})

    def test_ten_thousand_events_take_well_under_two_seconds(self, store: Store) -> None:
        events = [
            NewEvent("finding.opened", ACCOUNT.id, f"f-{number}", {"number": number})
            for number in range(10_000)
        ]

        began = time.process_time()
        with store.write() as tx:
            tx.record_many(events, actor=ALICE)
        took = time.process_time() - began

        assert took < 2
        assert verify(store).events == 10_000

    def test_none_is_none(self, store: Store) -> None:
        with store.write() as tx:
            tx.record_many([], actor=ALICE)

        assert verify(store).events == 0


class TestReading:
    def test_the_newest_oldest_first(self, store: Store) -> None:
        fill(store)

        with store.read() as tx:
            assert [event.seq for event in audit.events(tx, limit=3)] == [8, 9, 10]
            assert [event.seq for event in audit.events(tx, subject="thing-4")] == [4]
            assert [event.seq for event in audit.events(tx, account=ACCOUNT.id, limit=1)] == [10]
            assert audit.events(tx, account="000000000000") == []
            assert audit.events(tx, limit=0) == []

    def test_export_gives_everything(self, store: Store) -> None:
        made = fill(store)

        with store.read() as tx:
            assert list(audit.export(tx)) == made


class TestErasing:
    def test_leaves_the_chain_whole(self, store: Store) -> None:
        made = fill(store)
        head = verify(store)

        with store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            assert erase(tx, ["alice@desk", str(ALICE.aws_arn)], BOB) == 2

        with store.read() as tx:
            read = list(audit.export(tx))
            texts = tx.connection.execute(text("SELECT text FROM person_text")).scalars().all()
        assert verify(store).ok
        assert read[0] == replace(made[0], actor="local:(erased)", data={
            "number": 1, "reason": "because of 1", "actor_arn": "(erased)",
        })  # fmt: skip
        assert read[1] == made[1]
        assert read[TEN - 1].hash == head.head_hash
        assert read[-1].event == "person.erased"
        assert not any("alice" in kept for kept in texts)

    def test_nothing_is_not_everything(self, store: Store) -> None:
        fill(store)

        with pytest.raises(ValueError, match="would erase everything"), store.write() as tx:
            erase(tx, ["alice", " "], BOB)

    def test_percent_is_a_percent_sign(self, store: Store) -> None:
        fill(store)

        with store.write() as tx:
            assert erase(tx, ["%"], Actor("local", "x")) == 0

    def test_no_personal_text_in_what_is_hashed(self, store: Store) -> None:
        fill(store)

        with store.read() as tx:
            rows = tx.connection.execute(text("SELECT * FROM audit")).all()
        assert not any("alice" in str(row) or "because" in str(row) for row in rows)
