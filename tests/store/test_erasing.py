"""What is erased of a person: no table keeps it, and all else stays."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.engine.core import refused
from bot.model import Actor, Address, OwnerClaim, OwnerSource
from bot.store import accounts, audit, handovers, messages, proposals
from bot.store.database import Store
from bot.store.erasing import erase
from bot.store.handovers import hand_over
from bot.store.messages import NewMessage
from bot.store.once import use_code
from bot.store.tables import metadata
from tests.store.samples import ACCOUNT, ALICE, BOB, question

ZED = "zed@gone.org"


@pytest.mark.parametrize("name", [ZED, "zoë@gone.org", 'z"e\\d'])
def test_nothing_of_an_owner_is_left_anywhere(store: Store, name: str) -> None:
    """Claims and the reasons on cards are JSON, in which a name is escaped."""
    claim = OwnerClaim(OwnerSource.TAGS, name, f"tag owner = {name}", "owner")
    other = OwnerClaim(OwnerSource.DEFAULT, "UANN", "the default owner")
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        (asked,) = proposals.propose_many(tx, [replace(question(), claims=(claim, other))], ALICE)
        data = {"because": f"tag owner = {name}", "passed_over": [f"owner {name} left"], "n": 1}
        messages.tell(tx, NewMessage("card:1", "card", "UANN", asked.id, data))
        hand_over(tx, ACCOUNT, "AIDA1", name, BOB, trusted=False)

    with store.write() as tx:
        erased = erase(tx, [name], Actor("local", "clerk@desk"))

    assert erased == 4  # the claims, the card, the hand-over, and its text in the log
    with store.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.connection.execute(select(table)):
                assert name not in repr(row._asdict().values()), table.name
                assert name not in str(row), table.name
        kept = proposals.get_proposal(tx, asked.id)
        (card,) = messages.messages_of(tx, asked.id)
        assert audit.verify(tx).ok
    assert kept.claims == (
        OwnerClaim(OwnerSource.TAGS, "(erased)", "(erased)", "owner"),
        other,
    )
    assert card.data == {"because": "(erased)", "passed_over": ["(erased)"], "n": 1}


@pytest.mark.parametrize(
    ("text", "erased"),
    [
        ("ann", True),
        ("Ann said so", True),
        ("local:ann", True),
        ("slack:T1/ann", True),
        ("ask ann.", True),
        ("(ann)", True),
        ("anna", False),
        ("joann", False),
        ("ann@example.com", False),
        ("mary-ann", False),
        ("j.ann", False),
        ("ann.b", False),
        ("mann", False),
    ],
)
def test_a_name_counts_as_a_whole(store: Store, text: str, erased: bool) -> None:
    with store.write() as tx:
        tx.record("test.written", actor=BOB, people={"reason": text})
        assert erase(tx, ["ann"], BOB) == erased

    with store.read() as tx:
        (event, _) = audit.events(tx)
        assert audit.verify(tx).ok
    assert event.data["reason"] == ("(erased)" if erased else text)


def test_all_of_someones_names_at_once(store: Store) -> None:
    """What is about others stays, in the same columns."""
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        for unique, address in (("1", "UANN"), ("2", "ANN@example.com"), ("3", "UBEN")):
            hand_over(tx, ACCOUNT, unique, address, BOB, trusted=False)
        erase(tx, ["ann@example.com", "UANN"], BOB)

    with store.read() as tx:
        known = {key: one.address for key, one in handovers.handovers(tx, ACCOUNT.id).items()}
    assert known == {"1": "(erased)", "2": "(erased)", "3": "UBEN"}


def test_messages_to_them_are_kept_true_and_none_is_sent(store: Store) -> None:
    with store.write() as tx:
        posted = messages.tell(tx, NewMessage("card:p-1:UANN", "card", "UANN"))
        messages.posted(tx, posted.id, "D1", "1.0", 1, "digest")
        messages.tell(tx, NewMessage("card:p-2:UANN", "card", "UANN"))
        messages.tell(tx, NewMessage("card:p-2:UBEN", "card", "UBEN"))
        use_code(tx, "UANN", 5)

        erase(tx, ["UANN"], BOB)

    with store.read() as tx:
        left = {row.id: row for row in tx.connection.execute(select(metadata.tables["message"]))}
        codes = tx.connection.execute(select(metadata.tables["used_code"])).all()
    assert (left[posted.id].recipient, left[posted.id].channel) == ("(erased)", "D1")
    assert len(left) == 2
    assert not any("UANN" in row.key for row in left.values())
    assert codes == []


def test_why_someone_was_refused_is_personal_too(store: Store) -> None:
    with store.write() as tx:
        refused(tx, ALICE, "resume", "local:bob@desk stopped it")
        erase(tx, ["bob@desk"], ALICE)

    with store.read() as tx:
        (event, _) = audit.events(tx)
        (row, _) = tx.connection.execute(select(metadata.tables["audit"].c.data)).scalars()
    assert event.data["why"] == "(erased)"
    assert "bob" not in row


def test_percent_is_a_percent_sign_within_json_too(store: Store) -> None:
    with store.write() as tx:
        messages.tell(tx, NewMessage("notice:1", "notice", "C1", data={"what": "all of it"}))
        assert erase(tx, ["%"], BOB) == 0


def test_an_erased_address_is_none() -> None:
    """So its owner can't be reached, and the next source is asked."""
    with pytest.raises(ValueError, match="neither"):
        Address.parse("(erased)")
