"""Anchors in a channel: sent once by the outbox, read back, and missed when removed."""

from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.config.slack import SlackSettings
from bot.engine.anchor_checking import AnchorChecking, Standing
from bot.engine.anchoring import Anchoring
from bot.engine.announcing import ANCHOR
from bot.engine.signing import PublicKeys
from bot.model import Anchor, Greeting
from bot.slack.blocks import notes
from bot.slack.calling import CallError
from bot.slack.clients import make_clients
from bot.slack.noting import SlackTarget
from bot.slack.pacing import Pace
from bot.slack.sender import Sender
from bot.store import messages
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.reports.samples import ALICE
from tests.slack.double import Channel, Message, SlackDouble
from tests.slack.gate import check
from tests.slack.test_notes_blocks import record

_S = Standing


@dataclass
class Rig:
    """A log, a private channel, and a sender between them."""

    store: Store
    clock: StandingClock
    double: SlackDouble
    channel: Channel
    client: WebClient
    sender: Sender

    def __post_init__(self) -> None:
        user = self.double.workspace.bot_user
        greeting = Greeting(self.double.workspace.team_id, "House", user, "https://x/")
        self.slept: list[float] = []
        self.target = SlackTarget(
            self.store,
            self.channel.id,
            lambda: self.client,
            lambda: greeting,
            sleep=self.slept.append,
            monotonic=lambda: self.clock.now.timestamp(),
        )

    def anchor(self) -> None:
        """One more row in the log, and its anchor in the outbox."""
        self.clock.pass_time(minutes=5)
        with self.store.write() as tx:
            tx.record("test.written", actor=ALICE)
        (noted,) = Anchoring(self.store, [self.target]).anchor()
        assert noted.trouble == ""

    def send(self) -> list[Message]:
        self.sender.run_once()
        return self.double.messages(self.channel)

    def standings(self) -> list[tuple[Standing, int]]:
        checking = AnchorChecking(self.store, [self.target], PublicKeys, self.clock)
        (target,) = checking.check().targets
        assert target.unreachable is None
        return sorted((one.standing, one.anchor.seq) for one in target.judged)


@pytest.fixture
def rig(sqlite_store: Store, clock: StandingClock, slack_double: SlackDouble) -> Rig:
    channel = slack_double.add_channel("anchors", [], is_private=True)
    settings = SlackSettings(bot_token=slack_double.bot_token, base_url=slack_double.base_url)
    client = make_clients(settings).background

    def render(message: Any) -> Any:
        return notes.anchor(message) if message.kind == ANCHOR else None

    sender = Sender(
        sqlite_store,
        client,
        render,
        database="test",
        pace=Pace(monotonic=lambda: clock.now.timestamp()),
    )
    return Rig(sqlite_store, clock, slack_double, channel, client, sender)


def test_an_anchor_is_sent_once_and_fits(rig: Rig) -> None:
    rig.anchor()
    rig.send()
    rig.anchor()
    sent = rig.send()
    rig.send()

    assert len(sent) == 2
    assert rig.standings() == [(_S.FITS, 1), (_S.FITS, 2)]


def test_what_waits_to_be_posted_is_not_told(rig: Rig) -> None:
    rig.anchor()

    assert rig.standings() == [(_S.NOT_TOLD, 1)]


def test_what_could_not_be_posted_is_not_told_with_the_reason(rig: Rig) -> None:
    rig.anchor()
    with rig.store.write() as tx:
        (message,) = messages.messages_to(tx, rig.channel.id, ANCHOR)
        messages.give_up(tx, message.id, "not_in_channel")

    checking = AnchorChecking(rig.store, [rig.target], PublicKeys, rig.clock)
    (judged,) = checking.check().targets[0].judged
    assert judged.standing is _S.NOT_TOLD
    assert "not_in_channel" in judged.said


def test_a_message_that_was_deleted_shows(rig: Rig) -> None:
    for _ in range(2):
        rig.anchor()
        rig.send()
    first, _ = rig.double.messages(rig.channel)
    rig.client.chat_delete(channel=rig.channel.id, ts=first.ts)

    assert rig.standings() == [(_S.FITS, 2), (_S.REMOVED, 1)]


def test_a_message_that_was_edited_shows(rig: Rig) -> None:
    rig.anchor()
    (sent,) = rig.send()
    forged = sent.text.replace('"seq":1', '"seq":9')
    rig.client.chat_update(channel=rig.channel.id, ts=sent.ts, text=forged, blocks=[])

    assert rig.standings() == [(_S.ALTERED, 1), (_S.TRUNCATED, 9)]


def test_an_edit_that_says_the_same_shows_too(rig: Rig) -> None:
    rig.anchor()
    (sent,) = rig.send()
    rig.client.chat_update(channel=rig.channel.id, ts=sent.ts, text=sent.text, blocks=[])

    assert rig.standings() == [(_S.ALTERED, 1)]


def test_what_others_write_counts_for_nothing(rig: Rig) -> None:
    """Anyone in the channel can write a line like ours."""
    rig.anchor()
    (sent,) = rig.send()
    eve = rig.double.add_user("eve")
    forged = sent.text.replace('"seq":1', '"seq":9')
    rig.double.workspace.post(rig.channel, forged, [], by=eve.id)

    assert rig.standings() == [(_S.FITS, 1)]


def test_a_channel_that_cant_be_read_is_unknown(rig: Rig) -> None:
    rig.anchor()
    rig.send()
    rig.double.workspace.channels[rig.channel.id].members.clear()

    checking = AnchorChecking(rig.store, [rig.target], PublicKeys, rig.clock)
    (target,) = checking.check().targets
    assert "channel_not_found" in (target.unreachable or "")


def test_slack_is_read_at_its_own_pace(rig: Rig) -> None:
    rig.anchor()
    rig.send()
    rig.double.fail("conversations.history", times=2, retry_after=7)

    assert rig.standings() == [(_S.FITS, 1)]
    assert any(seconds >= 7 for seconds in rig.slept)


def test_a_slack_that_never_has_time_is_unknown(rig: Rig) -> None:
    rig.anchor()
    rig.send()
    rig.double.fail("conversations.history", times=99, retry_after=7)

    with pytest.raises(CallError):
        rig.target.found(())


def test_the_message_passes_slacks_rules_and_reads_back() -> None:
    anchor = Anchor("d" * 32, 7, "a" * 64, record("x", {}).created_at, "SHA256:a+b/", "c2ln+/==")

    payload = notes.anchor(record(ANCHOR, {"anchor": anchor.text()}))

    assert payload is not None
    assert check("message", payload) == []
    assert Anchor.read(payload["text"].partition("`")[2].partition("`")[0]) == anchor
    assert notes.anchor(record(ANCHOR, {"anchor": "nonsense"})) is None
