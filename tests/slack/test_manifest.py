"""The manifest asks for what the bot uses and no more, within Slack's limits, with every reason."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.errors import UsageError
from bot.slack.manifest import APP_SCOPES, SCOPES, manifest, manifest_text
from tests.slack.double import BOT_SCOPES
from tests.slack.double.methods import METHODS

ROOT = Path(__file__).parents[2]
PUBLIC = "https://locksmith.example.com"
EVENTS = f"{PUBLIC}/slack/events"
USED = "\n".join(path.read_text() for path in (ROOT / "bot/slack").glob("*.py"))


def called() -> list[Any]:
    """The double's methods, each with its scopes, that our code calls on a bot token."""
    return [
        each
        for name, each in METHODS.items()
        if each.kind == "bot" and re.search(rf"\.{name.replace('.', '_')}\b", USED)
    ]


def test_the_file_is_for_socket_mode() -> None:
    assert (ROOT / "slack-manifest.yaml").read_text() == manifest_text()
    assert yaml.safe_load(manifest_text()) == manifest()
    assert manifest()["settings"]["socket_mode_enabled"] is True
    assert "https://" not in str(manifest())


def test_http_mode_differs_in_its_addresses_only() -> None:
    wanted = manifest()
    wanted["settings"]["socket_mode_enabled"] = False
    wanted["settings"]["event_subscriptions"]["request_url"] = EVENTS
    wanted["settings"]["interactivity"]["request_url"] = EVENTS
    wanted["features"]["slash_commands"][0]["url"] = EVENTS

    assert manifest(PUBLIC) == wanted
    assert yaml.safe_load(manifest_text(PUBLIC)) == wanted


@pytest.mark.parametrize("url", [f"{PUBLIC}/", f"{EVENTS}/", EVENTS])
def test_the_address_may_end_as_people_write_it(url: str) -> None:
    assert manifest(url) == manifest(PUBLIC)


def test_an_address_may_have_port_and_path() -> None:
    made = manifest("https://example.com:8443/locksmith/")

    wanted = "https://example.com:8443/locksmith/slack/events"
    assert made["settings"]["interactivity"]["request_url"] == wanted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://locksmith.example.com",
        "locksmith.example.com",
        "https://",
        "https://a b",
        f"{PUBLIC}?a=b",
        f"{PUBLIC}#a",
        f"{PUBLIC}\n",
        "https://user:password@example.com",
    ],
)
def test_an_address_that_slack_would_not_take_is_refused(url: str) -> None:
    for make in (manifest, manifest_text):
        with pytest.raises(UsageError, match="must start with https://"):
            make(url)


def test_every_scope_stands_beside_its_reason() -> None:
    text = manifest_text()

    assert manifest()["oauth_config"] == {"scopes": {"bot": list(SCOPES)}}
    for scope, reason in SCOPES.items():
        assert f"    - {scope}  # {reason}\n" in text
    for scope, reason in APP_SCOPES.items():
        assert f"#   {scope}  # {reason}\n" in text


def test_every_method_that_is_called_has_its_scope() -> None:
    methods = called()

    assert len(methods) > 5
    lacking = [each.name for each in methods if each.scopes and not SCOPES.keys() & {*each.scopes}]
    assert lacking == []


def test_no_scope_is_asked_for_in_vain() -> None:
    needed = {scope for each in called() for scope in each.scopes}

    assert SCOPES.keys() - needed == {"commands"}  # no method needs it; the command does
    assert SCOPES.keys() < BOT_SCOPES


@pytest.mark.parametrize("made", [manifest(), manifest(PUBLIC)], ids=["socket", "http"])
def test_stays_within_slacks_limits(made: dict[str, Any]) -> None:
    shown, features = made["display_information"], made["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    for each in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", each["command"])
        assert len(each["description"]) <= 2000
        assert len(each["usage_hint"]) <= 1000
    for each in features["shortcuts"]:
        assert len(each["name"]) <= 24
        assert len(each["callback_id"]) <= 255
        assert len(each["description"]) <= 150


def test_people_and_channels_come_as_ids() -> None:
    assert manifest()["features"]["slash_commands"][0]["should_escape"] is True


def test_each_kind_of_conversation_has_its_scopes() -> None:
    """Slack lets one of several scopes suffice for a method, but each only for its kind."""
    assert {"im:history", "groups:history"} < SCOPES.keys()  # where questions are asked
    assert {"channels:read", "groups:read"} < SCOPES.keys()  # whatever channel is configured
