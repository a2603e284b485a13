"""What Slack's payloads say: who acts, on what, and from where. Nothing is believed yet."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.errors import UsageError
from bot.model import Actor

_QUESTION = re.compile(r"(p-[a-z0-9]{4,20}) (sha256:[0-9a-f]{64})")
_PAGE = re.compile(_QUESTION.pattern + r" ([0-9]{1,4})")
_ID = re.compile(r"[A-Z0-9]{2,40}")
_EXECUTION = re.compile(r"x-[a-z0-9]{4,20}")


def actor_of(body: Mapping[str, Any]) -> Actor:
    """Whoever acts: `slack:T…/U…`, by the workspace that the person belongs to.

    It is the person's own team that counts, never that of the payload: people of other workspaces
    can press the buttons of shared channels. Without one the actor is nobody, and is refused.
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    user = body.get("user")
    if isinstance(user, Mapping):
        return _actor(user.get("team_id"), user.get("id"))
    return _actor(body.get("team_id"), body.get("user_id"))


def chooser_of(body: Mapping[str, Any]) -> Actor:
    """Whoever chose a shortcut on a message: by their own workspace, where Slack names it.

    It may not; then it is the one where the shortcut was chosen. Whether they belong there is
    looked up, as for all who act.
    https://docs.slack.dev/tools/bolt-js/reference/interfaces/MessageShortcut
    """
    actor = actor_of(body)
    if not actor.name.startswith("/"):
        return actor
    return Actor("slack", f"{(body.get('team') or {}).get('id') or ''}{actor.name}")


def opener_of(body: Mapping[str, Any]) -> Actor:
    """Whoever opened Home, by the workspace where it was opened: the event tells no other.

    https://docs.slack.dev/reference/events/app_home_opened
    """
    return _actor(body.get("team_id"), (body.get("event") or {}).get("user"))


def _actor(team: object, user: object) -> Actor:
    """The actor of two ids of Slack's; what is none is left out, so that it gets no further."""
    ids = (each if isinstance(each, str) and _ID.fullmatch(each) else "" for each in (team, user))
    return Actor("slack", "/".join(ids))


def is_in_home(body: Mapping[str, Any]) -> bool:
    """Whether a button stands in Home, or a modal was opened from a button that did."""
    return (body.get("view") or {}).get("type") == "home" or opened_from(body) == ""


def opened_from(body: Mapping[str, Any]) -> str | None:
    """The channel of the message that a modal was opened from; empty for Home, None for nothing."""
    try:
        remembered = json.loads((body.get("view") or {}).get("private_metadata") or "")
    except ValueError:
        return None
    channel = remembered.get("c") if isinstance(remembered, dict) else None
    return channel if isinstance(channel, str) else None


@dataclass(frozen=True, slots=True)
class About:
    """The question that a button or modal is about, and the digest that was shown there."""

    proposal_id: str
    digest: str

    @classmethod
    def of_button(cls, body: Mapping[str, Any]) -> Self:
        """By the value of the pressed button. Raises UsageError for a button of another release."""
        match = _QUESTION.fullmatch(value_of(body))
        if match is None:
            raise UsageError("this button is not of this release; look at the newest message")
        return cls(match[1], match[2])

    @classmethod
    def of_page(cls, body: Mapping[str, Any]) -> tuple[Self, int]:
        """By the button to another page of details, with its number. Raises UsageError."""
        match = _PAGE.fullmatch(value_of(body))
        if match is None:
            raise UsageError("this button is not of this release; open the details anew")
        return cls(match[1], match[2]), int(match[3])

    @classmethod
    def of_modal(cls, view: Mapping[str, Any]) -> Self:
        """By what the modal remembers. Raises UsageError where that is not ours."""
        try:
            remembered = json.loads(view.get("private_metadata") or "")
            match = _QUESTION.fullmatch(f"{remembered['p']} {remembered['d']}")
        except (ValueError, KeyError, TypeError):
            match = None
        if match is None:
            raise UsageError("this form is not of this release; open it anew")
        return cls(match[1], match[2])


def execution_of(body: Mapping[str, Any]) -> str:
    """The execution that an Undo button is about. Raises UsageError."""
    value = value_of(body)
    if not _EXECUTION.fullmatch(value):
        raise UsageError("this button is not of this release; look at the newest message")
    return value


def value_of(body: Mapping[str, Any]) -> str:
    """The value of the one element that was used."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and len(actions) == 1 else {}
    value = first.get("value") if isinstance(first, Mapping) else None
    return value if isinstance(value, str) else ""


def entered(view: Mapping[str, Any], name: str) -> str:
    """What was typed, picked or chosen in the input `name`; empty for nothing."""
    values = (view.get("state") or {}).get("values") or {}
    found = (values.get(name) or {}).get(name) or {}
    chosen = found.get("selected_option") or {}
    for each in (found.get("value"), found.get("selected_date"), found.get("selected_user")):
        if isinstance(each, str):
            return each
    value = chosen.get("value") if isinstance(chosen, Mapping) else None
    return value if isinstance(value, str) else ""


def place_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Channel and ts of the message that a button stands on; empty in Home and modals."""
    container = body.get("container") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    return str(channel), str(container.get("message_ts") or "")


def thread_of(body: Mapping[str, Any]) -> str | None:
    """The thread in which the message of a button stands, or None: what is said beside goes there.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    message = body.get("message")
    thread = message.get("thread_ts") if isinstance(message, Mapping) else None
    return thread if isinstance(thread, str) and thread != place_of(body)[1] else None
