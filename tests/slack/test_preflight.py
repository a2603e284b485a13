"""Serving begins only when Slack is set up, and otherwise says what to mend."""

import logging
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.config.slack import SlackSettings
from bot.errors import ConfigError, LocksmithError, SlackError, SlackFatalError
from bot.model import Greeting
from bot.slack.clients import Clients, make_clients
from bot.slack.manifest import SCOPES
from bot.slack.preflight import check, check_secrets
from tests.slack.double import SlackDouble

REAL = "https://slack.com/api/"
SECRET = "0123456789abcdef0123456789abcdef"
GOOD = {"bot_token": "xoxb-1", "app_token": "xapp-1", "signing_secret": SECRET, "base_url": REAL}


@dataclass
class Desk:
    """The settings that a workspace fits to."""

    double: SlackDouble
    settings: dict[str, Any]

    def check(self, **changes: Any) -> Greeting:
        settings = SlackSettings(**(self.settings | changes))
        return check(settings, make_clients(settings))

    def check_with(self, kind: type[WebClient]) -> Greeting:
        settings = SlackSettings(**self.settings)
        client = kind(token=settings.bot_token, base_url=settings.base_url)
        return check(settings, replace(make_clients(settings), background=client))

    def trouble(self, kind: type[LocksmithError], **changes: Any) -> str:
        """The mistake that is found, with its hint."""
        with pytest.raises(kind) as found:
            self.check(**changes)
        assert type(found.value) is kind
        said = f"{found.value} {found.value.hint}"
        assert self.double.bot_token not in said
        assert self.double.app_token not in said
        return said


@pytest.fixture
def desk(slack_double: SlackDouble) -> Desk:
    """A workspace in which everything is right."""
    ann = slack_double.add_user("ann")
    channel = slack_double.add_channel("iam-security", [ann], is_private=True)
    slack_double.token(slack_double.bot_token).scopes = frozenset(SCOPES)
    return Desk(
        slack_double,
        {
            "bot_token": slack_double.bot_token, "app_token": slack_double.app_token,
            "base_url": slack_double.base_url, "security_channel": channel.id,
            "security": (ann.id,),
        },
    )  # fmt: skip


def test_who_we_are(desk: Desk) -> None:
    assert desk.check() == Greeting(
        "T0000HOUSE", "House", "U000LOCK01", "https://house.slack.com/", "B000LOCK01"
    )


def test_mode_http_needs_no_app_token(desk: Desk) -> None:
    assert desk.check(mode="http", app_token=None, signing_secret=SECRET).team == "House"
    assert desk.double.calls_of("apps.connections.open") == []


@pytest.mark.parametrize(
    ("mode", "changes", "words"),
    [
        ("socket", {"bot_token": None}, "LOCKSMITH_SLACK__BOT_TOKEN"),
        ("socket", {"bot_token": " "}, "LOCKSMITH_SLACK__BOT_TOKEN_FILE"),
        ("socket", {"app_token": None}, "LOCKSMITH_SLACK__APP_TOKEN"),
        ("http", {"signing_secret": None}, "LOCKSMITH_SLACK__SIGNING_SECRET"),
        ("http", {"signing_secret": "  "}, "missing or empty"),
        ("http", {"signing_secret": SECRET[:-1]}, "32 digits"),
        ("http", {"signing_secret": SECRET[:-1] + "g"}, "32 digits"),
        ("socket", {"bot_token": "xapp-1"}, "but it is an app-level token"),
        ("socket", {"bot_token": "xoxp-1"}, "but it is a user token"),
        ("socket", {"bot_token": "xoxe.xoxb-1"}, "but it is a token that rotates"),
        ("socket", {"app_token": "xoxb-1"}, "but it is a bot token"),
        ("http", {"bot_token": "hunter2"}, "but it is no token"),
    ],
)
def test_secrets(mode: str, changes: dict[str, Any], words: str) -> None:
    check_secrets(SlackSettings(**GOOD, mode=mode))  # type: ignore[arg-type]
    with pytest.raises(ConfigError) as found:
        check_secrets(SlackSettings(**(GOOD | changes), mode=mode))  # type: ignore[arg-type]
    said = f"{found.value} {found.value.hint}"
    assert words in said
    for value in changes.values():
        assert not (value or "").strip() or value not in said


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
@pytest.mark.parametrize(
    ("method", "setting"),
    [("auth.test", "slack.bot_token"), ("apps.connections.open", "slack.app_token")],
)
def test_a_token_that_slack_does_not_take(desk: Desk, method: str, setting: str, code: str) -> None:
    desk.double.fail(method, error=code)
    said = desk.trouble(SlackFatalError)
    assert setting in said
    assert code in said


def test_slack_is_away(desk: Desk) -> None:
    desk.double.down()
    with pytest.raises(SlackError, match="can't be reached") as found:
        desk.check()
    assert not isinstance(found.value, SlackFatalError)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_each_scope_is_missed(desk: Desk, scope: str) -> None:
    desk.double.token(desk.double.bot_token).scopes = frozenset(SCOPES) - {scope}
    said = desk.trouble(SlackError)
    assert f"lacks scopes: {scope} ({SCOPES[scope]})" in said
    assert "OAuth & Permissions" in said


class Quiet(WebClient):
    """A client whose auth.test is answered otherwise: without headers, with more in it."""

    more: ClassVar[dict[str, Any]] = {}

    def auth_test(self, **arguments: Any) -> SlackResponse:
        answer = super().auth_test(**arguments)
        answer.headers = {}
        assert isinstance(answer.data, dict)
        answer.data.update(self.more)
        return answer


def test_scopes_that_are_not_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert desk.check_with(Quiet).team == "House"
    assert "were not checked" in caplog.text


def test_an_app_token_that_may_not_connect(desk: Desk) -> None:
    desk.double.token(desk.double.app_token).scopes = frozenset()
    assert "connections:write" in desk.trouble(SlackError)


class OfAll(Quiet):
    more: ClassVar[dict[str, Any]] = {"is_enterprise_install": True}


class OfNone(Quiet):
    more: ClassVar[dict[str, Any]] = {"team_id": None}


@pytest.mark.parametrize("client", [OfAll, OfNone])
def test_an_app_of_a_whole_organisation(desk: Desk, client: type[WebClient]) -> None:
    with pytest.raises(SlackError) as found:
        desk.check_with(client)
    assert "one workspace" in found.value.hint


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"with_bot": False, "is_private": True}, "/invite @Locksmith"),
        ({}, "is public"),
        ({"is_private": True, "is_ext_shared": True}, "is shared"),
        ({"is_private": True, "is_archived": True}, "is archived"),
    ],
)
def test_an_unfit_security_channel(desk: Desk, flags: dict[str, Any], words: str) -> None:
    channel = desk.double.add_channel("elsewhere", **flags)
    said = desk.trouble(ConfigError, security_channel=channel.id)
    assert words in said
    assert channel.id in said


def test_no_security(desk: Desk) -> None:
    assert "slack.security_channel" in desk.trouble(ConfigError, security_channel=None)
    assert "slack.security is empty" in desk.trouble(ConfigError, security=())


def test_clients_keep_tokens_to_themselves(desk: Desk) -> None:
    settings = SlackSettings(**desk.settings)
    clients: Clients = make_clients(settings)
    shown = repr(clients) + repr(settings) + repr(clients.background) + str(clients.sockets)
    assert desk.double.bot_token not in shown
    assert desk.double.app_token not in shown
    assert clients.emulated
    assert not make_clients(SlackSettings(bot_token="xoxb-1")).emulated
    assert make_clients(SlackSettings(bot_token="xoxb-1")).sockets is None
    with pytest.raises(ConfigError, match="bot_token"):
        make_clients(SlackSettings())


def test_a_hasty_client_gives_up_before_slack_does(desk: Desk) -> None:
    clients = make_clients(SlackSettings(**desk.settings))
    assert (clients.hasty.timeout, clients.background.timeout) == (2, 10)
    assert clients.hasty.retry_handlers == clients.background.retry_handlers == []
