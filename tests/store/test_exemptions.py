"""Exemptions that wait for a second person: one wish at a time, one answer to each."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import LostRaceError, RefusedError
from bot.model import Actor, ExemptionRequest, ProposalRecord
from bot.store import audit, exemptions, findings, messages, proposals
from bot.store.database import Store, Transaction
from bot.store.messages import NewMessage
from tests.conftest import NOON
from tests.store.racing import at_once
from tests.store.samples import ACCOUNT, ALICE, BOB, observe, only, propose, question, seen

UNTIL = NOON + timedelta(days=30)
ANN = Actor("slack", "T1/UANN")


@pytest.fixture
def asked(store: Store) -> ProposalRecord:
    with store.write() as tx:
        finding_id = only(observe(tx, seen())).id
        return proposals.propose_many(tx, [question(finding_id=finding_id)], ALICE)[0]


def request(tx: Transaction, asked: ProposalRecord, actor: Actor = ANN) -> ExemptionRequest:
    return exemptions.request_exemption(tx, asked, UNTIL, "on purpose", actor)


def waiting(store: Store, asked: ProposalRecord) -> ExemptionRequest | None:
    with store.read() as tx:
        return exemptions.waiting_request(tx, asked.id)


def test_waits_as_it_was_asked_for(store: Store, asked: ProposalRecord) -> None:
    assert waiting(store, asked) is None
    with store.write() as tx:
        card = messages.tell(tx, NewMessage("k", "card", "UANN", asked.id))
        made = request(tx, asked)

    assert waiting(store, asked) == made
    assert made.id.startswith("e-")
    assert (made.until, made.reason, made.by, made.state) == (UNTIL, "on purpose", ANN, "waiting")
    with store.read() as tx:
        told = messages.get_message(tx, card.id)
        event = audit.events(tx)[-1]
    assert told is not None
    assert told.wanted == 2
    assert (event.event, event.subject) == ("exemption.requested", asked.id)


@pytest.mark.parametrize("state", ["granted", "refused", "withdrawn"])
def test_is_answered_once(store: Store, asked: ProposalRecord, state: str) -> None:
    with store.write() as tx:
        made = request(tx, asked)
        exemptions.answer_request(tx, made, state, BOB, ACCOUNT.id)

    assert waiting(store, asked) is None
    with pytest.raises(LostRaceError, match="answered already"), store.write() as tx:
        exemptions.answer_request(tx, made, "granted", BOB, ACCOUNT.id)
    with store.read() as tx:
        assert audit.events(tx)[-1].event == f"exemption.{state}"
        mine = exemptions.asked_for_by(tx, ANN)
        assert exemptions.asked_for_by(tx, BOB) == frozenset()
    assert mine == (frozenset({asked.finding_id}) if state == "granted" else frozenset())


def test_after_an_answer_it_can_be_asked_for_anew(store: Store, asked: ProposalRecord) -> None:
    with store.write() as tx:
        first = request(tx, asked)
        exemptions.answer_request(tx, first, "refused", BOB, ACCOUNT.id)
        second = request(tx, asked)

    assert waiting(store, asked) == second
    assert second.id != first.id


def test_of_many_wishes_at_once_one_waits(store: Store, asked: ProposalRecord) -> None:
    made = at_once(store, lambda tx: request(tx, asked))

    assert sum(isinstance(each, ExemptionRequest) for each in made) == 1
    assert sum("asked for an exemption already" in str(each) for each in made) == 3


def test_of_many_answers_at_once_one_counts(store: Store, asked: ProposalRecord) -> None:
    with store.write() as tx:
        made = request(tx, asked)

    answers = at_once(
        store, lambda tx: exemptions.answer_request(tx, made, "granted", BOB, ACCOUNT.id)
    )

    assert answers.count(None) == 1  # type: ignore[arg-type]
    with store.read() as tx:
        assert [each.event for each in audit.events(tx)].count("exemption.granted") == 1


def test_the_database_itself_refuses_a_second_that_waits(
    store: Store, asked: ProposalRecord
) -> None:
    copy = text(
        "INSERT INTO exemption_request (id, finding_id, proposal_id, until, reason, asked_by_kind, "
        "asked_by, at, state) SELECT 'e-second', finding_id, proposal_id, until, reason, "
        "asked_by_kind, asked_by, at, :state FROM exemption_request"
    )
    with store.write() as tx:
        request(tx, asked)
    with store.write() as tx:
        tx.connection.execute(copy, {"state": "refused"})
        tx.connection.execute(text("DELETE FROM exemption_request WHERE id = 'e-second'"))
    with pytest.raises(IntegrityError), store.write() as tx:
        tx.connection.execute(copy, {"state": "waiting"})


def test_a_question_about_no_finding_has_nothing_to_exempt(store: Store) -> None:
    with store.write() as tx:
        asked = propose(tx)
        with pytest.raises(RefusedError, match="about no finding"):
            request(tx, asked)


def test_exempt_findings_come_by_their_end(store: Store) -> None:
    with store.write() as tx:
        records = observe(tx, seen("A"), seen("B"), seen("C")).records.values()
        by_subject = {each.finding.subject: each.id for each in records}
        for subject, days in (("A", 9), ("C", 3)):
            until = NOON + timedelta(days=days)
            findings.exempt(tx, by_subject[subject], "on purpose", until, ALICE)

    with store.read() as tx:
        exempt = exemptions.exempt_findings(tx)
    assert [each.id for each in exempt] == [by_subject["C"], by_subject["A"]]
    assert exempt[0] == replace(exempt[0], exempt_reason="on purpose")
