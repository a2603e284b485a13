"""The Slack app as a manifest: what Locksmith asks a workspace for, and why.

https://docs.slack.dev/reference/app-manifest. People paste it where Slack makes an app; the scopes
in it are all that Locksmith needs, and what it looks for when it starts.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import yaml

from bot.errors import UsageError

#: What the bot token may do, each with its reason.
SCOPES: Mapping[str, str] = MappingProxyType({
    "chat:write": "ask, remind, and keep every message true after it was sent",
    "commands": "/locksmith, and the shortcut on a message",
    "im:write": "open the direct message in which an owner is asked",
    "im:history": "look there whether a message arrived whose answer was lost, to send it once",
    "groups:history": "the same in the private security channel",
    "users:read": "who a person is: deactivated, guest or bot decide nothing; their time zone",
    "users:read.email": "find an owner by e-mail address, in your verified domains only",
    "usergroups:read": "who is in a user group that may approve",
    "channels:read": "whether a channel is public or shared outside: there a card names nothing",
    "groups:read": "the same of private channels, and who is in one whose members may approve",
})  # fmt: skip

#: What the app-level token may do. Slack's manifest has no place for it: it is made by hand.
APP_SCOPES: Mapping[str, str] = MappingProxyType({
    "connections:write": "open the connection of Socket Mode",
})  # fmt: skip

COMMAND = "/locksmith"
SHORTCUT = "what_is_this_key"
EVENTS_PATH = "/slack/events"

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_WIDTH = 1000  # no line is folded

_SOCKET_HEAD = """\
# Locksmith as a Slack app, for Socket Mode: no public address is needed.
#
# Make the app at https://api.slack.com/apps: Create New App, From a manifest, paste this. Then make
# an app-level token under Basic Information, with this scope, and install the app:
#   {app_scopes}
"""
_HTTP_HEAD = """\
# Locksmith as a Slack app, for HTTP mode: Slack sends its requests to the address below.
#
# Make the app at https://api.slack.com/apps: Create New App, From a manifest, paste this. Install
# the app, start `locksmith serve` with its secrets, and let Slack verify the address under Event
# Subscriptions.
"""


def manifest(url: str | None = None) -> dict[str, Any]:
    """The manifest: for Socket Mode, or with a `url` for HTTP mode.

    `url` is the public https address under which `/slack/events` is reached. Raises UsageError
    when it is none.
    """
    target = None if url is None else _target(url)
    return {
        "display_information": {
            "name": "Locksmith",
            "description": "Asks owners before it fixes violations of AWS IAM best practices.",
        },
        "features": _features(target),
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": _settings(target),
    }


def _features(target: str | None) -> dict[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": "locksmith", "always_online": False},
        "shortcuts": [
            {
                "type": "message",
                "name": "What is this key?",
                "callback_id": SHORTCUT,
                "description": "Looks up the access key id in a message.",
            }
        ],
        "slash_commands": [
            {
                "command": COMMAND,
                "description": "See findings, decide, undo, pause.",
                "usage_hint": "help | status | mine | findings | show ID | approve ID",
                # @people and #channels come as ids, which nobody can imitate in text.
                "should_escape": True,
                **({"url": target} if target else {}),
            }
        ],
    }


def _settings(target: str | None) -> dict[str, Any]:
    requests = {"request_url": target} if target else {}
    return {
        "event_subscriptions": {**requests, "bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True, **requests},
        "org_deploy_enabled": False,
        "socket_mode_enabled": target is None,
        "token_rotation_enabled": False,
    }


def manifest_text(url: str | None = None) -> str:
    """The manifest as YAML, with the reason for each scope beside it. Raises as `manifest`."""
    lines = yaml.safe_dump(manifest(url), sort_keys=False, width=_WIDTH).splitlines()
    head = _HTTP_HEAD
    if url is None:
        scopes = (f"{scope}  # {reason}" for scope, reason in APP_SCOPES.items())
        head = _SOCKET_HEAD.format(app_scopes="\n#   ".join(scopes))
    return head + "".join(f"{_explained(line)}\n" for line in lines)


def _explained(line: str) -> str:
    reason = SCOPES.get(line.strip().removeprefix("- "))
    return line if reason is None else f"{line}  # {reason}"


def _target(url: str) -> str:
    if not _ADDRESS.fullmatch(url):
        raise UsageError(
            "the address must start with https:// and have neither a query nor a fragment",
            hint="Give the public one, such as https://locksmith.example.com.",
        )
    return url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH
