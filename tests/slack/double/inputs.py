"""What a person chooses or types, as Slack reports it; what Slack's client wouldn't let through."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.slack.double.blocks import Element

#: Type of element -> where its answer stands, for those whose answer is one plain value.
_PLAIN = {
    "plain_text_input": "value", "number_input": "value", "email_text_input": "value",
    "url_text_input": "value", "datepicker": "selected_date", "timepicker": "selected_time",
    "datetimepicker": "selected_date_time", "users_select": "selected_user",
    "conversations_select": "selected_conversation", "channels_select": "selected_channel",
    "multi_users_select": "selected_users", "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}  # fmt: skip
_ONE = {"static_select", "radio_buttons", "overflow"}
_MANY = {"multi_static_select", "checkboxes"}
#: What stands there before anybody touched it, by the name of the answer.
_INITIAL = {
    "value": "initial_value", "selected_date": "initial_date", "selected_time": "initial_time",
    "selected_date_time": "initial_date_time", "selected_user": "initial_user",
    "selected_conversation": "initial_conversation", "selected_channel": "initial_channel",
    "selected_users": "initial_users", "selected_channels": "initial_channels",
    "selected_conversations": "initial_conversations", "selected_option": "initial_option",
    "selected_options": "initial_options",
}  # fmt: skip

#: Filled in by a test: by block id, action id, or both.
Filled = Mapping[str | tuple[str, str], Any]


def _slot(element: Element) -> str:
    if element.type in _ONE:
        return "selected_option"
    return "selected_options" if element.type in _MANY else _PLAIN[element.type]


def _option(element: Element, choice: str) -> dict[str, Any]:
    """The option with that value or that text."""
    groups = element.json.get("option_groups", [])
    options = [*element.json.get("options", []), *(one for g in groups for one in g["options"])]
    found = [
        one for one in options if choice in (one.get("value"), one["text"]["text"])
    ]  # fmt: skip
    assert len(found) == 1, f"{len(found)} options {choice!r} in {element.action_id}: {options}"
    return dict(found[0])


def answer_of(element: Element, choice: Any) -> dict[str, Any]:
    """The answer of one element: `{"type": …, "selected_option": …}`."""
    assert element.type != "button", "buttons are clicked, not chosen from"
    if element.type in _ONE:
        choice = _option(element, choice)
    elif element.type in _MANY:
        choice = [_option(element, one) for one in choice]
    elif element.type == "plain_text_input":
        shortest, longest = element.json.get("min_length", 0), element.json.get("max_length", 3000)
        assert shortest <= len(choice) <= longest, f"{element.action_id}: {shortest}..{longest}"
        assert element.json.get("multiline") or "\n" not in choice, "one line only"
    return {"type": element.type, _slot(element): choice}


def _untouched(element: Element) -> dict[str, Any]:
    slot = _slot(element)
    empty: Any = [] if slot in {"selected_options", "selected_users"} else None
    return {"type": element.type, slot: element.json.get(_INITIAL[slot], empty)}


def state_of(
    elements: Iterable[Element], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """`state.values`: every element that keeps one, with what is `known` of it."""
    values: dict[str, dict[str, Any]] = {}
    for element in elements:
        if element.type in {"button", "overflow"}:
            continue
        answer = known.get(element.block_id, {}).get(element.action_id) or _untouched(element)
        values.setdefault(element.block_id, {})[element.action_id] = answer
    return values


def fill(
    elements: list[Element], known: Mapping[str, Mapping[str, Any]], filled: Filled
) -> dict[str, dict[str, Any]]:
    """`state.values` after a person filled these in; `AssertionError` for what they can't.

    They can't fill in what isn't there, and can't submit while something required is empty.
    """
    touched: dict[str, dict[str, Any]] = {block: dict(kept) for block, kept in known.items()}
    left = dict(filled)
    for element in elements:
        both = (element.block_id, element.action_id)
        names = [name for name in (both, *both) if name in left]
        if names:
            answer = answer_of(element, left.pop(names[0]))
            touched.setdefault(element.block_id, {})[element.action_id] = answer
    assert not left, f"nothing to fill in for {sorted(map(str, left))}"
    values = state_of(elements, touched)
    for element in elements:
        if element.in_input and not element.optional:
            kept = values[element.block_id][element.action_id][_slot(element)]
            assert kept not in (None, "", []), f"{element.action_id} is required"
    return values
