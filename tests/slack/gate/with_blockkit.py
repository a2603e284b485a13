"""What `blockkit` says: it builds too, with one setter for each of Slack's keys."""

from collections.abc import Callable, Iterator
from typing import Any

import blockkit as bk
from blockkit.core import ComponentValidationError, FieldValidationError

from tests.slack.gate.shape import MALFORMED, Surface

_TYPED: dict[str, Callable[[], Any]] = {
    "actions": bk.Actions,
    "context": bk.Context,
    "divider": bk.Divider,
    "header": bk.Header,
    "input": bk.Input,
    "rich_text": bk.RichText,
    "section": bk.Section,
    "button": bk.Button,
    "checkboxes": bk.Checkboxes,
    "conversations_select": bk.ConversationsSelect,
    "datepicker": bk.DatePicker,
    "overflow": bk.Overflow,
    "plain_text_input": bk.PlainTextInput,
    "radio_buttons": bk.RadioButtons,
    "static_select": bk.StaticSelect,
    "users_select": bk.UsersSelect,
    "rich_text_list": bk.RichTextList,
    "rich_text_preformatted": bk.RichTextPreformatted,
    "rich_text_quote": bk.RichTextQuote,
    "rich_text_section": bk.RichTextSection,
    "channel": bk.RichChannelEl,
    "emoji": bk.RichEmojiEl,
    "link": bk.RichLinkEl,
    "text": bk.RichTextEl,
    "user": bk.RichUserEl,
    "usergroup": bk.RichUserGroupEl,
    "modal": bk.Modal,
    "home": bk.Home,
}
#: Objects without a `type`, by the key that holds them.
_UNTYPED: dict[str, Callable[[], Any]] = {
    "confirm": bk.Confirm,
    "filter": bk.ConversationFilter,
    "initial_option": bk.Option,
    "initial_options": bk.Option,
    "options": bk.Option,
    "style": bk.RichStyle,
}


def problems(surface: Surface, payload: dict[str, Any]) -> Iterator[str]:
    good = True
    for index, raw in enumerate(payload["blocks"]):
        try:
            _component("blocks", raw).build()
        except (FieldValidationError, ComponentValidationError, *MALFORMED) as error:
            good = False
            yield f"blocks[{index}]: {error}"
    if not good:
        return  # without all its blocks, what the surface says means nothing
    # Built anew: building changes a date picker so that it can't be built again.
    blocks = [_component("blocks", raw) for raw in payload["blocks"]]
    try:
        if surface == "message":
            bk.Message(text=payload.get("text"), blocks=blocks).build()
        else:
            rest = {key: value for key, value in payload.items() if key not in ("type", "blocks")}
            _with_fields(_TYPED[surface]().blocks(*blocks), rest).build()
    except (FieldValidationError, ComponentValidationError, *MALFORMED) as error:
        yield f"{surface}: {error}"


def _component(key: str, raw: dict[str, Any]) -> Any:
    """The blockkit component of `raw`, found under `key`."""
    type_ = raw.get("type")
    if type_ in ("plain_text", "mrkdwn"):
        # Not by setters: that of `text` guesses a type of its own.
        return bk.Text(**raw)
    constructor = _UNTYPED.get(key) if type_ is None else _TYPED.get(type_)
    if constructor is None:
        raise TypeError(f"unknown type {type_!r} under {key}")
    return _with_fields(constructor(), {k: v for k, v in raw.items() if k != "type"})


def _with_fields(component: Any, fields: dict[str, Any]) -> Any:
    for key, raw in fields.items():
        if key not in component._fields:
            raise TypeError(f"{type(component).__name__} has no field {key!r}")
        value = raw if isinstance(raw, list) else [raw]
        getattr(component, key)(*(_component(key, v) if isinstance(v, dict) else v for v in value))
    return component
