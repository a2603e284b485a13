"""The payloads that Slack sends, shaped as Slack shapes them.

https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from typing import Any

from tests.slack.double.blocks import Element
from tests.slack.double.inputs import state_of
from tests.slack.double.messages import Message
from tests.slack.double.modals import View
from tests.slack.double.people import Channel, User
from tests.slack.double.workspace import Workspace

_TOKEN = "verification-token-nobody-should-use"


def _from(workspace: Workspace, kind: str, user: User) -> dict[str, Any]:
    """What every interaction says. `user.team_id` is the person's own workspace."""
    return {
        "type": kind, "token": _TOKEN, "api_app_id": workspace.app_id,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "user": {
            "id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id,
        },
        "enterprise": None, "is_enterprise_install": False,
    }  # fmt: skip


def _action(element: Element, answer: dict[str, Any], ts: str) -> dict[str, Any]:
    kept = {
        name: element.json[name] for name in ("text", "value", "style", "confirm")
        if name in element.json and element.type == "button"
    }  # fmt: skip
    return {
        "action_id": element.action_id, "block_id": element.block_id, "type": element.type,
        **kept, **answer, "action_ts": ts,
    }  # fmt: skip


def on_message(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    element: Element,
    answer: dict[str, Any],
    response_url: str,
) -> dict[str, Any]:
    """block_actions on a message. An ephemeral message isn't sent back, only its time."""
    ephemeral = message.ephemeral_for is not None
    chosen = {} if element.type in {"button", "overflow"} else {element.action_id: answer}
    payload = _from(workspace, "block_actions", user) | {
        "container": {
            "type": "message", "message_ts": message.ts, "channel_id": channel.id,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "channel": {"id": channel.id, "name": channel.shown_name},
        "trigger_id": workspace.trigger(user.id), "response_url": response_url,
        "state": {"values": state_of(message.elements(), {element.block_id: chosen})},
        "actions": [_action(element, answer, workspace.ts())],
    }  # fmt: skip
    return payload if ephemeral else payload | {"message": message.as_slack()}


def on_view(
    workspace: Workspace, user: User, view: View, element: Element, answer: dict[str, Any]
) -> dict[str, Any]:
    """block_actions in a modal or in App Home."""
    return _from(workspace, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.trigger(user.id, view.id if view.type == "modal" else None),
        "view": view.as_slack(),
        "actions": [_action(element, answer, workspace.ts())],
    }


def view_submission(workspace: Workspace, user: User, view: View) -> dict[str, Any]:
    """The submit button of a modal."""
    return _from(workspace, "view_submission", user) | {
        "trigger_id": workspace.trigger(user.id, view.id), "view": view.as_slack(),
        "response_urls": [],
    }  # fmt: skip


def view_closed(workspace: Workspace, user: User, view: View, *, all_: bool) -> dict[str, Any]:
    """The close button of a modal."""
    return _from(workspace, "view_closed", user) | {
        "view": view.as_slack(), "is_cleared": all_,
    }  # fmt: skip


def command(
    workspace: Workspace, user: User, channel: Channel, name: str, text: str, response_url: str
) -> dict[str, Any]:
    """A slash command: flat, because it is a form."""
    return {
        "token": _TOKEN, "team_id": workspace.team_id, "team_domain": workspace.domain,
        "channel_id": channel.id, "channel_name": channel.shown_name, "user_id": user.id,
        "user_name": user.name, "command": name, "text": text, "api_app_id": workspace.app_id,
        "is_enterprise_install": "false", "response_url": response_url,
        "trigger_id": workspace.trigger(user.id),
    }  # fmt: skip


def message_shortcut(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    callback_id: str,
    response_url: str,
) -> dict[str, Any]:
    """A shortcut in the menu of a message; it need not name the person's own workspace.

    https://docs.slack.dev/tools/bolt-js/reference/interfaces/MessageShortcut
    """
    return _from(workspace, "message_action", user) | {
        "user": {"id": user.id, "name": user.name},
        "callback_id": callback_id, "action_ts": workspace.ts(), "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.shown_name},
        "message": message.as_slack(), "response_url": response_url,
        "trigger_id": workspace.trigger(user.id),
    }  # fmt: skip


def home_opened(workspace: Workspace, user: User, home: View | None) -> dict[str, Any]:
    """The event of somebody opening the app's Home tab."""
    event: dict[str, Any] = {
        "type": "app_home_opened", "user": user.id, "channel": workspace.dm(user.id).id,
        "tab": "home", "event_ts": workspace.ts(),
    }  # fmt: skip
    if home is not None:
        event["view"] = home.as_slack()
    return {
        "token": _TOKEN, "team_id": workspace.team_id, "api_app_id": workspace.app_id,
        "event": event, "type": "event_callback", "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock().timestamp()), "is_ext_shared_channel": False,
        "authorizations": [{
            "enterprise_id": None, "team_id": workspace.team_id, "user_id": workspace.bot_user,
            "is_bot": True, "is_enterprise_install": False,
        }],
    }  # fmt: skip
