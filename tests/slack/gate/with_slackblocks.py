"""What `slackblocks` says: it builds, so each JSON object becomes a call of its constructor.

Its parameters carry the names of Slack's keys, with the exceptions below; an unknown key is a
`TypeError`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import slackblocks as sb
from slackblocks.errors import InvalidUsageError

from tests.slack.gate.shape import MALFORMED, Surface

_TYPED: dict[str, Callable[..., Any]] = {
    "actions": sb.ActionsBlock,
    "context": sb.ContextBlock,
    "divider": sb.DividerBlock,
    "header": sb.HeaderBlock,
    "input": sb.InputBlock,
    "rich_text": sb.RichTextBlock,
    "section": sb.SectionBlock,
    "button": sb.Button,
    "checkboxes": sb.CheckboxGroup,
    "conversations_select": sb.ConversationSelectMenu,
    "datepicker": sb.DatePicker,
    "overflow": sb.OverflowMenu,
    "plain_text_input": sb.PlainTextInput,
    "radio_buttons": sb.RadioButtonGroup,
    "static_select": sb.StaticSelectMenu,
    "users_select": sb.UserSelectMenu,
    "rich_text_list": sb.RichTextList,
    "rich_text_preformatted": sb.RichTextCodeBlock,
    "rich_text_quote": sb.RichTextQuote,
    "rich_text_section": sb.RichTextSection,
    "channel": sb.RichTextChannel,
    "emoji": sb.RichTextEmoji,
    "link": sb.RichTextLink,
    "text": sb.RichText,
    "user": sb.RichTextUser,
    "usergroup": sb.RichTextUserGroup,
    "modal": sb.ModalView,
    "home": sb.HomeTabView,
}
#: Objects without a `type`, by the key that holds them.
_UNTYPED: dict[str, Callable[..., Any]] = {
    "confirm": sb.ConfirmationDialogue,
    "filter": sb.ConversationFilter,
    "initial_option": sb.Option,
    "initial_options": sb.Option,
    "options": sb.Option,
}
_RENAMED = {"usergroup_id": "user_group_id"}


def problems(surface: Surface, payload: dict[str, Any]) -> Iterator[str]:
    blocks = []
    for index, raw in enumerate(payload["blocks"]):
        try:
            blocks.append(_built("blocks", raw))
        except (InvalidUsageError, *MALFORMED) as error:
            yield f"blocks[{index}]: {error}"
    if len(blocks) < len(payload["blocks"]):
        return  # without all its blocks, what the surface says means nothing
    rest = {key: value for key, value in payload.items() if key not in ("type", "blocks")}
    try:
        if surface == "message":
            sb.Message(channel="C1", text=payload.get("text"), blocks=blocks)
        else:
            _TYPED[surface](blocks=blocks, **_arguments(rest))
    except (InvalidUsageError, *MALFORMED) as error:
        yield f"{surface}: {error}"


def _built(key: str, raw: Any) -> Any:
    """The slackblocks value of `raw`, found under `key`."""
    if isinstance(raw, list):
        return [_built(key, item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    type_ = raw.get("type")
    if type_ in ("plain_text", "mrkdwn"):
        return sb.Text.from_dict(raw)
    constructor = _UNTYPED.get(key) if type_ is None else _TYPED.get(type_)
    if constructor is None:
        raise TypeError(f"unknown type {type_!r} under {key}")
    return constructor(**_arguments(raw))


def _arguments(raw: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for key, value in raw.items():
        if key == "style" and isinstance(value, dict):
            arguments.update(value)  # rich text: bold, italic, strike and code are arguments
        elif key != "type":
            arguments[_RENAMED.get(key, key)] = _built(key, value)
    return arguments
