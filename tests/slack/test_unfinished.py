"""What was acknowledged is decided, by whoever lives: the next process where this one is killed."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App

from bot.errors import StoreError
from bot.model import Actor, ProposalState
from bot.slack.blocks.escape import Markup
from bot.slack.listening import Hearing, Ours, Work, dispatch, listen
from bot.slack.unfinished import BUTTON, COMMAND, FORM, Unfinished
from bot.store import freezes, heard, once
from bot.store.database import Store
from bot.store.leases import this_process
from tests.slack.commanding import question
from tests.slack.desks import Office, wait_for
from tests.slack.double import Message
from tests.slack.test_flow import opened, told

#: A process of which nobody here can know whether it lives, and whose time is over.
GONE = "another-host/1/2"


def left(at: Office) -> int:
    with at.store.write() as tx:
        found = heard.take_over(tx, "nobody/1/2")
    return len(found)


def leave(at: Office, kind: str, name: str, body: Mapping[str, Any]) -> None:
    """A process heard this, acknowledged it, and was killed."""
    Unfinished(at.store, GONE).note(kind, name, body)
    with at.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE heard SET until = '2020-01-01 00:00:00'")


def pressed(at: Office, card: Message, action: str, **more: Any) -> dict[str, Any]:
    return {
        "user": {"id": at.ann.id, "team_id": at.ann.team_id},
        "container": {"type": "message", "channel_id": card.channel, "message_ts": card.ts},
        "channel": {"id": card.channel},
        "actions": [{"action_id": action, "value": card.button(action).value}],
        **more,
    }


def test_a_click_that_was_left_is_decided(carols_office: Office) -> None:
    at = carols_office
    card = at.card(at.ann, "AKIA")
    leave(at, BUTTON, "approve", pressed(at, card, "approve"))

    at.restart()

    at.shows(card, "Done: the effect was observed")
    assert at.writes() == ["UpdateAccessKey"]
    wait_for(lambda: left(at) == 0, "that it is forgotten")


def test_what_another_process_leaves_is_dealt_with_without_a_start(carols_office: Office) -> None:
    """It falls due every minute."""
    at = carols_office
    card = at.card(at.ann, "AKIA")
    leave(at, BUTTON, "approve", pressed(at, card, "approve"))

    at.desk.ticker().tick()

    at.shows(card, "Done: the effect was observed")


def test_one_that_was_decided_already_is_not_decided_twice(carols_office: Office) -> None:
    """The process was killed between its decision and its last word, which is said now."""
    at = carols_office
    card = at.card(at.ann, "AKIA")
    body = pressed(at, card, "approve")
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "Done")
    leave(at, BUTTON, "approve", body)

    at.desk.take_over()

    told(at, at.ann, "could not answer you at once")
    assert at.writes() == ["UpdateAccessKey"]


def test_a_form_that_was_left_is_decided_and_its_window_says_so(carols_office: Office) -> None:
    at = carols_office
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "deny")
    opened(at, at.ann, "Deny this fix")
    view = at.slack.modal(at.ann)
    answer = {"reason": {"type": "plain_text_input", "value": "Fridays only"}}
    body = {
        "user": {"id": at.ann.id, "team_id": at.ann.team_id},
        "view": {
            "id": view.id,
            "private_metadata": view.parts["private_metadata"],
            "state": {"values": {"reason": answer}},
        },
    }
    leave(at, FORM, "deny_modal", body)

    at.desk.take_over()

    at.shows(card, "Fridays only")
    assert question(at, "carol").state is ProposalState.DENIED


def test_a_yes_that_took_a_code_is_asked_for_again(carols_office: Office) -> None:
    """The code is written down nowhere, so nobody can tell that it was one."""
    at = carols_office
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "deny")
    opened(at, at.ann, "Deny this fix")
    view = at.slack.modal(at.ann)
    code = {"code": {"code": {"type": "plain_text_input", "value": "123456"}}}
    about = {"id": view.id, "private_metadata": view.parts["private_metadata"]}
    body = {
        "user": {"id": at.ann.id, "team_id": at.ann.team_id},
        "view": {**about, "state": {"values": code}},
    }
    leave(at, FORM, "approve_modal", body)

    at.desk.take_over()

    told(at, at.ann, "if the message still asks, approve once more")
    assert question(at, "carol").state is ProposalState.PENDING
    with at.store.read() as tx:
        assert once.wrong_codes(tx, at.ann.id, 9) == []


def test_a_command_that_was_left_is_carried_out_and_answered_directly(
    carols_office: Office,
) -> None:
    """The address for its answer was not written down."""
    at = carols_office
    body = {"command": "/locksmith", "text": "pause a leak", "team_id": at.sec.team_id}
    leave(at, COMMAND, "/locksmith", body | {"user_id": at.sec.id})

    at.desk.take_over()

    at.card(at.sec, "a leak")
    with at.store.read() as tx:
        assert freezes.current_freeze(tx) is not None


def test_what_is_no_longer_known_is_said(carols_office: Office) -> None:
    at = carols_office
    card = at.card(at.ann, "AKIA")
    leave(at, BUTTON, "of-another-release", pressed(at, card, "approve"))
    at.desk.take_over()
    told(at, at.ann, "not of this release")


def test_an_undo_is_asked_about_though_whoever_proposed_it_was_killed(
    carols_office: Office,
) -> None:
    """Between the proposal and the question about it."""
    at = carols_office
    ticker = at.desk.ticker()
    ticker.tick()
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    done = at.shows(card, "Done: the effect was observed")
    execution = done.button("undo").value or ""
    at.service.undo(execution, Actor("slack", f"{at.ann.team_id}/{at.ann.id}"))

    ticker.tick()

    assert at.card(at.ann, "Undo of x-").button("approve")


# At the door


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def app_of(pool: ThreadPoolExecutor, store: Any, act: Callable[[Any], object]) -> App:
    ours = Ours("T1", "B1", "U0", "xoxb-1")
    return listen(ours, hearing_of(act), pool, pool, Unfinished(store, this_process()))


def hearing_of(act: Callable[[Any], object]) -> Hearing:
    def say(_body: Any, _text: Markup) -> None:
        """Nobody is told anything here."""

    return Hearing(
        tell=say,
        show=say,
        reply=say,
        buttons={"approve": act, "look": act},
        deciding=frozenset({"approve"}),
        commands={"/locksmith": act},
        decides=lambda body: body["text"].startswith("pause"),
    )


def click(app: App, action: str) -> int:
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "actions": [{"action_id": action, "block_id": "b", "value": "p-1", "type": "button"}],
    }
    return sent(app, {"payload": json.dumps(payload)})


def sent(app: App, fields: Mapping[str, str]) -> int:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return dispatch(app)(kind, urlencode(fields))[0]


def noted(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM heard").scalars())


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        pytest.param(lambda app: click(app, "approve"), ["approve"], id="a decision"),
        pytest.param(lambda app: click(app, "look"), [], id="a look"),
        pytest.param(
            lambda app: sent(app, {"command": "/locksmith", "text": "pause now", "team_id": "T1"}),
            ["/locksmith"],
            id="a command that decides",
        ),
        pytest.param(
            lambda app: sent(app, {"command": "/locksmith", "text": "mine", "team_id": "T1"}),
            [],
            id="one that doesn't",
        ),
    ],
)
def test_what_decides_is_written_down_until_it_is_done(
    sqlite_store: Store,
    pool: ThreadPoolExecutor,
    send: Callable[[App], int],
    expected: list[str],
) -> None:
    """It is there as soon as it is acknowledged, however long it takes."""
    at_work, done = threading.Event(), threading.Event()

    def act(_body: Any) -> None:
        at_work.set()
        done.wait(10)

    assert send(app_of(pool, sqlite_store, act)) == 200
    assert noted(sqlite_store) == expected
    assert at_work.wait(10)
    assert noted(sqlite_store) == expected
    done.set()
    wait_for(lambda: noted(sqlite_store) == [], "that it is forgotten")


def test_what_the_database_would_not_take_comes_again(
    sqlite_store: Store, pool: ThreadPoolExecutor
) -> None:
    """It is neither decided nor refused, so it is no answer that was given."""
    tried: list[str] = []
    said: list[str] = []

    def act(_body: Any) -> None:
        tried.append("once")
        if len(tried) == 1:
            raise StoreError("the database is locked")

    unfinished = Unfinished(sqlite_store, this_process())
    hearing = replace(hearing_of(act), tell=lambda _body, text: said.append(text))
    ours = Ours("T1", "B1", "U0", "xoxb-1")
    assert click(listen(ours, hearing, pool, pool, unfinished), "approve") == 200
    wait_for(lambda: bool(said), "the word that it is tried again")
    assert "locked" in said[0]
    assert "tried again within a minute" in said[0]
    assert noted(sqlite_store) == ["approve"]

    assert Work(pool, unfinished).take_over(hearing) == 1
    wait_for(lambda: noted(sqlite_store) == [], "that it is done")
    assert len(tried) == 2
    assert Work(pool, unfinished).take_over(hearing) == 0


def test_what_can_not_be_written_down_is_not_acknowledged(pool: ThreadPoolExecutor) -> None:
    """The person is told by Slack that it failed, and nothing is done."""
    acted = threading.Event()

    class Full:
        def write(self) -> Any:
            raise StoreError("the disk is full")

    app = app_of(pool, Full(), lambda _body: acted.set())
    assert click(app, "approve") == 500
    assert click(app, "look") == 200
    assert acted.wait(10)
