"""What a key is that someone found: the shortcut on a message and the command, at a whole desk."""

import json
import logging
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.aws.simulated.entities import unique_id
from bot.slack.manifest import SHORTCUT
from tests.slack.commanding import answer, company, fits, question, refusals
from tests.slack.desks import Office, wait_for
from tests.slack.double import Channel, Message, User
from tests.slack.test_commands_rights import UNFIT
from tests.slack.test_flow import forwarded

STRANGER = "210987654321"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE1KE"
WORDS = "a remark of somebody's own"


@pytest.fixture(scope="module")
def at(sqlite_template: Path) -> Iterator[Office]:
    """A desk that asked ann about carol's key."""
    with company(sqlite_template, "carol") as made:
        made.scan()
        made.card(made.ann, "carol: AKIA")
        yield made


@pytest.fixture(autouse=True)
def signed_in(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the account, which every test begins without."""
    for name, value in at.cloud.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def cloudless(at: Office) -> Iterator[None]:
    """No trouble is left to the next test."""
    yield
    at.cloud.traffic.faults.clear()


@pytest.fixture
def town(at: Office) -> Channel:
    """A public channel in which the bot is not."""
    name = f"town{len(at.slack.workspace.channels)}"
    people = [each for each in at.slack.workspace.users.values() if not each.is_bot]
    return at.slack.add_channel(name, people, with_bot=False)


def carols(at: Office) -> str:
    key = question(at, "carol").subject
    assert key.startswith("AKIA")
    return key


def foreign(prefix: str = "AKIA", number: int = 7) -> str:
    return unique_id(prefix, STRANGER, random.Random(number), 20)


def asked(at: Office, user: User, channel: Channel | str, message: Message) -> Message:
    """The private answer to the shortcut on a message, which passes the gate."""
    before = len(at.slack.ephemerals(user))
    assert at.slack.message_shortcut(user, SHORTCUT, channel, message.ts).ok
    wait_for(lambda: len(at.slack.ephemerals(user)) > before, "an answer to the shortcut")
    told = at.slack.ephemerals(user)[-1]
    fits(told)
    return told


def about(at: Office, user: User, channel: Channel, text: str) -> Message:
    """The same on a message that says this."""
    return asked(at, user, channel, at.slack.say(user, channel, text))


def whole(at: Office) -> str:
    """Everything that the database says in words."""
    with at.store.read() as tx:
        tables = [
            row[0]
            for row in tx.connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            )
        ]
        return str(
            {name: [*tx.connection.exec_driver_sql(f'SELECT * FROM "{name}"')] for name in tables}  # noqa: S608 - names of our own
        )


def test_a_key_of_ours_pasted_anywhere(at: Office, town: Channel) -> None:
    """All of it is told to who asks, and nobody else sees anything."""
    told = about(at, at.sec, town, f"who knows {carols(at)}?")

    words = told.words()
    assert told.channel == town.id
    assert "is an access key of `carol` in account" in words
    assert "*Status*  *active*" in words
    assert "*Made*  80 days ago" in words
    assert "*Last used*  70 days ago" in words
    assert "for s3 in us-east-1" in words
    assert f"*Owner*  <@{at.ann.id}>: a tag says so" in words
    assert "AWS was asked" in words
    assert "1 open finding by the scan of" in words
    assert "`/locksmith contain carol`" in words
    assert len(at.slack.messages(town)) == 1


def test_the_show_button_leads_to_the_question(at: Office, town: Channel) -> None:
    told = about(at, at.ann, town, carols(at))
    before = len(at.slack.ephemerals(at.ann))

    at.slack.click(at.ann, told.channel, told.ts, "show")

    wait_for(lambda: len(at.slack.ephemerals(at.ann)) > before, "the card")
    assert "UpdateAccessKey" in at.slack.ephemerals(at.ann)[-1].words()


def test_a_secret_is_a_leaked_one_and_is_repeated_nowhere(
    at: Office, town: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key, before = carols(at), len(at.slack.calls)

    told = about(at, at.ann, town, f"{WORDS}\n```{key}\n{SECRET}```")

    assert "A secret in Slack is a leaked one" in told.words()
    assert "Take it as leaked" in told.words()
    sent = json.dumps([each.args for each in at.slack.calls[before:]], ensure_ascii=False)
    assert key in sent
    for text in (SECRET, WORDS):
        assert text not in sent
        assert text not in caplog.text
        assert text not in whole(at)


def test_a_message_of_the_bot_is_read_by_its_blocks(at: Office) -> None:
    card = at.card(at.ann, "carol: AKIA")

    assert "is an access key of `carol`" in asked(at, at.ann, card.channel, card).words()


def test_many_keys_are_counted(at: Office, town: Channel) -> None:
    ids = [foreign("AKIA", number) for number in range(8)]
    told = about(at, at.ann, town, " ".join([*ids, ids[0]]))

    assert told.words().count(f"belongs to account `{STRANGER}`, which Locksmith doesn't know") == 5
    assert "3 more keys, not looked up" in told.words()


def test_sessions_and_messages_without_a_key(at: Office, town: Channel) -> None:
    ours = unique_id("ASIA", at.cloud.account_id, random.Random(1), 20)

    assert "is a *temporary* key of account" in about(at, at.ann, town, ours).words()
    assert "no access key id in it" in about(at, at.ann, town, "AKIA, I mean").words()
    assert "leaked one" in about(at, at.ann, town, SECRET).words()


def test_a_key_that_is_gone(at: Office, town: Channel) -> None:
    never = unique_id("AKIA", at.cloud.account_id, random.Random(1), 20)

    assert "No user of account" in about(at, at.ann, town, never).words()


def test_what_aws_does_not_tell_is_said(at: Office, town: Channel) -> None:
    at.cloud.fault("*", "error:AccessDenied", times=None)

    words = about(at, at.ann, town, carols(at)).words()

    assert "what it is could not be read" in words
    assert "Whose it is could not be read" in words
    assert "1 open finding by the scan of" in words
    assert "*active*" not in words


@pytest.mark.parametrize("flags", UNFIT.values(), ids=UNFIT)
@pytest.mark.parametrize("named", [True, False])
def test_who_is_no_colleague_is_told_nothing(
    at: Office, town: Channel, flags: Mapping[str, Any], named: bool
) -> None:
    """Whether Slack names the person's own workspace or not."""
    message = at.slack.say(at.ann, town, f"{carols(at)} {WORDS}")
    other = at.slack.add_user("other", **flags)
    at.slack.workspace.channels[town.id].members.append(other.id)
    logged, before = len(refusals(at)), len(at.cloud.calls.counts)

    if named:
        chosen(at, other, town, message, {"team_id": other.team_id})
    else:
        asked(at, other, town, message)

    told = at.slack.ephemerals(other)[-1].words()
    assert "nothing here" in told
    assert "carol" not in told
    assert refusals(at)[logged:] == [(other.id, SHORTCUT)]
    assert len(at.cloud.calls.counts) == before
    assert WORDS not in whole(at)


def test_nobody_at_all_is_told_nothing(at: Office, town: Channel) -> None:
    """A payload in which no workspace is named."""
    message = at.slack.say(at.ann, town, carols(at))
    before = len(refusals(at))

    chosen(at, at.ann, town, message, {}, team=None)

    assert "may not decide" in at.slack.ephemerals(at.ann)[-1].words()
    assert len(refusals(at)) == before + 1


def chosen(
    at: Office,
    user: User,
    channel: Channel,
    message: Message,
    more: Mapping[str, str],
    **changes: Any,
) -> None:
    """The shortcut with another payload than the double's; waits for the answer."""
    before = len(at.slack.ephemerals(user))
    team = {"id": at.slack.workspace.team_id, "domain": "d"}
    forwarded(
        at,
        {
            "type": "message_action",
            "callback_id": SHORTCUT,
            "user": {"id": user.id, "name": user.name, **more},
            "team": team,
            "channel": {"id": channel.id, "name": channel.name},
            "message": message.as_slack(),
            "response_url": at.slack._response_url(user, channel, message.ts),
            **changes,
        },
    )
    wait_for(lambda: len(at.slack.ephemerals(user)) > before, "an answer")


def test_the_command_says_the_same(at: Office) -> None:
    key = carols(at)

    assert "is an access key of `carol`" in answer(at, at.ann, f"key {key}").words()
    both = answer(at, at.ann, f"key `{key}` {foreign()}").words()
    assert "is an access key of `carol`" in both
    assert f"belongs to account `{STRANGER}`" in both
    assert "It goes: /locksmith key AKIA…" in answer(at, at.ann, f"key {SECRET}").words()
    assert SECRET not in answer(at, at.ann, f"key {SECRET}").words()
    assert "leaked one" in answer(at, at.ann, f"key {key} {SECRET}").words()


def test_a_late_answer_comes_by_direct_message(at: Office, town: Channel) -> None:
    at.slack.fail("response_url", error="expired_url")
    message = at.slack.say(at.ann, town, carols(at))
    before = len(at.slack.dm(at.ann))

    assert at.slack.message_shortcut(at.ann, SHORTCUT, town, message.ts).ok

    wait_for(lambda: len(at.slack.dm(at.ann)) > before, "the direct message")
    assert "is an access key of `carol`" in at.slack.dm(at.ann)[-1].words()
