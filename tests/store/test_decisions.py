"""Decisions: one person's word on one digest, kept for good."""

import pytest

from bot.errors import LostRaceError, NotFoundError, StaleError
from bot.model import Actor, Decision, ProposalState, Verdict
from bot.store import audit, proposals
from bot.store.database import Store
from bot.store.erasing import erase
from tests.conftest import NOON, StandingClock
from tests.store.samples import ACCOUNT, ALICE, BOB, OTHER_ACCOUNT, move, propose


def test_comes_back_as_it_was_made(store: Store) -> None:
    with store.write() as tx:
        made = propose(tx)
        first = proposals.decide(tx, made.id, made.digest, Verdict.APPROVE, ALICE, "")
        second = proposals.decide(tx, made.id, made.digest, Verdict.DENY, BOB, "Bob's reasons")

    with store.read() as tx:
        assert proposals.decisions(tx, made.id) == [first, second]
        events = [event for event in audit.events(tx) if event.event == "decision.made"]
    assert first == Decision(first.id, made.id, made.digest, Verdict.APPROVE, ALICE, NOON, "")
    assert first.id.startswith("d-")
    assert [event.actor for event in events] == ["local:alice@desk", "local:bob@desk"]
    assert events[1].data == {
        "decision": second.id,
        "verdict": "deny",
        "digest": made.digest,
        "reason": "Bob's reasons",
    }


def test_binds_to_the_digest(store: Store) -> None:
    with store.write() as tx:
        made = propose(tx)
        with pytest.raises(StaleError, match="not the one that was decided on"):
            proposals.decide(tx, made.id, "sha256:other", Verdict.APPROVE, ALICE, "")

        assert proposals.decisions(tx, made.id) == []


def test_is_too_late_once_the_question_is_settled(store: Store) -> None:
    with store.write() as tx:
        made = move(tx, propose(tx), ProposalState.STALE)
        with pytest.raises(LostRaceError, match="is stale already: stale by local:alice"):
            proposals.decide(tx, made.id, made.digest, Verdict.APPROVE, ALICE, "")


def test_needs_a_proposal(store: Store) -> None:
    with store.write() as tx, pytest.raises(NotFoundError):
        proposals.decide(tx, "p-x", "sha256:x", Verdict.DENY, ALICE, "")


def test_a_no_is_remembered_for_its_digest(store: Store, clock: StandingClock) -> None:
    with store.write() as tx:
        denied, approved = propose(tx, "AKIA1"), propose(tx, "AKIA2")
        proposals.decide(tx, denied.id, denied.digest, Verdict.DENY, ALICE, "")
        proposals.decide(tx, approved.id, approved.digest, Verdict.APPROVE, ALICE, "")
    clock.pass_time(days=1)
    with store.write() as tx:
        proposals.decide(tx, denied.id, denied.digest, Verdict.DENY, BOB, "")

    with store.read() as tx:
        assert proposals.denied_digests(tx, ACCOUNT.id) == {denied.digest: clock.now}
        assert proposals.denied_digests(tx, OTHER_ACCOUNT.id) == {}


def test_names_and_reasons_can_be_erased(store: Store) -> None:
    with store.write() as tx:
        made = propose(tx)
        proposals.decide(tx, made.id, made.digest, Verdict.DENY, ALICE, "alice is on leave")
        erase(tx, ["alice", "alice@desk"], BOB)

    with store.read() as tx:
        (decision,) = proposals.decisions(tx, made.id)
        assert audit.verify(tx).ok
    assert decision.actor == Actor("local", "(erased)", "(erased)")
    assert decision.reason == "(erased)"
    assert decision.verdict is Verdict.DENY
