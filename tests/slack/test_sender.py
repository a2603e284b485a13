"""Messages reach people once, in order, at Slack's pace, and say what is true."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.config.slack import SlackSettings
from bot.errors import SlackFatalError
from bot.model import MessageRecord
from bot.slack.clients import make_clients
from bot.slack.pacing import Pace, longer
from bot.slack.sender import Sender
from bot.store import messages
from bot.store.database import Store
from bot.store.messages import NewMessage
from tests.conftest import StandingClock
from tests.slack.double import BOT_SCOPES, Message, SlackDouble, User

LOST = [{"drop": "after"}, {"drop": "before"}, {"status": 502}, {"error": "fatal_error"}]


@dataclass
class World:
    """A workspace, a database, and a sender between them; `says` is what messages say now."""

    double: SlackDouble
    store: Store
    clock: StandingClock
    says: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart()

    def client(self) -> WebClient:
        settings = SlackSettings(bot_token=self.double.bot_token, base_url=self.double.base_url)
        return make_clients(settings).background

    def restart(self, client: Any = None) -> None:
        """Another process: it remembers only what is in the database."""
        self.sender = Sender(
            self.store,
            client or self.client(),
            self.render,
            database="db-of-the-test",
            pace=Pace(monotonic=lambda: self.clock.now.timestamp()),
        )

    def render(self, message: MessageRecord) -> dict[str, Any] | None:
        text = self.says.get(message.key, f"says {message.key}")
        if text is None:
            return None
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        return {"text": text, "blocks": [block]}

    def tell(self, to: str, key: str = "card:1", **more: Any) -> str:
        with self.store.write() as tx:
            return messages.tell(tx, NewMessage(key, "card", to, **more)).id

    def change(self, message_id: str, text: str | None) -> None:
        self.says[self.row(message_id).key] = text
        with self.store.write() as tx:
            messages.retell_one(tx, message_id)

    def row(self, message_id: str) -> MessageRecord:
        with self.store.read() as tx:
            found = messages.get_message(tx, message_id)
        assert found is not None
        return found

    def run(self, seconds: float = 60, *, step: float = 1) -> None:
        """Let the sender work until everything is told, at most so long."""
        for _ in range(int(seconds / step)):
            self.sender.run_once()
            with self.store.read() as tx:
                if messages.next_untold(tx) is None and not messages.untold(tx):
                    return
            self.clock.pass_time(seconds=step)

    def post_calls(self) -> int:
        return len(self.double.calls_of("chat.postMessage"))


@pytest.fixture
def world(sqlite_store: Store, clock: StandingClock) -> Iterator[World]:
    """A workspace with Slack's rates, on a clock that the tests move."""
    with SlackDouble(clock=clock, rate_scale=1) as double:
        yield World(double, sqlite_store, clock)
        assert double.rate_violations == []


@pytest.fixture
def ann(world: World) -> User:
    """Someone to write to."""
    return world.double.add_user("ann")


def only(found: list[Message]) -> Message:
    """The one message there."""
    assert len(found) == 1, [message.text for message in found]
    return found[0]


def test_a_message_is_posted_once_and_then_edited(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    assert world.sender.run_once() == 1
    posted = only(world.double.dm(ann))
    assert posted.text == "says card:1"
    assert posted.metadata == {
        "event_type": "locksmith_message",
        "event_payload": {"id": told, "database": "db-of-the-test"},
    }
    row = world.row(told)
    assert (row.channel, row.ts) == (world.double.dm_channel(ann), posted.ts)
    assert (row.told, row.wanted, row.sending_since) == (1, 1, None)
    assert world.sender.run_once() == 0
    world.change(told, "approved")
    world.run()
    edited = only(world.double.dm(ann))
    assert (edited.ts, edited.text, edited.words()) == (posted.ts, "approved", "approved")
    (update,) = world.double.calls_of("chat.update")
    assert {"text", "blocks"} <= set(update.args), "without blocks the old buttons stay"


def test_the_same_state_is_never_sent_again(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    world.run()
    for _ in range(3):
        world.change(told, "says card:1")
        world.run()
    row = world.row(told)
    assert (row.told, row.wanted) == (4, 4)
    assert world.double.calls_of("chat.update") == []


def test_a_change_while_it_is_sent_is_told_again(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    first = world.sender._render

    def render(message: MessageRecord) -> Any:
        payload = first(message)
        if message.wanted == 1:
            world.change(told, "approved")
        return payload

    world.sender._render = render
    world.run()
    assert only(world.double.dm(ann)).text == "approved"


def test_nothing_to_show_is_told(world: World, ann: User) -> None:
    world.says["card:1"] = None
    told = world.tell(ann.id)
    world.run()
    row = world.row(told)
    assert (row.told, row.ts) == (1, None)
    assert world.post_calls() == 0
    world.change(told, "now there is")
    world.run()
    assert only(world.double.dm(ann)).text == "now there is"
    world.change(told, None)
    world.run()
    assert world.row(told).told == 3


def test_odd_unicode_is_sent(world: World, ann: User) -> None:
    world.says["card:1"] = "Zoe\u0308 \U0001f511 \u202eabc"
    world.tell(ann.id)
    world.run()
    assert only(world.double.dm(ann)).text == world.says["card:1"]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("restart", [False, True], ids=["same process", "another process"])
def test_a_lost_answer_is_looked_up(
    world: World, ann: User, fault: dict[str, Any], restart: bool
) -> None:
    world.double.fail("chat.postMessage", **fault)
    told = world.tell(ann.id)
    world.sender.run_once()
    assert world.row(told).sending_since is not None
    if restart:
        world.restart()
    world.change(told, "approved meanwhile")
    world.clock.pass_time(seconds=14)
    world.sender.run_once()
    assert world.post_calls() == 1, "it may still be on its way"
    world.run()
    assert only(world.double.dm(ann)).text == "approved meanwhile"
    row = world.row(told)
    assert (row.told, row.wanted, row.sending_since, row.error) == (2, 2, None, "")
    assert world.post_calls() == (1 if fault == {"drop": "after"} else 2)


def test_a_crash_between_the_intent_and_the_call(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    with world.store.write() as tx:
        messages.begin(tx, told)
    world.restart()
    world.run()
    assert only(world.double.dm(ann)).text == "says card:1"
    assert world.post_calls() == 1


def test_a_call_that_outlives_its_process_is_awaited(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    with world.store.write() as tx:
        messages.begin(tx, told)
    world.restart()
    world.run(10)
    with world.double.workspace.lock:
        mark: Any = world.sender._looking.mark(told)
        dm = world.double.workspace.dm(ann.id)
        world.double.workspace.post(dm, "came late", [], metadata=mark)
    world.run()
    assert only(world.double.dm(ann)).text == "says card:1"
    assert world.post_calls() == 0


def test_an_answer_that_says_nothing_is_no_answer(world: World, ann: User) -> None:
    class Vague(WebClient):
        def chat_postMessage(self, **arguments: Any) -> Any:  # noqa: N802 - slack_sdk's name
            answer = super().chat_postMessage(**arguments)
            del answer.data["ts"]  # type: ignore[union-attr]
            return answer

    world.restart(Vague(world.double.bot_token, world.double.base_url))
    told = world.tell(ann.id)
    world.run()
    only(world.double.dm(ann))
    assert world.row(told).told == 1


def test_a_crash_between_the_call_and_its_note(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    world.sender.run_once()
    posted = only(world.double.dm(ann))
    with world.store.write() as tx:
        messages.posted(tx, told, None, None, 0, "")  # type: ignore[arg-type]
        messages.begin(tx, told)
    world.restart()
    world.run()
    assert only(world.double.dm(ann)).ts == posted.ts
    assert world.row(told).ts == posted.ts


def test_a_lost_answer_is_found_behind_many_others(world: World) -> None:
    channel = world.double.add_channel("iam-security", is_private=True)
    world.double.fail("chat.postMessage", drop="after")
    told = world.tell(channel.id)
    world.sender.run_once()
    with world.double.workspace.lock:
        for n in range(250):
            world.double.workspace.post(channel, f"chatter {n}", [])
    world.run()
    assert world.row(told).ts is not None
    assert world.post_calls() == 1


def test_another_database_in_the_same_channel_is_not_us(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    with world.store.write() as tx:
        messages.begin(tx, told)
    with world.double.workspace.lock:
        world.double.workspace.post(
            world.double.workspace.dm(ann.id),
            "of another Locksmith",
            [],
            metadata={
                "event_type": "locksmith_message",
                "event_payload": {"id": told, "database": "another"},
            },
        )
    world.run()
    assert [each.text for each in world.double.dm(ann)] == ["of another Locksmith", "says card:1"]


@pytest.mark.parametrize("scopes", [BOT_SCOPES - {"im:history"}])
def test_what_can_not_be_looked_up_is_not_sent_twice(
    world: World, ann: User, scopes: frozenset[str]
) -> None:
    world.double.token(world.double.bot_token).scopes = scopes
    world.double.fail("chat.postMessage", drop="after")
    told = world.tell(ann.id)
    other = world.double.add_user("bob")
    world.sender.run_once()
    also = world.tell(other.id, "card:2")
    world.run(300)
    only(world.double.dm(ann))
    error = world.row(told).error
    assert "whether it arrived is not known" in error
    assert "im:history" in error
    assert world.row(also).told == 1, "one message's trouble is not another's"
    assert world.double.bot_token not in error


def test_metadata_that_is_left_out_is_no_proof_of_absence(world: World, ann: User) -> None:
    world.double.fail("chat.postMessage", drop="after")
    told = world.tell(ann.id)
    world.sender.run_once()
    with world.double.workspace.lock:
        metadata = world.double.workspace.messages[0].metadata
        assert metadata is not None
        del metadata["event_payload"]
    world.run(300)
    only(world.double.dm(ann))
    assert "metadata is left out" in world.row(told).error


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_edit_is_made_again(world: World, ann: User, fault: dict[str, Any]) -> None:
    told = world.tell(ann.id)
    world.run()
    world.change(told, "approved")
    world.double.fail("chat.update", **fault)
    world.sender.run_once()
    world.restart()
    world.run()
    assert only(world.double.dm(ann)).text == "approved"
    assert world.post_calls() == 1
    assert (world.row(told).told, world.row(told).error) == (2, "")


def test_an_hour_without_slack(world: World, ann: User) -> None:
    people = [ann, *(world.double.add_user(f"user{n}") for n in range(10))]
    first = world.tell(ann.id, "card:first")
    world.run()
    world.double.down()
    told = [world.tell(one.id, f"card:{one.id}") for one in people]
    world.change(first, "done")
    calls = len(world.double.calls)
    world.run(3600, step=5)
    assert len(world.double.calls) == calls
    world.double.up()
    world.run(120)
    for one, message_id in zip(people, told, strict=True):
        assert world.row(message_id).told == 1
        found = [each for each in world.double.dm(one) if each.ts == world.row(message_id).ts]
        assert only(found).text == f"says card:{one.id}"
    assert world.double.dm(ann)[0].text == "done"
    assert len(world.double.dm(ann)) == 2


def test_waiting_grows_up_to_a_limit_however_long_slack_is_away() -> None:
    first, most = timedelta(seconds=2), timedelta(minutes=1)
    waits = [longer(first, failures, most).total_seconds() for failures in (1, 2, 5, 6, 7, 10_000)]
    assert waits == [2, 4, 32, 60, 60, 60]


def test_a_slack_in_trouble_is_left_alone(world: World) -> None:
    for n in range(50):
        world.tell(world.double.add_user(f"user{n}").id, f"card:{n}")
    world.double.fail("*", status=503, times=1000)
    for _ in range(600):
        world.sender.run_once()
        world.clock.pass_time(seconds=1)
    assert len(world.double.calls) < 30
    world.double.faults.clear()
    world.run(180)
    assert world.post_calls() == 50


def test_a_message_that_slack_chokes_on_holds_nobody_up(world: World, ann: User) -> None:
    bob = world.double.add_user("bob")
    world.double.fail("chat.postMessage", status=500, times=3)
    world.tell(ann.id)
    world.sender.run_once()
    other = world.tell(bob.id, "card:2")
    world.double.faults.clear()
    world.run(5)
    assert world.row(other).told == 1


def test_a_mishap_of_one_message_holds_nobody_up(
    world: World, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    render = world.sender._render

    def stumble(message: MessageRecord) -> Any:
        if message.key == "card:1":
            raise KeyError("what alice wrote")
        return render(message)

    world.sender._render = stumble
    told, other = world.tell(ann.id), world.tell(world.double.add_user("bob").id, "card:2")
    world.sender.run_once()
    assert (world.row(told).told, world.row(other).told) == (0, 1)
    assert "KeyError at test_sender.py" in caplog.text
    assert "what alice wrote" not in caplog.text
    world.sender._render = render
    world.run()
    assert world.row(told).told == 1


def test_more_people_than_slack_takes_in_a_minute(world: World) -> None:
    """The fixture proves that no call came too soon."""
    people = [world.double.add_user(f"user{n}") for n in range(110)]
    told = [world.tell(one.id, f"card:{one.id}") for one in people]
    told += [world.tell(one.id, f"card:2:{one.id}") for one in people[:20]]
    started = world.clock.now
    world.run(600)
    assert {world.row(each).told for each in told} == {1}
    assert world.post_calls() == 130
    assert len(world.double.calls_of("conversations.open")) == 110
    # Fifty conversations may be opened a minute, the first ones at once.
    assert world.clock.now - started < timedelta(minutes=2.2)


def test_one_channel_takes_a_message_a_second(world: World, ann: User) -> None:
    channel = world.double.add_channel("iam-security", is_private=True)
    for n in range(5):
        world.tell(channel.id, f"card:{n}")
    other = world.tell(ann.id, "card:of ann")
    world.sender.run_once()
    assert len(world.double.messages(channel)) == 1
    assert world.row(other).told == 1, "a busy channel holds nobody up"
    world.clock.pass_time(seconds=1)
    world.sender.run_once()
    assert len(world.double.messages(channel)) == 1, "1.00 s is cutting it too fine"
    world.clock.pass_time(seconds=0.1)
    world.sender.run_once()
    assert len(world.double.messages(channel)) == 2


def test_retry_after_holds_only_what_it_is_about(world: World, ann: User) -> None:
    bob = world.double.add_user("bob")
    world.double.fail("chat.postMessage", retry_after=20)
    held = world.tell(ann.id)
    free = world.tell(bob.id, "card:2")
    world.sender.run_once()
    assert (world.row(held).told, world.row(free).told) == (0, 1)
    assert world.row(held).sending_since is None, "a 429 certainly did not arrive"
    world.change(free, "approved")
    world.clock.pass_time(seconds=20)
    world.sender.run_once()
    assert world.post_calls() == 2
    assert only(world.double.dm(bob)).text == "approved"
    world.clock.pass_time(seconds=0.1)
    world.sender.run_once()
    assert world.row(held).told == 1
    only(world.double.dm(ann))


def test_edits_keep_their_pace_and_hold_no_posts_up(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    world.run()
    world.double.fail("chat.update", retry_after=30)
    world.change(told, "approved")
    other = world.tell(world.double.add_user("bob").id, "card:2")
    world.sender.run_once()
    assert world.row(other).told == 1
    world.clock.pass_time(seconds=29)
    world.sender.run_once()
    assert len(world.double.calls_of("chat.update")) == 1
    world.run()
    assert world.row(told).told == 2


def test_many_edits(world: World) -> None:
    told = [world.tell(world.double.add_user(f"user{n}").id, f"card:{n}") for n in range(45)]
    world.run(120)
    for round_ in range(3):
        for message_id in told:
            world.change(message_id, f"round {round_} {message_id}")
        world.run(180)
    assert {world.row(message_id).told for message_id in told} == {4}


def test_a_deactivated_person_is_told_of(world: World) -> None:
    gone = world.double.add_user("gone", deleted=True)
    told = world.tell(gone.id)
    world.run()
    assert "deactivated (user_disabled)" in world.row(told).error
    assert world.post_calls() == 0
    with world.store.read() as tx:
        assert [each.id for each in messages.given_up(tx)] == [told]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"is_archived": True}, "name another one (is_archived)"),
        ({"with_bot": False}, "/invite @Locksmith (not_in_channel)"),
        ({"with_bot": False, "is_private": True}, "/invite @Locksmith (channel_not_found)"),
        ({"posting_restricted": True}, "let the app, too (restricted_action)"),
    ],
)
def test_channels_that_never_take_it(world: World, flags: dict[str, Any], words: str) -> None:
    told = world.tell(world.double.add_channel("iam", **flags).id)
    world.run()
    assert words in world.row(told).error
    assert world.post_calls() == 1


def test_a_message_that_someone_deleted(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    world.run()
    with world.double.workspace.lock:
        world.double.workspace.remove(world.double.workspace.messages[0])
    world.change(told, "approved")
    world.run()
    assert "deleted the message" in world.row(told).error
    assert world.double.dm(ann) == []


def test_a_message_that_is_our_bug(
    world: World, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    world.says["card:1"] = "x" * 3001
    told = world.tell(ann.id)
    world.run()
    assert "bug of Locksmith's (invalid_blocks)" in world.row(told).error
    assert [each.levelname for each in caplog.records] == ["ERROR"]
    assert "xxx" not in caplog.text


def test_a_refusal_that_nobody_knows(world: World, ann: User) -> None:
    world.double.fail("chat.postMessage", error="of_the_next_decade", times=100)
    told = world.tell(ann.id)
    world.run(300)
    assert world.post_calls() == 5
    assert "of_the_next_decade" in world.row(told).error


def test_a_missing_scope_waits_until_it_is_there(world: World, ann: User) -> None:
    token = world.double.token(world.double.bot_token)
    token.scopes = BOT_SCOPES - {"chat:write"}
    told = world.tell(ann.id)
    world.run(3600, step=10)
    assert world.row(told).error == ""
    token.scopes = BOT_SCOPES
    world.run(120)
    only(world.double.dm(ann))


def _revoke(double: SlackDouble) -> None:
    double.token(double.bot_token).revoked = True


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
def test_a_token_that_is_taken_away_ends_it(world: World, ann: User, method: str) -> None:
    told = world.tell(ann.id)
    world.double.fail(method, error="account_inactive")
    with pytest.raises(SlackFatalError, match="account_inactive") as ended:
        world.sender.run_once()
    assert world.double.bot_token not in str(ended.value)
    row = world.row(told)
    assert (row.error, row.sending_since) == ("", None)
    world.restart()
    world.run()
    only(world.double.dm(ann))


def test_replies_wait_for_what_they_reply_to(world: World) -> None:
    channel = world.double.add_channel("iam-security", is_private=True)
    digest = world.tell(channel.id, "digest:1")
    card = world.tell(channel.id, "card:1", thread=digest)
    reminder = world.tell(channel.id, "reminder:1", thread=card)
    world.double.fail("chat.postMessage", drop="before")
    world.sender.run_once()
    world.clock.pass_time(seconds=10)
    world.sender.run_once()
    assert world.double.messages(channel) == []
    world.run()
    head = world.row(digest).ts
    assert head is not None
    assert [each.text for each in world.double.messages(channel)] == [
        "says digest:1", "says card:1", "says reminder:1",
    ]  # fmt: skip
    assert [each.ts for each in world.double.thread(channel, head)] == [
        world.row(card).ts,
        world.row(reminder).ts,
    ]


def test_a_lost_reply_is_found_in_its_thread(world: World) -> None:
    channel = world.double.add_channel("iam-security", is_private=True)
    parent = world.tell(channel.id, "digest:1")
    world.run()
    reply = world.tell(channel.id, "card:1", thread=parent)
    world.double.fail("chat.postMessage", drop="after")
    world.clock.pass_time(seconds=2)
    world.sender.run_once()
    world.restart()
    world.run()
    assert [each.ts for each in world.double.messages(channel)] == [
        world.row(parent).ts,
        world.row(reply).ts,
    ]


@pytest.mark.parametrize("never", ["given up", "nothing to show"])
def test_a_reply_to_what_never_came_stands_for_itself(world: World, ann: User, never: str) -> None:
    parent = world.tell(ann.id, "digest:1")
    reply = world.tell(ann.id, "card:1", thread=parent)
    if never == "given up":
        with world.store.write() as tx:
            messages.give_up(tx, parent, "too bad")
    else:
        world.says["digest:1"] = None
    world.run()
    posted = only(world.double.dm(ann))
    assert (posted.text, posted.thread_ts) == ("says card:1", None)
    assert world.row(reply).ts == posted.ts


def test_a_reply_to_what_was_deleted_stands_for_itself(world: World, ann: User) -> None:
    parent = world.tell(ann.id, "digest:1")
    world.run()
    with world.double.workspace.lock:
        world.double.workspace.remove(world.double.workspace.messages[0])
    reply = world.tell(ann.id, "card:1", thread=parent)
    world.clock.pass_time(seconds=2)
    world.run()
    posted = only(world.double.dm(ann))
    assert (posted.ts, posted.thread_ts) == (world.row(reply).ts, None)


def test_of_two_senders_one_sends(world: World, ann: User) -> None:
    told = world.tell(ann.id)
    slow = world.sender
    world.restart()

    def render(message: MessageRecord) -> Any:
        world.sender.run_once()
        return world.render(message)

    slow._render = render
    slow.run_once()
    world.run()
    assert only(world.double.dm(ann)).ts == world.row(told).ts
    assert world.post_calls() == 1


def test_it_runs_until_it_is_stopped(slack_double: SlackDouble, sqlite_store: Store) -> None:
    settings = SlackSettings(bot_token=slack_double.bot_token, base_url=slack_double.base_url)
    render: Callable[[MessageRecord], Any] = lambda _: {"text": "hello", "blocks": []}  # noqa: E731
    sender = Sender(
        sqlite_store, make_clients(settings).background, render, database="db",
        pace=Pace(settle=timedelta(seconds=1), tick=timedelta(seconds=0.05)),
    )  # fmt: skip
    stop, wake = threading.Event(), threading.Event()
    thread = threading.Thread(target=sender.run, args=(stop, wake))
    thread.start()
    ann = slack_double.add_user("ann")
    with sqlite_store.write() as tx:
        messages.tell(tx, NewMessage("card:1", "card", ann.id))
    wake.set()
    try:
        for _ in range(500):
            if slack_double.calls_of("chat.postMessage"):
                break
            time.sleep(0.01)
    finally:
        stop.set()
        wake.set()
        thread.join(15)
    assert not thread.is_alive()
    assert [each.text for each in slack_double.dm(ann)] == ["hello"]
