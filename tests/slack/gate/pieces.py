"""Block Kit written short, for payloads that are good but for one thing."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "show", **more: Any) -> Json:
    return {"type": "button", "text": plain("Show"), "action_id": action_id, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def confirm(**more: Any) -> Json:
    words = {"title": "Sure?", "text": "It deletes the key.", "confirm": "Yes", "deny": "No"}
    return {key: plain(word) for key, word in words.items()} | more


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def choice(type_: str, count: int = 2, **more: Any) -> Json:
    options = [option(value=str(number)) for number in range(count)]
    return {"type": type_, "action_id": type_, "options": options, **more}


def asking(element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "why", "label": plain("Why?"), "element": element, **more}


def typing(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "reason", "multiline": True, **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def words(text: str = "Hello", **style: bool) -> Json:
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def line(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def message(*blocks: Json, **more: Any) -> Json:
    return {"text": "Hello", "blocks": list(blocks), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Deny"), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}
