"""What is erased of a person: no table keeps it, and all else stays."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.model import Actor, Address, OwnerClaim, OwnerSource
from bot.store import accounts, audit, messages, proposals
from bot.store.database import Store
from bot.store.erasing import erase
from bot.store.handovers import hand_over
from bot.store.messages import NewMessage
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
        erased = erase(tx, name, Actor("local", "clerk@desk"))

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


def test_percent_is_a_percent_sign_within_json_too(store: Store) -> None:
    with store.write() as tx:
        messages.tell(tx, NewMessage("notice:1", "notice", "C1", data={"what": "all of it"}))
        assert erase(tx, "%", BOB) == 0


def test_an_erased_address_is_none() -> None:
    """So its owner can't be reached, and the next source is asked."""
    with pytest.raises(ValueError, match="neither"):
        Address.parse("(erased)")
