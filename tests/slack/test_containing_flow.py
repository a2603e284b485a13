"""Containing a user from Slack: shut by one of security, told to all of them, opened by two."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.policy import CONTAINMENT_FENCE
from bot.store import dues
from tests.slack.commanding import answer, company, fits, refusals
from tests.slack.desks import OPERATOR, Office, wait_for
from tests.slack.double import Message, User


@pytest.fixture
def at(sqlite_template: Path) -> Iterator[Office]:
    """A live desk over carol, who has a key. Nobody is asked: a channel takes one post a second."""
    with company(sqlite_template, "carol") as made:
        found = made.service.scan(OPERATOR, lambda _said: None)
        made.service.go_live(found.account.id, OPERATOR)
        made.cloud.calls.clear()
        yield made


def second(at: Office) -> User:
    """One more person of the security group."""
    other = at.slack.add_user("sid")
    (group,) = at.slack.workspace.groups.values()
    group.members.append(other.id)
    at.slack.workspace.channels[at.channel.id].members.append(other.id)
    return other


def told(at: Office, text: str) -> Message:
    """The message in the security channel that says this, once it is there."""
    found: list[Message] = []

    def there() -> bool:
        found[:] = [each for each in at.slack.messages(at.channel) if text in each.words()]
        return bool(found)

    wait_for(there, f"{text!r} in the security channel")
    fits(found[-1])
    return found[-1]


def fenced(at: Office) -> bool:
    """Whether the fence stands in AWS."""
    names = at.cloud.client().list_user_policies(UserName="carol")["PolicyNames"]
    return CONTAINMENT_FENCE in names


def click(at: Office, user: User, message: Message, action: str) -> None:
    assert at.slack.click(user, message.channel, message.ts, action).ok


def test_one_shuts_the_channel_is_told_and_two_open(at: Office) -> None:
    doors = answer(at, at.sec, "contain carol", count=2)

    assert "every door is closed" in doors.words()
    assert at.writes() == ["PutUserPolicy", "UpdateAccessKey"]
    card = at.shows(told(at, "Contain the user carol"), "Done: the effect was observed")
    fits(card)
    assert "sessions of roles that the user assumed before" in card.words()
    assert {each.action_id for each in card.buttons()} == {"details", "undo"}

    click(at, at.sec, card, "undo")
    undo = told(at, "Undo of x-")
    assert undo.thread_ts == card.ts
    assert "since the security group decides" in undo.words()
    click(at, at.sec, undo, "approve")
    at.shows(undo, "Waits for a second person")
    assert fenced(at)

    click(at, second(at), undo, "approve")

    at.shows(undo, "Done")
    assert "What was shut is open again" in at.shows(card, "Undone").words()
    assert not fenced(at)
    assert at.writes() == [
        "PutUserPolicy", "UpdateAccessKey", "UpdateAccessKey", "DeleteUserPolicy",
    ]  # fmt: skip


def test_who_is_not_of_security_contains_nobody_and_undoes_nothing(at: Office) -> None:
    assert "Only the security group" in answer(at, at.ann, "contain carol").words()
    assert at.writes() == []
    assert refusals(at)[-1] == (at.ann.id, "/locksmith contain")

    answer(at, at.sec, "contain `carol`", count=2)
    card = at.shows(told(at, "Contain the user carol"), "Done")
    at.slack.workspace.channels[at.channel.id].members.append(at.ann.id)
    click(at, at.ann, card, "undo")
    wait_for(lambda: refusals(at)[-1] == (at.ann.id, "approve"), "a refusal in the log")
    again = answer(at, at.sec, "contain carol", count=2).words()
    assert "Contained already since" in again
    assert len(at.writes()) == 2


def test_one_user_must_be_named(at: Office) -> None:
    for typed in ("contain", "contain carol dora"):
        assert "It goes: /locksmith contain USER" in answer(at, at.sec, typed).words()
    assert at.writes() == []


def test_what_was_contained_at_a_terminal_is_told_too(at: Office) -> None:
    contained = at.service.contain("carol", OPERATOR, lambda _said: None)

    for due in _waiting(at):
        at.desk.ticker().handlers[due.kind](due)

    card = told(at, "Contain the user carol")
    assert contained.proposals[0].id in card.words()
    assert _waiting(at) == []


def _waiting(at: Office) -> list[dues.Due]:
    with at.store.read() as tx:
        return [each for each in dues.all_due(tx) if each.kind == "tell-contained"]
