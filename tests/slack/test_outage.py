"""Slack dies at each point of the flow, and comes back: one message each, all of them true."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.model import MessageRecord, ProposalState
from bot.store import messages
from tests.slack.commanding import question
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble
from tests.slack.test_flow import opened

#: Longer than any test: the double ends it when it goes down.
HANGS = 60.0


@pytest.fixture
def at(
    mode: str,
    carols_cloud: SimulatedAccount,
    slack_double: SlackDouble,
    sqlite_template: Path,
) -> Iterator[Office]:
    """A desk over a live account that was looked at, before anyone is asked."""
    with office(carols_cloud, slack_double, sqlite_template, mode=mode) as made:
        found = made.service.scan(OPERATOR, lambda _said: None)
        made.service.go_live(found.account.id, OPERATOR)
        carols_cloud.calls.clear()
        yield made


def nothing(_at: Office) -> None:
    """The same process goes on."""


def restart(at: Office) -> None:
    """It ends while Slack is away, and another one begins once Slack is back."""
    at.close()


Between = Callable[[Office], None]
WAYS = pytest.mark.parametrize(
    ("mode", "between"),
    [
        pytest.param("http", nothing, marks=pytest.mark.slow),
        ("http", restart),
        ("socket", nothing),
        pytest.param("socket", restart, marks=pytest.mark.slow),
    ],
)
#: An edit may be made twice, and a direct message opened twice: there the answer matters little.
AFTER_TOO = pytest.mark.parametrize(
    "drop", ["before", pytest.param("after", marks=pytest.mark.slow)]
)


def ask(at: Office) -> None:
    at.desk.ask(at.cloud.account_id)


def in_flight(at: Office, method: str, before: int) -> None:
    """Wait until Slack has one more call of this method, which hangs there."""
    wait_for(lambda: len(at.slack.calls_of(method)) > before, f"a call of {method}")


def back(at: Office, between: Between) -> None:
    """Slack comes back; before that something else may have happened."""
    between(at)
    at.slack.up()
    if between is restart:
        at.open()
    elif at.mode == "socket":
        at.slack.sockets.wait_for(1, timeout=10)


def rows(at: Office) -> list[MessageRecord]:
    """Everything that was to be told to someone."""
    with at.store.read() as tx:
        return [
            each
            for reader in (at.ann.id, at.sec.id, at.channel.id)
            for kind in ("card", "digest", "outcome", "notice", "reminder")
            for each in messages.messages_to(tx, reader, kind)
        ]


def is_told(at: Office) -> bool:
    return all(each.told == each.wanted and not each.error for each in rows(at))


def everything_is_true(at: Office) -> None:
    """Each message is in Slack once, and says what the database says now."""
    wait_for(lambda: is_told(at), "the last word")
    shown = at.slack.workspace.messages
    marks = Counter(each.metadata["event_payload"]["id"] for each in shown if each.metadata)
    told = {each.id for each in rows(at) if each.ts}
    assert dict(marks) == dict.fromkeys(told, 1)
    by_place = {(each.channel, each.ts): each for each in shown}
    for row in rows(at):
        said = at.desk.renderer(row)
        assert said is not None
        assert by_place[row.channel or "", row.ts or ""].text == said["text"]


def carols(at: Office) -> Message:
    """The one card about carol's key."""
    everything_is_true(at)
    (card,) = [
        each for each in at.slack.dm(at.ann) if "carol: AKIA" in each.words() and not each.is_reply
    ]
    return card


@WAYS
@pytest.mark.parametrize(
    ("method", "drop"),
    [
        ("chat.postMessage", "before"),
        ("chat.postMessage", "after"),
        pytest.param("conversations.open", "before", marks=pytest.mark.slow),
        pytest.param("conversations.open", "after", marks=pytest.mark.slow),
    ],
)
def test_during_the_first_message(at: Office, between: Between, drop: str, method: str) -> None:
    """Slack has it and the answer is lost, or it never arrived: nobody can tell at first."""
    at.slack.fail(method, late=HANGS, drop=drop)
    before = len(at.slack.calls_of(method))
    ask(at)
    in_flight(at, method, before)
    at.slack.down()
    back(at, between)

    card = carols(at)
    assert at.slack.click(at.ann, card.channel, card.ts, "approve").ok
    at.shows(card, "Done")
    assert at.writes() == ["UpdateAccessKey"]
    everything_is_true(at)


@WAYS
@AFTER_TOO
def test_during_the_edit_what_was_approved_is_carried_out(
    at: Office, between: Between, drop: str
) -> None:
    """AWS doesn't wait for Slack."""
    ask(at)
    card = carols(at)
    at.slack.fail("chat.update", late=HANGS, drop=drop)
    before = len(at.slack.calls_of("chat.update"))
    assert at.slack.click(at.ann, card.channel, card.ts, "approve").ok
    in_flight(at, "chat.update", before)
    at.slack.down()

    wait_for(lambda: question(at, "carol").state is ProposalState.DONE, "the fix")
    assert at.writes() == ["UpdateAccessKey"]
    assert "Done" not in card.words()
    back(at, between)

    at.shows(card, "Done: the effect was observed")
    everything_is_true(at)
    assert at.writes() == ["UpdateAccessKey"]


@WAYS
@AFTER_TOO
def test_while_a_modal_is_answered_the_decision_stands(
    at: Office, between: Between, drop: str
) -> None:
    ask(at)
    card = carols(at)
    at.slack.click(at.ann, card.channel, card.ts, "deny")
    opened(at, at.ann, "Deny this fix")
    at.slack.fail("views.update", late=HANGS, drop=drop)
    before = len(at.slack.calls_of("views.update"))
    at.slack.submit(at.ann, {"reason": "Fridays only"})
    in_flight(at, "views.update", before)
    at.slack.down()

    assert question(at, "carol").state is ProposalState.DENIED
    back(at, between)

    at.shows(card, "Fridays only")
    everything_is_true(at)
    assert at.writes() == []


@WAYS
def test_a_click_into_an_outage_decides_nothing_until_it_is_made_again(
    at: Office, between: Between
) -> None:
    """Who clicked can't be looked up, so it isn't a yes."""
    ask(at)
    card = carols(at)
    at.slack.fail("users.info", late=HANGS, drop="before")
    before = len(at.slack.calls_of("users.info"))
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    in_flight(at, "users.info", before)
    at.slack.down()
    wait_for(lambda: decisions(at) == ["decision.refused"], "the refusal")
    back(at, between)
    assert question(at, "carol").state is ProposalState.PENDING

    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "Done")
    everything_is_true(at)
    assert decisions(at) == ["decision.refused", "decision.made"]
    assert at.writes() == ["UpdateAccessKey"]


def decisions(at: Office) -> list[str]:
    return [
        each.event
        for each in at.service.audit_events(limit=500)
        if each.event.startswith("decision.")
    ]


@WAYS
def test_a_click_whose_acknowledgement_is_lost_counts_once(at: Office, between: Between) -> None:
    """Slack sends the same once more, to another process perhaps."""
    ask(at)
    card = carols(at)
    delivery = at.slack.click(at.ann, card.channel, card.ts, "approve", wait=False)
    at.slack.sockets.kill()
    wait_for(lambda: decisions(at) != [], "the decision")
    at.slack.down()
    back(at, between)
    assert at.slack.redeliver(delivery).acks

    at.shows(card, "Done")
    everything_is_true(at)
    assert decisions(at) == ["decision.made"]
    assert at.writes() == ["UpdateAccessKey"]


@WAYS
def test_who_could_not_be_looked_up_is_asked_once_slack_is_back(
    at: Office, between: Between
) -> None:
    at.slack.down()
    ask(at)
    assert [each for each in rows(at) if each.recipient == at.ann.id] == []
    back(at, between)
    ask(at)

    carols(at)
