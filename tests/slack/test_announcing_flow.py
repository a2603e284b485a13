"""Notes on outcomes, on the freeze, and messages that find their way in the end."""

import pytest

from bot.errors import RefusedError
from bot.model import Actor
from bot.store import messages
from bot.store.messages import NewMessage
from tests.slack.desks import OPERATOR, Office, wait_for
from tests.slack.double import Message


def thread(at: Office, card: Message, text: str) -> list[Message]:
    """The replies to a card, once one says `text`."""
    wait_for(
        lambda: any(text in each.words() for each in at.slack.thread(card.channel, card.ts)),
        f"{text!r} in the thread",
    )
    return at.slack.thread(card.channel, card.ts)


def in_channel(at: Office, text: str) -> Message:
    found: list[Message] = []

    def there() -> bool:
        found[:] = [each for each in at.slack.messages(at.channel) if text in each.words()]
        return bool(found)

    wait_for(there, f"{text!r} in the channel")
    return found[-1]


def test_who_approved_is_notified_of_the_end_once(carols_office: Office) -> None:
    at = carols_office
    card = at.card(at.ann, "AKIA")
    at.slack.click(at.ann, card.channel, card.ts, "approve")

    notes = thread(at, card, "Done: the effect was observed")
    at.shows(card, "Done")
    at.desk.sender.run_once()

    assert len(notes) == 1
    assert len(at.slack.thread(card.channel, card.ts)) == 1


def test_a_pause_is_told_to_the_security_channel_and_edited_at_its_end(
    carols_office: Office,
) -> None:
    at = carols_office
    ticker = at.desk.ticker()
    at.service.pause("incident 4711", OPERATOR)
    ticker.tick()
    at.desk.changed()
    notice = in_channel(at, "incident 4711")

    at.service._approvals.people.person_of  # noqa: B018
    at.service.resume(at_sec(at))
    ticker.tick()
    at.desk.changed()

    resumed = at.shows(notice, "Resumed by")
    assert "incident 4711" not in resumed.words()


def at_sec(at: Office):
    from bot.model import Actor

    return Actor("slack", f"{at.slack.workspace.team_id}/{at.sec.id}")


def lost(at: Office) -> None:
    """A notice to a channel that the app is not in."""
    place = at.slack.add_channel("elsewhere", [at.sec], with_bot=False, is_private=True)
    with at.store.write() as tx:
        data = {"what": "notify-mode", "account": "123456789012", "questions": 3}
        messages.tell(tx, NewMessage("lost", "notice", place.id, data=data))
    at.desk.changed()

    def given_up() -> bool:
        with at.store.read() as tx:
            return len(messages.given_up(tx)) == 1

    wait_for(given_up, "giving up")


def let_in(at: Office) -> str:
    (place,) = [each for each in at.slack.workspace.channels.values() if each.name == "elsewhere"]
    place.members.append(at.slack.workspace.bot_user)
    return place.id


def test_security_has_what_was_lost_sent_again_from_home(carols_office: Office) -> None:
    at = carols_office
    lost(at)
    at.slack.open_home(at.sec)
    wait_for(lambda: "Could not be delivered" in home_of(at), "the lost message in Home")
    place = let_in(at)

    at.slack.home_click(at.sec, "retry_messages")

    wait_for(lambda: bool(at.slack.messages(place)), "the message")
    wait_for(lambda: "Could not be delivered" not in home_of(at), "Home made anew")
    retried = [each for each in at.service.audit_events() if each.event == "messages.retried"]
    assert [each.actor for each in retried] == [str(at_sec(at))]


def home_of(at: Office) -> str:
    if at.sec.id not in at.slack.workspace.homes:
        return ""
    return at.slack.home(at.sec).words()


def test_nobody_else_has_messages_sent_again(carols_office: Office) -> None:
    at = carols_office
    lost(at)
    let_in(at)
    ann = Actor("slack", f"{at.slack.workspace.team_id}/{at.ann.id}")

    with pytest.raises(RefusedError):
        at.service.retry_messages(ann)

    with at.store.read() as tx:
        assert len(messages.given_up(tx)) == 1


def test_what_was_lost_is_sent_when_serving_begins(carols_office: Office) -> None:
    at = carols_office
    lost(at)
    place = let_in(at)

    at.desk.retry()

    wait_for(lambda: bool(at.slack.messages(place)), "the message")
