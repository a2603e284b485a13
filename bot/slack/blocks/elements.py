"""Block Kit written short. Text comes in as `Markup`, or as plain text where Slack reads none.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.slack.blocks.escape import Markup, cut, mrkdwn, plain, say

Block = dict[str, Any]
Payload = dict[str, Any]

_NOTIFICATION = 3_000


def header(text: str) -> Block:
    """A line in large letters."""
    return {"type": "header", "text": plain(text, 150)}


def section(text: Markup, *, accessory: Block | None = None, limit: int = 3_000) -> Block:
    """A paragraph, with a button beside it where given."""
    block: Block = {"type": "section", "text": mrkdwn(text, limit)}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(facts: Mapping[str, Markup]) -> Block:
    """Up to ten facts in two columns, each below its name."""
    shown = list(facts.items())[:10]
    texts = [
        mrkdwn(say("*{name}*\n{value}", name=name, value=value), 2_000) for name, value in shown
    ]
    return {"type": "section", "fields": texts}


def context(*texts: Markup) -> Block:
    """Small print, up to ten texts side by side."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:10]]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Buttons in a row."""
    return {"type": "actions", "elements": list(elements)}


def button(
    text: str, action_id: str, value: str, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    """A button; `style` is primary or danger, `confirm` asks before it acts."""
    made: Block = {
        "type": "button",
        "text": plain(text, 75),
        "action_id": action_id,
        "value": value,
    }
    if style is not None:
        made["style"] = style
    return made if confirm is None else {**made, "confirm": confirm}


def confirmation(
    title: str, text: str, yes: str, *, no: str = "Back", danger: bool = False
) -> Block:
    """The dialog that asks once more, naming the effect."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": "danger" if danger else "primary",
    }


def asking(
    name: str, label: str, element: Block, *, optional: bool = False, hint: str = ""
) -> Block:
    """An input whose block id and action id are both `name`."""
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2_000),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return {**made, "hint": plain(hint, 2_000)} if hint else made


def typing(
    *, longest: int, shortest: int = 0, multiline: bool = False, placeholder: str = ""
) -> Block:
    """A field to type into, for `asking`."""
    made: Block = {
        "type": "plain_text_input",
        "multiline": multiline,
        "max_length": longest,
        "min_length": shortest,
    }
    return {**made, "placeholder": plain(placeholder, 150)} if placeholder else made


def choice(options: Mapping[str, str], *, chosen: str) -> Block:
    """Radio buttons from value to text, for `asking`; `chosen` is one of the values."""
    made = {value: {"text": plain(text, 75), "value": value} for value, text in options.items()}
    return {
        "type": "radio_buttons",
        "options": list(made.values()),
        "initial_option": made[chosen],
    }


def colleague() -> Block:
    """A person of the workspace to pick, for `asking`."""
    return {"type": "users_select", "placeholder": plain("Who?", 150)}


def day(chosen: date | None = None) -> Block:
    """A date to pick, for `asking`."""
    made: Block = {"type": "datepicker"}
    return made if chosen is None else {**made, "initial_date": chosen.isoformat()}


def message(text: Markup, blocks: Sequence[Block]) -> Payload:
    """A message; `text` is its one sentence for notifications and screen readers."""
    return {"text": cut(text, _NOTIFICATION), "blocks": list(blocks)}


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str = "",
    submit: str = "",
    close: str = "Back",
    private_metadata: str = "",
) -> Payload:
    """A modal; one without `submit` has nothing to send."""
    made: Payload = {
        "type": "modal",
        "title": plain(title, 24),
        "blocks": list(blocks),
        "close": plain(close, 24),
    }
    if submit:
        made["submit"] = plain(submit, 24)
    if callback_id:
        made["callback_id"] = callback_id
    if private_metadata:
        made["private_metadata"] = private_metadata
    return made


def home(blocks: Sequence[Block]) -> Payload:
    """The Home tab."""
    return {"type": "home", "blocks": list(blocks)}
