"""Slack's limits on messages and views, as strict as Slack is.

https://docs.slack.dev/reference/block-kit/blocks; the total size of a message's blocks (about
13,200 characters, `msg_blocks_too_long`) is not documented: slackapi/bolt-js #2509.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.slack.double.refusals import Refused

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_SIZE, VIEW_SIZE = 13_200, 250_000
PRIVATE_METADATA, METADATA_SIZE = 3000, 16_000

_BLOCKS = {
    "section", "actions", "context", "divider", "header", "input", "image", "rich_text",
    "markdown", "table",
}  # fmt: skip
_OPTIONED = {
    "static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes",
}  # fmt: skip
_ELEMENTS = _OPTIONED | {
    "button", "datepicker", "timepicker", "datetimepicker", "image", "plain_text_input",
    "number_input", "email_text_input", "url_text_input", "rich_text_input", "users_select",
    "multi_users_select", "conversations_select", "multi_conversations_select",
    "channels_select", "multi_channels_select",
}  # fmt: skip
_MOST_OPTIONS = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}
#: Where a text may stand, how long it may be, and whether it must be plain.
_ELEMENT_TEXTS = {"text": (75, True), "placeholder": (150, True)}
_CONFIRM_TEXTS = {
    "title": (100, True), "text": (300, False), "confirm": (30, True), "deny": (30, True),
}  # fmt: skip


def _text(value: Any, most: int, where: str, *, plain: bool) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in {"plain_text", "mrkdwn"}:
        yield f"not a text object [json-pointer:{where}]"
        return
    words = value.get("text")
    if plain and value["type"] != "plain_text":
        yield f"must be plain_text [json-pointer:{where}]"
    if not isinstance(words, str) or not 1 <= len(words) <= most:
        yield f"must have 1 to {most} characters [json-pointer:{where}/text]"


def _most(value: dict[str, Any], limits: dict[str, int], where: str) -> Iterator[str]:
    for name, most in limits.items():
        if name in value and (not isinstance(value[name], str) or len(value[name]) > most):
            yield f"must be text of at most {most} characters [json-pointer:{where}/{name}]"


def _options(element: dict[str, Any], where: str) -> Iterator[str]:
    options = element.get("options") or [
        option for group in element.get("option_groups", []) for option in group["options"]
    ]
    if not 1 <= len(options) <= _MOST_OPTIONS.get(element["type"], 100):
        yield f"wrong number of options: {len(options)} [json-pointer:{where}/options]"
    if len({option.get("value") for option in options}) != len(options):
        yield f"options share a value [json-pointer:{where}/options]"
    for at, option in enumerate(options):
        yield from _text(option.get("text"), 75, f"{where}/options/{at}/text", plain=False)
        yield from _most(option, {"value": 150}, f"{where}/options/{at}")


def _element(element: Any, where: str) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") not in _ELEMENTS:
        yield f"unsupported type [json-pointer:{where}]"
        return
    yield from _most(
        element, {"action_id": 255, "value": 2000, "url": 3000, "accessibility_label": 75}, where
    )
    for name, (most, plain) in _ELEMENT_TEXTS.items():
        if name in element:
            yield from _text(element[name], most, f"{where}/{name}", plain=plain)
    if element["type"] == "button" and "text" not in element:
        yield f"a button needs text [json-pointer:{where}]"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield f"must be primary or danger [json-pointer:{where}/style]"
    if element["type"] in _OPTIONED:
        yield from _options(element, where)
    for name, (most, plain) in _CONFIRM_TEXTS.items() if "confirm" in element else ():
        inner = element["confirm"].get(name)
        if inner is not None or name in {"title", "text"}:
            yield from _text(inner, most, f"{where}/confirm/{name}", plain=plain)


def _section(block: dict[str, Any], where: str) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield f"a section needs text or fields [json-pointer:{where}]"
    if "text" in block:
        yield from _text(block["text"], 3000, f"{where}/text", plain=False)
    if len(fields) > 10:
        yield f"no more than 10 fields [json-pointer:{where}/fields]"
    for at, one in enumerate(fields):
        yield from _text(one, 2000, f"{where}/fields/{at}", plain=False)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{where}/accessory")


def _row(block: dict[str, Any], where: str) -> Iterator[str]:
    inner = block.get("elements", [])
    most = 25 if block["type"] == "actions" else 10
    if not 1 <= len(inner) <= most:
        yield f"must have 1 to {most} elements [json-pointer:{where}/elements]"
    for at, element in enumerate(inner):
        if element.get("type") in {"mrkdwn", "plain_text"} and block["type"] == "context":
            yield from _text(element, 3000, f"{where}/elements/{at}", plain=False)
        else:
            yield from _element(element, f"{where}/elements/{at}")
    ids = [element["action_id"] for element in inner if "action_id" in element]
    if len(ids) != len(set(ids)):
        yield f"action_id used twice [json-pointer:{where}/elements]"


def _input(block: dict[str, Any], where: str) -> Iterator[str]:
    yield from _text(block.get("label"), 2000, f"{where}/label", plain=True)
    if "hint" in block:
        yield from _text(block["hint"], 2000, f"{where}/hint", plain=True)
    yield from _element(block.get("element"), f"{where}/element")


def _block(block: Any, where: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS:
        yield f"unsupported type: {kind} [json-pointer:{where}/type]"
        return
    yield from _most(block, {"block_id": 255}, where)
    if kind == "section":
        yield from _section(block, where)
    elif kind in {"actions", "context"}:
        yield from _row(block, where)
    elif kind == "input":
        yield from _input(block, where)
    elif kind == "header":
        yield from _text(block.get("text"), 150, f"{where}/text", plain=True)
    elif kind == "markdown":
        yield from _most(block, {"text": 12_000}, where)


def problems(blocks: Any, most: int, where: str = "/blocks") -> list[str]:
    """What Slack would refuse in these blocks, in Slack's manner of pointing at it."""
    if not isinstance(blocks, list):
        return [f"must be a list [json-pointer:{where}]"]
    found = [f"no more than {most} items allowed [json-pointer:{where}]"] * (len(blocks) > most)
    for at, block in enumerate(blocks):
        found += _block(block, f"{where}/{at}")
    if not found:
        ids = [block["block_id"] for block in blocks if "block_id" in block]
        found += [f"block_id used twice [json-pointer:{where}]"] * (len(ids) != len(set(ids)))
    return found


def _refuse(code: str, found: list[str]) -> None:
    if found:
        errors = [f"[ERROR] {one}" for one in found]
        raise Refused(code, errors=found, response_metadata={"messages": errors})


def check_message(blocks: Any) -> None:
    """Refuse blocks that Slack wouldn't take in a message."""
    _refuse("invalid_blocks", problems(blocks, MESSAGE_BLOCKS))
    if len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_SIZE:
        raise Refused("msg_blocks_too_long")


def check_metadata(metadata: Any) -> None:
    """Refuse metadata that isn't an event's type and payload."""
    if not (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_SIZE:
        raise Refused("metadata_too_large")


def check_view(view: Any, kind: str) -> None:
    """Refuse a view that Slack wouldn't take as a `modal` or `home`."""
    if not isinstance(view, dict) or view.get("type") != kind:
        _refuse("invalid_arguments", [f"must be a {kind} [json-pointer:/view/type]"])
    if len(json.dumps(view)) > VIEW_SIZE:
        raise Refused("view_too_large")
    found = problems(view.get("blocks"), VIEW_BLOCKS, "/view/blocks")
    found += _most(view, {"private_metadata": PRIVATE_METADATA, "callback_id": 255}, "/view")
    if kind == "modal":
        found += _text(view.get("title"), 24, "/view/title", plain=True)
        for name in ("submit", "close"):
            if view.get(name) is not None:
                found += _text(view[name], 24, f"/view/{name}", plain=True)
        if not found and not view.get("submit"):
            inputs = any(block["type"] == "input" for block in view["blocks"])
            found += ["inputs need a submit button [json-pointer:/view/submit]"] * inputs
    _refuse("invalid_arguments", found)
