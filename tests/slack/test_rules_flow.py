"""A rule that acts: told in Slack, carried out once nobody objected, stopped by a click on Keep."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.cards import GRACE
from bot.engine.grace_clock import COUNT
from bot.model import ProposalRecord, ProposalState, Verdict
from bot.store import dues, graces, proposals
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import Message, SlackDouble

RULE = {
    "name": "idle-keys",
    "match": {"controls": ["unused-access-key"]},
    "mode": "auto",
    "grace": "0d",
    "unused_days": 45,
}


@pytest.fixture
def at(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    with office(carols_cloud, slack_double, sqlite_template, remediation={"rules": [RULE]}) as made:
        carols_cloud.calls.clear()
        yield made


def tick(at: Office) -> None:
    """Whatever a rule waits for falls due now."""
    with at.store.write() as tx:
        for due in dues.all_due(tx):
            if due.kind == GRACE:
                dues.set_due(tx, GRACE, due.subject, tx.now)
        dues.set_due(tx, COUNT, "own", tx.now)
    at.desk.ticker().tick()


def the_question(at: Office) -> ProposalRecord:
    with at.store.read() as tx:
        (found,) = [
            each for each in proposals.list_proposals(tx) if each.control == "unused-access-key"
        ]
    return found


def told(at: Office) -> Message:
    """The card, once it says when the rule acts."""
    at.scan()
    card = at.card(at.ann, "AKIA")

    def has_begun() -> bool:
        tick(at)
        with at.store.read() as tx:
            grace = graces.get_grace(tx, the_question(at).id)
        return grace is not None and grace.until is not None

    wait_for(has_begun, "that the grace runs")
    return at.shows(card, "by rule `idle-keys` on")


def done(at: Office) -> bool:
    tick(at)
    return the_question(at).state is ProposalState.DONE


def test_is_carried_out_once_nobody_objected(at: Office) -> None:
    card = told(at)
    assert "Will be done unless you object" in card.words()
    assert at.writes() == []

    wait_for(lambda: done(at), "that the rule acted")
    assert at.writes() == ["UpdateAccessKey"]
    at.shows(card, "Done")
    with at.store.read() as tx:
        (decision,) = proposals.decisions(tx, the_question(at).id)
    assert str(decision.actor).startswith("rule:idle-keys@")
    assert decision.verdict is Verdict.APPROVE


def test_keep_stops_it_for_good(at: Office) -> None:
    card = told(at)
    at.slack.click(at.ann, card.channel, card.ts, "exempt")
    wait_for(
        lambda: bool([each for each in at.slack.modals(at.ann) if each.parts.get("submit")]),
        "the modal of Keep",
    )
    tomorrow = (at.desk.parts.clock() + timedelta(days=20)).date().isoformat()
    at.slack.submit(at.ann, {"reason": "the vendor's nightly job", "until": tomorrow})

    wait_for(lambda: the_question(at).state is ProposalState.CANCELLED, "that the exemption counts")
    tick(at)
    assert at.writes() == []


def test_no_room_holds_it_and_says_so_once(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> None:
    settings = {"remediation": {"rules": [RULE]}, "limits": {"per_day": 0}}
    with office(carols_cloud, slack_double, sqlite_template, **settings) as at:
        carols_cloud.calls.clear()
        told(at)
        for _ in range(3):
            tick(at)

        def notices() -> list[str]:
            return [
                each.words()
                for each in at.slack.messages(at.channel.id)
                if "Rules wait" in each.words()
            ]

        wait_for(lambda: len(notices()) > 0, "the word that rules wait")
        assert len(notices()) == 1
        assert "at most 0 changes a day" in notices()[0]
        assert at.writes() == []
