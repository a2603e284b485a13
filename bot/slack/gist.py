"""What of a payload is written down while it is dealt with: who, on what, and their words.

Nothing that opens anything is among it: no token, no address for answers, no one-time code.
"""

from collections.abc import Mapping
from typing import Any

_SIMPLE = ("type", "team_id", "user_id", "channel_id", "command", "text")
_PARTS: Mapping[str, tuple[str, ...]] = {
    "user": ("id", "team_id"),
    "team": ("id",),
    "channel": ("id",),
    "container": ("type", "channel_id", "message_ts", "is_ephemeral"),
    "message": ("ts", "thread_ts"),
    "view": ("id", "type", "callback_id", "private_metadata"),
}
_ACTION = ("action_id", "value")
#: The input of a form that is good for half a minute, and for nobody else to see.
_CODE = "code"
_LEFT_OUT = "code_left_out"


def gist(body: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a payload that decides, and where its answer goes."""
    found = _of(body, _SIMPLE)
    for name, wanted in _PARTS.items():
        if isinstance(body.get(name), Mapping):
            found[name] = _of(body[name], wanted)
    actions = body.get("actions")
    if isinstance(actions, list):
        found["actions"] = [_of(each, _ACTION) for each in actions if isinstance(each, Mapping)]
    state = (body.get("view") or {}).get("state")
    if isinstance(state, Mapping):
        values = state.get("values")
        answers = values if isinstance(values, Mapping) else {}
        kept = {name: answer for name, answer in answers.items() if name != _CODE}
        found["view"]["state"] = {"values": kept}
        if _CODE in answers:
            found["view"][_LEFT_OUT] = True
    return found


def lacks_code(body: Mapping[str, Any]) -> bool:
    """Whether this is the gist of a form that had a one-time code, without which it says little."""
    return (body.get("view") or {}).get(_LEFT_OUT) is True


def _of(part: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, Any]:
    """Those of its entries that are plain words or truths."""
    return {name: part[name] for name in wanted if isinstance(part.get(name), str | bool)}
