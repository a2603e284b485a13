"""Who owns a thing because someone said so: the last word counts, and is logged."""

from bot.store import accounts, audit, handovers
from bot.store.database import Store
from bot.store.erasing import erase
from bot.store.handovers import Handover
from tests.conftest import NOON, StandingClock
from tests.store.racing import at_once
from tests.store.samples import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT


def known(store: Store) -> None:
    with store.write() as tx:
        accounts.ensure_account(tx, ACCOUNT)
        accounts.ensure_account(tx, OTHER_ACCOUNT)


def test_is_remembered_for_one_thing_of_one_account(store: Store) -> None:
    known(store)
    with store.write() as tx:
        handovers.hand_over(tx, ACCOUNT, "AIDA1", "UANN", ALICE, trusted=True)
        handovers.hand_over(tx, OTHER_ACCOUNT, "AIDA1", "UBEN", BOB, trusted=False)

    with store.read() as tx:
        assert handovers.handovers(tx, ACCOUNT.id) == {
            "AIDA1": Handover("UANN", str(ALICE), trusted=True, at=NOON)
        }
        assert handovers.handovers(tx, OTHER_ACCOUNT.id)["AIDA1"].address == "UBEN"
        assert handovers.handovers(tx, "999999999999") == {}


def test_the_last_word_counts_and_trust_does_not_stay(store: Store, clock: StandingClock) -> None:
    """An owner's word after the security group's is an owner's word."""
    known(store)
    with store.write() as tx:
        handovers.hand_over(tx, ACCOUNT, "AIDA1", "UANN", ALICE, trusted=True)
    clock.pass_time(hours=1)
    with store.write() as tx:
        handovers.hand_over(tx, ACCOUNT, "AIDA1", "UBEN", BOB, trusted=False)

    with store.read() as tx:
        assert handovers.handovers(tx, ACCOUNT.id) == {
            "AIDA1": Handover("UBEN", str(BOB), trusted=False, at=clock())
        }
        said = [each for each in audit.events(tx) if each.event == "owner.handed-over"]
    assert [each.actor for each in said] == [str(ALICE), str(BOB)]
    assert [each.subject for each in said] == ["AIDA1", "AIDA1"]


def test_said_at_once_one_word_stays_and_all_are_logged(store: Store) -> None:
    known(store)

    at_once(
        store,
        lambda tx: handovers.hand_over(tx, ACCOUNT, "AIDA1", "UANN", ALICE, trusted=False),
    )

    with store.read() as tx:
        assert list(handovers.handovers(tx, ACCOUNT.id)) == ["AIDA1"]
        assert [each.event for each in audit.events(tx)].count("owner.handed-over") == 4


def test_a_name_that_was_erased_is_gone_from_here_too(store: Store) -> None:
    known(store)
    with store.write() as tx:
        handovers.hand_over(tx, ACCOUNT, "AIDA1", "ann@example.com", ALICE, trusted=False)
        erase(tx, ["ann@example.com"], BOB)

    with store.read() as tx:
        assert "ann" not in handovers.handovers(tx, ACCOUNT.id)["AIDA1"].address
        assert audit.verify(tx).ok
