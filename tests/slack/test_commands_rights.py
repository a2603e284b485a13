"""Who may give which command, and where its answer may be shown."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import ProposalState
from bot.slack.commands.catalogue import COMMANDS
from tests.slack.commanding import answer, approved, company, fits, question, refusals, state
from tests.slack.desks import OPERATOR, Office, wait_for
from tests.slack.double import Channel, User
from tests.slack.test_flow import forwarded

UNFIT: Mapping[str, Mapping[str, Any]] = {
    "deactivated": {"deleted": True},
    "bot": {"is_bot": True},
    "guest": {"is_restricted": True},
    "guest of one channel": {"is_ultra_restricted": True, "is_restricted": True},
    "stranger": {"is_stranger": True},
    "of another workspace": {"team_id": "T0AWAY"},
}
#: What a colleague may give: it tells of themselves alone.
OWN = {"help", "mine", "exemptions"}
#: What tells every colleague the same: whoever has found a key must know whose it is.
FOR_ALL = {"key"}
RESERVED = ("status", "findings", "report", "policy", "scan", "pause", "resume", "contain")


@pytest.fixture(scope="module")
def at(sqlite_template: Path) -> Iterator[Office]:
    """A desk that asked ann about three keys, one of which is switched off by now."""
    with company(sqlite_template, "carol", "dora", "ida") as made:
        made.scan()
        approved(made, "dora")
        yield made


@pytest.fixture(autouse=True)
def signed_in(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the account, which every test begins without."""
    for name, value in at.cloud.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def town(at: Office) -> Channel:
    """A public channel with the bot in it."""
    people = [*at.slack.workspace.users.values()]
    return at.slack.add_channel(f"town{len(at.slack.workspace.channels)}", people)


def typed(at: Office) -> dict[str, str]:
    """Every command as it would be carried out for those who may."""
    carol, (done,) = question(at, "carol"), at.service.executions()
    given = {
        "show": carol.id,
        "approve": carol.id,
        "deny": f"{carol.id} no",
        "snooze": f"{carol.id} 7d why",
        "exempt": f"{carol.id} 30d why",
        "undo": done.id,
        "owner": f"carol <@{at.sec.id}>",
        "contain": "carol",
        "key": carol.subject,
        "policy": "arn:aws:iam::aws:policy/AdministratorAccess",
    }
    return {name: f"{name} {given.get(name, '')}".strip() for name in COMMANDS}


def whole(at: Office) -> tuple[object, ...]:
    """What a command could change."""
    return (
        question(at, "carol"),
        question(at, "dora"),
        at.service.freeze(),
        at.writes(),
        [each for each in at.service.audit_events(limit=500) if "refused" not in each.event],
    )


@pytest.mark.parametrize("flags", UNFIT.values(), ids=UNFIT)
def test_nobody_unfit_gets_anything_from_any_command(at: Office, flags: Mapping[str, Any]) -> None:
    other = at.slack.add_user("other")
    for name, value in flags.items():
        setattr(at.slack.workspace.users[other.id], name, value)
    before = whole(at)
    logged = len(refusals(at))

    for text in [*typed(at).values(), "nonsense", f"deny {question(at, 'carol').id}"]:
        words = answer(at, other, text, at.slack.dm_channel(other)).words()
        assert "nothing here" in words, text
        assert "carol" not in words

    assert whole(at) == before
    assert at.slack.modals(other) == []
    assert [who for who, _ in refusals(at)[logged:]] == [other.id] * (len(COMMANDS) + 2)


def test_a_colleague_gets_only_what_is_their_own(at: Office) -> None:
    """Someone who owns something else, or nothing."""
    ben = at.slack.add_user("ben")
    before, logged = whole(at), len(refusals(at))

    for name, text in typed(at).items():
        words = answer(at, ben, text).words()
        assert ("only" in words.lower()) is (name not in OWN | FOR_ALL), (name, words)
        assert bool(re.search("AKIA[A-Z2-7]", words)) is (name in FOR_ALL)

    assert whole(at) == before
    assert len(refusals(at)) - logged == len(COMMANDS) - len(OWN | FOR_ALL)


@pytest.mark.parametrize("command", ["deny", "snooze", "exempt"])
def test_no_modal_is_opened_for_a_colleague(at: Office, command: str) -> None:
    eve = at.slack.add_user("eve")

    words = answer(at, eve, f"{command} {question(at, 'carol').finding_id}").words()

    assert "only its owner or the security group" in words
    assert at.slack.modals(eve) == []


def test_a_finding_that_nobody_was_asked_about_is_for_the_security_group(at: Office) -> None:
    finding = next(each.record for each in at.service.findings() if each.proposal is None)

    assert "nobody was asked about it" in answer(at, at.sec, f"show {finding.id}").words()
    assert "Only the security group" in answer(at, at.ann, f"show {finding.id}").words()


def test_exemptions_of_others_are_for_the_security_group(at: Office) -> None:
    ida = str(question(at, "ida").finding_id)
    at.service.exempt(ida, "for a test", at.desk.parts.clock() + timedelta(days=3), OPERATOR)

    assert "for a test" in answer(at, at.sec, "exemptions").words()
    assert "for a test" not in answer(at, at.ann, "exemptions").words()


def test_owners_get_nothing_that_is_for_the_security_group(at: Office) -> None:
    before, logged = whole(at), len(refusals(at))
    for name in RESERVED:
        assert "Only the security group" in answer(at, at.ann, typed(at)[name]).words()

    assert whole(at) == before
    assert refusals(at)[logged:] == [(at.ann.id, f"/locksmith {name}") for name in RESERVED]
    assert {name for name, command in COMMANDS.items() if command.security} == set(RESERVED)


def test_a_show_button_and_a_page_are_judged_anew(at: Office) -> None:
    """Slack signs what is clicked, but rights end, and values are of any release."""
    zoe = at.slack.add_user("zoe")
    carol = question(at, "carol")
    for action, value, told in (
        ("show", f"{carol.id} {carol.digest}", "only its owner"),
        ("show", "p-1", "not of this release"),
        ("page", "findings 1", "Only the security group"),
        ("page", "mine 1 more", "takes nothing more"),
        ("page", "approve 1 x", "not of this release"),
        ("page_back", "mine -1", "not of this release"),
        ("page", "mine 99999", "not of this release"),
        ("page", "", "not of this release"),
    ):
        assert told in clicked(at, zoe, action, value), (action, value)


def clicked(at: Office, user: User, action: str, value: str) -> str:
    """What someone is told who clicks a button with this value on an answer of theirs."""
    shown = answer(at, user, "help")
    before = len(at.slack.ephemerals(user))
    team = at.slack.workspace.team_id
    button = {"action_id": action, "block_id": "b", "type": "button", "value": value}
    url = at.slack._response_url(user, at.slack.workspace.channels[shown.channel], shown.ts)
    forwarded(
        at,
        {
            "type": "block_actions",
            "user": {"id": user.id, "team_id": team},
            "team": {"id": team},
            "actions": [button],
            "container": {
                "type": "message",
                "channel_id": shown.channel,
                "message_ts": shown.ts,
                "is_ephemeral": True,
            },
            "response_url": url,
        },
    )
    wait_for(lambda: len(at.slack.ephemerals(user)) > before, f"a word on {action} {value!r}")
    return at.slack.ephemerals(user)[-1].words()


def test_answers_are_private_everywhere(at: Office, town: Channel) -> None:
    """Also where a command is typed before everybody."""
    answer(at, at.ann, f"show {question(at, 'carol').id}", town)

    assert at.slack.messages(town) == []


def test_answers_are_shared_in_confidential_channels(at: Office) -> None:
    """To read only: nothing there is kept true, and not everybody there may decide."""
    before = len(at.slack.messages(at.channel))
    text = f"show {question(at, 'carol').id} share"
    assert at.slack.command(at.sec, "/locksmith", text, at.channel).ok
    wait_for(lambda: len(at.slack.messages(at.channel)) > before, "the shared answer")

    shared = at.slack.messages(at.channel)[-1]
    fits(shared)
    assert "carol" in shared.words()
    assert shared.elements() == []


@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"is_private": True, "is_ext_shared": True},
        {"is_private": True, "is_org_shared": True},
        {"is_private": True, "with_bot": False},
    ],
    ids=["public", "shared outside", "shared within", "unknown to us"],
)
def test_elsewhere_nothing_is_shared_and_nothing_is_done(
    at: Office, flags: Mapping[str, Any]
) -> None:
    place = at.slack.add_channel(f"c{len(at.slack.workspace.channels)}", [at.sec, at.ann], **flags)
    before = whole(at)
    carol = question(at, "carol").id

    for user, text in (
        (at.sec, "status share"),
        (at.sec, "findings --share"),
        (at.ann, f"show {carol} share"),
        (at.ann, f"deny {carol} no --share"),
        (at.sec, "pause --share"),
    ):
        words = answer(at, user, text, place).words()
        assert "shared in private channels of this workspace only" in words
        assert "carol" not in words

    assert at.slack.messages(place) == []
    assert whole(at) == before


def test_help_is_shared_anywhere(at: Office, town: Channel) -> None:
    assert at.slack.command(at.ann, "/locksmith", "help share", town).ok
    wait_for(lambda: len(at.slack.messages(town)) == 1, "the shared help")

    fits(at.slack.messages(town)[0])


@pytest.mark.parametrize("code", ["expired_url", "used_url"])
def test_an_answer_that_comes_late_comes_by_direct_message(at: Office, code: str) -> None:
    at.slack.fail("response_url", error=code)
    before = len(at.slack.dm(at.sec))

    assert at.slack.command(at.sec, "/locksmith", "report", at.channel).ok

    wait_for(lambda: len(at.slack.dm(at.sec)) > before, "the direct message")
    assert "Locksmith since" in at.slack.dm(at.sec)[-1].words()


def test_what_was_approved_by_a_forged_button_is_refused(at: Office) -> None:
    """An answer's approve button is judged like any other: by who clicks it."""
    carol = question(at, "carol")
    yan = at.slack.add_user("yan")

    words = clicked(at, yan, "approve", f"{carol.id} {carol.digest}")

    assert "only" in words
    assert state(at, "carol") is ProposalState.PENDING
