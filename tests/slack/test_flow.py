"""From a scan to a fix and back, by clicks in Slack: over HTTP, signed, and over a socket."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.aws.simulated.server import SimulatedAccount
from bot.slack.listening import dispatch
from bot.store import freezes
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble, User


@pytest.fixture(params=["http", "socket"])
def at(
    request: pytest.FixtureRequest,
    carols_cloud: SimulatedAccount,
    slack_double: SlackDouble,
    sqlite_template: Path,
) -> Iterator[Office]:
    """A desk that has asked ann about carol's key, reached either way."""
    with office(carols_cloud, slack_double, sqlite_template, mode=request.param) as made:
        carols_cloud.calls.clear()
        made.scan()
        yield made


def opened(at: Office, user: User, title: str) -> None:
    """Wait until someone's modal on top is this one."""
    wait_for(
        lambda: title in [view.title for view in at.slack.modals(user)[-1:]], f"the modal {title!r}"
    )


def told(at: Office, user: User, text: str) -> None:
    """Wait until someone was privately told this."""
    wait_for(
        lambda: any(text in each.words() for each in at.slack.ephemerals(user)),
        f"the word {text!r}",
    )


def test_an_owner_approves_and_the_message_tells_the_truth(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    assert "UpdateAccessKey" in card.words()

    assert at.slack.click(at.ann, card.channel, card.ts, "approve").ok

    done = at.shows(card, "Done: the effect was observed")
    assert at.writes() == ["UpdateAccessKey"]
    assert {each.action_id for each in done.buttons()} == {"details", "undo"}


def test_undo_from_the_message_goes_through_the_same_gate(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "Done")

    at.slack.click(at.ann, card.channel, card.ts, "undo")
    undo = at.card(at.ann, "Undo of x-")
    assert undo.thread_ts == card.ts
    at.slack.click(at.ann, undo.channel, undo.ts, "approve")

    at.shows(undo, "Done")
    at.shows(card, "Undone")
    assert at.writes() == ["UpdateAccessKey"] * 2


def test_a_refusal_is_told_in_the_thread_where_it_was_clicked(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "Done")
    at.slack.click(at.ann, card.channel, card.ts, "approve", stale=True)
    told(at, at.ann, "is done already")
    at.slack.click(at.ann, card.channel, card.ts, "undo")
    undo = at.card(at.ann, "Undo of x-")
    at.slack.click(at.ann, undo.channel, undo.ts, "approve")
    at.shows(undo, "Done")
    at.slack.click(at.ann, undo.channel, undo.ts, "approve", stale=True)
    wait_for(lambda: len(at.slack.ephemerals(at.ann)) > 1, "the second refusal")

    assert [each.thread_ts for each in at.slack.ephemerals(at.ann)] == [None, card.ts]


def test_a_denial_needs_a_reason_and_takes_the_buttons_away(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "deny")
    opened(at, at.ann, "Deny this fix")
    at.slack.submit(at.ann, {"reason": "Fridays only"})

    denied = at.shows(card, "Fridays only")
    assert "deny" not in {each.action_id for each in denied.buttons()}
    assert at.writes() == []


def test_putting_off_and_handing_over(at: Office) -> None:
    """Not mine asks the next one at once, whose card can be put off."""
    ben = at.slack.add_user("ben")
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "not_mine")
    opened(at, at.ann, "Not mine")
    at.slack.submit(at.ann, {"owner": ben.id})

    handed = at.card(ben, "AKIA")
    old = at.shows(card, f"Handed over to <@{ben.id}>")
    assert f"by <@{at.ann.id}>" in old.words()
    assert old.buttons() == []
    at.slack.click(ben, handed.channel, handed.ts, "snooze")
    opened(at, ben, "Put off")
    at.slack.submit(ben, {"days": "7"})

    at.shows(handed, "Put off")
    at.shows(card, "Put off")


def test_what_is_accepted_for_a_while_is_withdrawn(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "exempt")
    opened(at, at.ann, "Accept for a while")
    at.slack.submit(at.ann, {"reason": "the vendor can't yet"})

    at.shows(card, "Withdrawn")
    assert at.writes() == []


@pytest.fixture(params=["http", "socket"])
def by_two(
    request: pytest.FixtureRequest,
    carols_cloud: SimulatedAccount,
    slack_double: SlackDouble,
    sqlite_template: Path,
) -> Iterator[Office]:
    """The same where a violation as bad as carol's takes a second person; ann asked for it."""
    approvals = {"second_person_exempts": "medium"}
    with office(
        carols_cloud, slack_double, sqlite_template, mode=request.param, approvals=approvals
    ) as made:
        carols_cloud.calls.clear()
        made.scan()
        card = made.card(made.ann, "AKIA")
        made.slack.click(made.ann, card.channel, card.ts, "exempt")
        opened(made, made.ann, "Accept for a while")
        made.slack.submit(made.ann, {"reason": "the vendor can't yet"})
        made.shows(card, "Confirm exemption")
        yield made


def in_the_channel(at: Office) -> Message:
    """The card in the security channel, where the second person is asked."""
    at.desk.ticker().tick()
    at.desk.changed()
    found: list[Message] = []

    def there() -> bool:
        found[:] = [
            each
            for each in at.slack.messages(at.channel)
            if any(one.action_id == "confirm_exemption" for one in each.buttons())
        ]
        return bool(found)

    wait_for(there, "the card in the security channel")
    return found[0]


def test_a_bad_violation_is_accepted_by_two(by_two: Office) -> None:
    """One asks, another one confirms, whom the security channel asks."""
    at, card = by_two, by_two.card(by_two.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "confirm_exemption")
    told(at, at.ann, "takes a second person")

    theirs = in_the_channel(at)
    assert "the vendor can't yet" in theirs.words()
    at.slack.click(at.sec, theirs.channel, theirs.ts, "confirm_exemption")

    at.shows(card, "Withdrawn")
    at.shows(theirs, "Withdrawn")
    assert at.writes() == []


def test_the_second_person_may_refuse_it(by_two: Office) -> None:
    """The question stays open, and can still be approved."""
    at, card = by_two, by_two.card(by_two.ann, "AKIA")
    theirs = in_the_channel(at)
    at.slack.click(at.sec, theirs.channel, theirs.ts, "refuse_exemption")
    wait_for(
        lambda: "confirm_exemption" not in {each.action_id for each in shown(at, card).buttons()},
        "a card without the request",
    )

    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "Done")
    assert at.writes() == ["UpdateAccessKey"]


def shown(at: Office, message: Message) -> Message:
    """The message as it is now."""
    return next(each for each in at.slack.messages(message.channel) if each.ts == message.ts)


def forwarded(at: Office, body: dict[str, object]) -> None:
    """Give a payload to the app, as one that was let in."""
    status, _headers, _body = dispatch(at.desk.app)(
        {"content-type": "application/x-www-form-urlencoded"},
        urlencode({"payload": json.dumps(body)}),
    )
    assert status == 200


def test_many_clicks_end_in_one_decision(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    for _ in range(10):
        assert at.slack.click(at.ann, card.channel, card.ts, "approve", stale=True).ok

    at.shows(card, "Done")
    told(at, at.ann, "already")
    assert at.writes() == ["UpdateAccessKey"]
    made = [each for each in at.service.audit_events(limit=500) if each.event == "decision.made"]
    assert len(made) == 1


def test_a_replayed_request_is_let_in_once(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    delivery = at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.slack.redeliver(delivery)

    at.shows(card, "Done")
    made = [each for each in at.service.audit_events(limit=500) if each.event == "decision.made"]
    refused = [
        each for each in at.service.audit_events(limit=500) if each.event == "decision.refused"
    ]
    assert len(made) == 1
    assert refused == []


def test_a_button_of_another_release_gets_a_kind_word(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    forwarded(
        at,
        {
            "type": "block_actions",
            "user": {"id": at.ann.id, "team_id": at.slack.workspace.team_id},
            "team": {"id": at.slack.workspace.team_id},
            "actions": [{"action_id": "approve_v0", "block_id": "b", "value": "x"}],
            "container": {"channel_id": card.channel, "message_ts": card.ts},
        },
    )

    told(at, at.ann, "not of this release")


def test_what_was_approved_waits_for_the_freeze_to_end(at: Office) -> None:
    card = at.card(at.ann, "AKIA")
    at.service.pause("an incident", OPERATOR)
    at.slack.click(at.ann, card.channel, card.ts, "approve")
    at.shows(card, "about to be carried out")
    assert at.writes() == []

    with at.store.write() as tx:
        freezes.unfreeze(tx, OPERATOR)
    at.desk.changed()

    at.shows(card, "Done")
