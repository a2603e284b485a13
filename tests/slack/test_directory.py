"""Who is who, as the strict workspace tells it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.config.slack import SlackSettings
from bot.model import Directory, DirectoryBusyError, DirectoryError
from bot.slack.allowance import Allowance
from bot.slack.clients import make_clients
from bot.slack.directory import SlackDirectory
from tests.conftest import StandingClock
from tests.slack.double import SlackDouble

HOME = "T0000HOUSE"
OURS = frozenset({HOME})


def client_of(double: SlackDouble) -> WebClient:
    """The client that the settings make."""
    settings = SlackSettings(bot_token=double.bot_token, base_url=double.base_url)
    return make_clients(settings).background


@pytest.fixture
def directory(slack_double: SlackDouble, clock: StandingClock) -> SlackDirectory:
    """The workspace, asked over HTTP."""
    return SlackDirectory(client_of(slack_double), lambda: OURS, clock=clock)


def test_it_is_a_directory(directory: SlackDirectory) -> None:
    promised: Directory = directory
    assert promised.teams == OURS


def test_a_colleague_is_fit(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    ann = slack_double.add_user("ann", email="Ann@Example.com")
    member = directory.member(ann.id)
    assert member is not None
    assert (member.id, member.team, member.name) == (ann.id, HOME, "Ann")
    assert (member.email, member.zone) == ("ann@example.com", "Europe/Berlin")
    assert member.unfit(OURS) is None


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({"deleted": True}, "is deactivated"),
        ({"is_bot": True}, "is a bot"),
        ({"is_restricted": True}, "is a guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "is a guest"),
        ({"is_stranger": True}, "is from outside the workspace"),
        ({"team_id": "T0ELSEWHERE"}, "belongs to another workspace"),
        ({"team_id": ""}, "belongs to another workspace"),
    ],
)
def test_who_is_unfit(
    directory: SlackDirectory, slack_double: SlackDouble, flags: dict[str, Any], why: str
) -> None:
    member = directory.member(slack_double.add_user("eve", **flags).id)
    assert member is not None
    assert member.unfit(OURS) == why


class Answering:
    """A client whose users.info says just this."""

    def __init__(self, **user: Any) -> None:
        self.user = user

    def users_info(self, *, user: str) -> Any:
        return type("Answer", (), {"data": {}, "get": lambda _, name: {"user": self.user}[name]})()


WHOLE = {
    "id": "U1", "team_id": HOME, "name": "ann", "tz": "Europe/Berlin", "deleted": False,
    "is_bot": False, "is_restricted": False, "is_ultra_restricted": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("team_id", "belongs to another workspace"),
        ("deleted", "is deactivated"),
        ("is_bot", "is a bot"),
        ("is_restricted", "is a guest"),
        ("is_ultra_restricted", "is a guest"),
    ],
)
def test_what_is_not_told_counts_against_a_person(
    clock: StandingClock, missing: str, why: str
) -> None:
    def member_of(user: dict[str, Any], **more: Any) -> Any:
        client: Any = Answering(**user)
        return SlackDirectory(client, lambda: OURS, clock=clock, **more).member("U1")

    assert member_of(WHOLE).unfit(OURS) is None
    less = {name: value for name, value in WHOLE.items() if name != missing}
    assert member_of(less).unfit(OURS) == why
    odd = member_of(WHOLE | {missing: None})
    assert odd.unfit(OURS) == why
    # An emulator knows no guests; everything else it must say as well.
    assert (member_of(less, emulated=True).unfit(OURS) is None) == (why == "is a guest")


def test_an_unknown_zone_is_not_made_up(clock: StandingClock) -> None:
    client: Any = Answering(**WHOLE | {"tz": "Mars/Olympus"})
    member = SlackDirectory(client, lambda: OURS, clock=clock).member("U1")
    assert member is not None
    assert member.zone == ""


def test_by_email(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    ann = slack_double.add_user("ann")
    slack_double.add_user("bob", is_email_confirmed=False)
    found = directory.by_email("ann@example.com")
    assert found is not None
    assert found.id == ann.id
    assert directory.by_email("bob@example.com") is None, "anyone can claim an address"
    assert directory.by_email("nobody@example.com") is None


def test_who_and_what_is_not_there(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    slack_double.add_channel("secret", is_private=True, with_bot=False)
    hidden = slack_double.add_user("hidden", visible=False)
    gone = slack_double.add_user_group("gone", [hidden], disabled=True)
    assert directory.member("U0NOBODY") is None
    assert directory.member(hidden.id) is None
    assert directory.group("S0NONE") == frozenset()
    assert directory.group(gone.id) == frozenset()
    (secret,) = slack_double.workspace.channels.values()
    assert directory.channel(secret.id) is None
    assert directory.channel_members(secret.id) == frozenset()


def test_groups(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    ann, bob = slack_double.add_user("ann"), slack_double.add_user("bob")
    group = slack_double.add_user_group("iam", [ann, bob])
    assert directory.group(group.id) == {ann.id, bob.id}


@pytest.mark.parametrize(
    ("flags", "confidential"),
    [
        ({}, False),
        ({"is_private": True}, True),
        ({"is_private": True, "is_ext_shared": True}, False),
        ({"is_private": True, "is_org_shared": True}, False),
    ],
)
def test_which_channels_keep_a_secret(
    directory: SlackDirectory, slack_double: SlackDouble, flags: dict[str, Any], confidential: bool
) -> None:
    made = slack_double.add_channel("iam-security", **flags)
    channel = directory.channel(made.id)
    assert channel is not None
    assert (channel.name, channel.archived) == ("iam-security", False)
    assert channel.confidential is confidential


def test_every_page_of_a_channel(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    people = [slack_double.add_user(f"user{n}") for n in range(450)]
    channel = slack_double.add_channel("all", people, with_bot=True)
    found = directory.channel_members(channel.id)
    assert found == set(channel.members)
    assert len(slack_double.calls_of("conversations.members")) == 3


Ask = Callable[[SlackDirectory], object]
ASKS: list[tuple[str, Ask]] = [
    ("users.info", lambda it: it.member("U1")),
    ("users.lookupByEmail", lambda it: it.by_email("ann@example.com")),
    ("usergroups.users.list", lambda it: it.group("S1")),
    ("conversations.info", lambda it: it.channel("C1")),
    ("conversations.members", lambda it: it.channel_members("C1")),
]


@pytest.mark.parametrize(("method", "ask"), ASKS, ids=[method for method, _ in ASKS])
@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"status": 503}, "HTTP status 503"),
        ({"drop": "after"}, "can't be reached"),
        ({"retry_after": 7}, "too many calls; wait 7 s"),
        ({"error": "unknown_method"}, "unknown_method"),
        ({"error": "plan_upgrade_required"}, "plan_upgrade_required"),
        ({"error": "token_revoked"}, "token_revoked"),
        ({"error": "missing_scope"}, "missing_scope"),
    ],
)
def test_no_answer_is_never_a_no(
    directory: SlackDirectory,
    slack_double: SlackDouble,
    method: str,
    ask: Ask,
    fault: dict[str, Any],
    cause: str,
) -> None:
    slack_double.fail(method, **fault)
    with pytest.raises(DirectoryError) as told:
        ask(directory)
    said = str(told.value)
    assert method in said
    assert cause in said
    assert slack_double.bot_token not in said
    assert told.value.__cause__ is None
    assert len(slack_double.calls_of(method)) == 1, "nothing is asked twice"


def test_slack_is_away(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    slack_double.down()
    with pytest.raises(DirectoryError, match="can't be reached"):
        directory.member("U1")


def test_answers_are_believed_for_a_minute(
    directory: SlackDirectory, slack_double: SlackDouble, clock: StandingClock
) -> None:
    ann = slack_double.add_user("ann")
    assert directory.member(ann.id) == directory.member(ann.id)
    clock.pass_time(seconds=59)
    directory.member(ann.id)
    assert len(slack_double.calls_of("users.info")) == 1
    ann.deleted = True
    fresh = directory.member(ann.id, fresh=True)
    assert fresh is not None
    assert fresh.deactivated
    assert directory.member(ann.id) == fresh, "what was just heard is believed by everyone"
    assert len(slack_double.calls_of("users.info")) == 2
    clock.pass_time(seconds=60)
    directory.member(ann.id)
    assert len(slack_double.calls_of("users.info")) == 3


def test_a_failure_is_not_remembered(directory: SlackDirectory, slack_double: SlackDouble) -> None:
    ann = slack_double.add_user("ann")
    slack_double.fail("users.info", status=500)
    with pytest.raises(DirectoryError):
        directory.member(ann.id)
    assert directory.member(ann.id) is not None


def test_a_failure_does_not_bring_back_an_old_answer(
    directory: SlackDirectory, slack_double: SlackDouble
) -> None:
    ann = slack_double.add_user("ann")
    directory.member(ann.id)
    slack_double.fail("users.info", status=500)
    with pytest.raises(DirectoryError):
        directory.member(ann.id, fresh=True)


@pytest.fixture
def allowance(clock: StandingClock) -> Allowance:
    """How many look-ups are left, on the clock that the test moves."""
    return Allowance(lambda: clock.now.timestamp())


def shared(
    double: SlackDouble, clock: StandingClock, allowance: Allowance, *, may_wait: bool
) -> SlackDirectory:
    """A directory that counts with others, and believes nothing for long."""
    return SlackDirectory(
        client_of(double),
        lambda: OURS,
        clock=clock,
        ttl=timedelta(0),
        allowance=allowance,
        may_wait=may_wait,
    )


def test_who_may_wait_leaves_a_fifth_of_the_look_ups_to_the_others(
    clock: StandingClock, allowance: Allowance
) -> None:
    with SlackDouble(clock=clock, rate_scale=1) as double:
        patient = shared(double, clock, allowance, may_wait=True)
        quick = shared(double, clock, allowance, may_wait=False)
        ann = double.add_user("ann").id
        for _ in range(80):
            patient.member(ann)

        with pytest.raises(DirectoryBusyError, match="takes no more calls"):
            patient.member(ann)
        for _ in range(20):
            assert quick.member(ann) is not None

        assert len(double.calls_of("users.info")) == 100
        assert patient.by_email("ann@example.com") is not None, "each method has its own"
        clock.pass_time(seconds=62)
        assert patient.member(ann) is not None
        assert double.rate_violations == []


def test_as_long_as_slack_wants_nobody_asks(
    slack_double: SlackDouble, clock: StandingClock, allowance: Allowance
) -> None:
    quick = shared(slack_double, clock, allowance, may_wait=False)
    ann = slack_double.add_user("ann").id
    slack_double.fail("users.info", retry_after=30)
    for _ in range(3):
        with pytest.raises(DirectoryBusyError):
            quick.member(ann)
    assert len(slack_double.calls_of("users.info")) == 1
    clock.pass_time(seconds=30)
    assert quick.member(ann) is not None


def test_who_was_found_by_their_address_is_known(
    directory: SlackDirectory, slack_double: SlackDouble
) -> None:
    ann = slack_double.add_user("ann")
    assert directory.by_email("ann@example.com") == directory.member(ann.id)
    assert slack_double.calls_of("users.info") == []
