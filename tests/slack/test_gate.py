"""The gate stops each payload that Slack would refuse or misread, for the right reason."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.slack.gate import Surface, check
from tests.slack.gate.pieces import (
    Json,
    actions,
    asking,
    button,
    choice,
    confirm,
    home,
    line,
    message,
    modal,
    mrkdwn,
    option,
    plain,
    rich,
    section,
    typing,
    words,
)

SDK, BLOCKS, KIT, OURS = "slack_sdk", "slackblocks", "blockkit", "ours"
ALL = {SDK, BLOCKS, KIT}


@dataclass(frozen=True)
class Bad:
    """A payload, all who must stop it (nobody else may), and words of one of their reasons."""

    by: set[str]
    reason: str
    payload: Json
    surface: Surface = "message"
    dangerous: tuple[str, ...] = ()


def bad_modal(by: set[str], reason: str, *blocks: Json, **more: Any) -> Bad:
    return Bad(by, reason, modal(*blocks, **more), "modal")


BAD: dict[str, Bad] = {
    # The surface.
    "no blocks": Bad({OURS}, "blocks is not a list", {"text": "Hello"}),
    "a block that is no object": Bad({OURS}, "blocks is not a list", {"blocks": ["Hello"]}),
    "a message as a modal": Bad({OURS}, "type is not modal", message(section()), "modal"),
    "a home as a modal": bad_modal({OURS}, "type is not modal", section(), type="home"),
    "no text": Bad({OURS}, "text is missing", {"blocks": [section()]}),
    "blank text": Bad({OURS}, "text is missing or empty", message(section(), text=" \n")),
    "text too long": Bad({OURS}, "4001", message(section(), text="x" * 4001)),
    "no block in a message": Bad({OURS}, "has 0 blocks", message()),
    "fifty-one blocks": Bad({BLOCKS, OURS}, "51", message(*[{"type": "divider"}] * 51)),
    "blocks too big": Bad({OURS}, "over 13200", message(*[section("x" * 2600)] * 5)),
    "no block in a modal": bad_modal({SDK}, "views must contain between 1 and 100 blocks"),
    "no block in a home": Bad({SDK}, "views must contain", home(), "home"),
    "a hundred and one blocks": bad_modal(ALL, "Length must be", *[{"type": "divider"}] * 101),
    "a view too big": bad_modal({OURS}, "over 250000", *[section("ж" * 3000)] * 50),
    "no title": Bad({BLOCKS, KIT}, "title", {"type": "modal", "blocks": [section()]}, "modal"),
    "title too long": bad_modal(ALL, "title must be", section(), title=plain("t" * 25)),
    "submit too long": bad_modal(ALL, "submit cannot exceed", section(), submit=plain("s" * 25)),
    "close too long": bad_modal(ALL, "close cannot exceed", section(), close=plain("c" * 25)),
    "title in markup": bad_modal({KIT}, "Only plain_text", section(), title=mrkdwn("Deny")),
    "callback_id too long": bad_modal(ALL, "callback_id", section(), callback_id="c" * 256),
    "metadata too long": bad_modal(
        ALL | {OURS}, "private_metadata has 3001", section(), private_metadata="m" * 3001
    ),
    "inputs without submit": bad_modal({BLOCKS}, "submit is required", asking(typing())),
    "unknown key of a modal": bad_modal(ALL, "clear: lost", section(), clear=True),
    "a home with a title": Bad(
        {BLOCKS, KIT}, "title", home(section(), title=plain("Home")), "home"
    ),
    "a home with submit": Bad(ALL, "home view cannot", home(section(), submit=plain("S")), "home"),
    # Blocks.
    "unknown block": Bad(ALL, "unknown type 'nonsense'", message({"type": "nonsense"})),
    "unknown key of a block": Bad(ALL, "txet: lost", message(section(txet="Hello"))),
    "a builder's method as a key": Bad(ALL, "add_field", message(section(add_field=mrkdwn("f")))),
    "section too long": Bad(ALL, "text attribute cannot exceed 3000", message(section("x" * 3001))),
    "section of nothing": Bad(ALL, "text or fields", message({"type": "section"})),
    "empty section": Bad(ALL, "between 1 and 3000", message(section(""))),
    "field too long": Bad(
        {BLOCKS}, "2000", message({"type": "section", "fields": [mrkdwn("f" * 2001)]})
    ),
    "eleven fields": Bad(
        {SDK, BLOCKS}, "fields", message({"type": "section", "fields": [mrkdwn("f")] * 11})
    ),
    "header too long": Bad(ALL, "150", message({"type": "header", "text": plain("h" * 151)})),
    "header in markup": Bad({KIT}, "plain_text", message({"type": "header", "text": mrkdwn("h")})),
    "eleven in a context": Bad(
        ALL, "10 elements", message({"type": "context", "elements": [mrkdwn("c")] * 11})
    ),
    "empty context": Bad(
        {SDK, OURS}, "context without elements", message({"type": "context", "elements": []})
    ),
    "a button in a context": Bad(
        {BLOCKS, KIT}, "Context", message({"type": "context", "elements": [button()]})
    ),
    "block_id too long": Bad(ALL, "block_id", message(section(block_id="b" * 256))),
    "block_id twice": Bad(
        {OURS}, "'b' is used twice", message(section(block_id="b"), section(block_id="b"))
    ),
    "label too long": bad_modal(
        ALL, "label", asking(typing(), label=plain("l" * 2001)), submit=plain("S")
    ),
    "a button as an input": bad_modal(ALL, "element", asking(button()), submit=plain("S")),
    "unknown rich text": Bad(ALL, "nonsense", message(rich({"type": "nonsense", "elements": []}))),
    "a mention of everyone in rich text": Bad(
        {BLOCKS, KIT}, "broadcast", message(rich(line({"type": "broadcast", "range": "channel"})))
    ),
    "empty rich text": Bad({SDK, KIT}, "Length", message(rich(line(words(""))))),
    "unknown style of rich text": Bad(
        {BLOCKS, KIT}, "under", message(rich(line(words(under=True))))
    ),
    "unknown list": Bad(
        {BLOCKS, KIT},
        "style",
        message(rich({"type": "rich_text_list", "style": "stars", "elements": [line(words())]})),
    ),
    # Elements.
    "unknown element": Bad(ALL, "nonsense", message(actions({"type": "nonsense"}))),
    "empty actions": Bad({SDK, OURS}, "actions without elements", message(actions())),
    "twenty-six buttons": Bad(
        ALL, "25 elements", message(actions(*(button(f"a{n}") for n in range(26))))
    ),
    "action_id too long": Bad(ALL, "action_id", message(actions(button("a" * 256)))),
    "action_id twice": Bad({OURS}, "'show' is used twice", message(actions(button(), button()))),
    "action_id twice, beside a text": Bad(
        {OURS},
        "'show' is used twice",
        message(actions(button(), choice("overflow", action_id="show"))),
    ),
    "button's text too long": Bad(ALL, "75", message(actions(button(text=plain("t" * 76))))),
    "button in markup": Bad({KIT}, "Only plain_text", message(actions(button(text=mrkdwn("t"))))),
    "button's value too long": Bad(ALL, "2000", message(actions(button(value="v" * 2001)))),
    "button's url too long": Bad(ALL, "3000", message(actions(button(url="u" * 3001)))),
    "label for readers too long": Bad(
        ALL, "75", message(actions(button(accessibility_label="a" * 76)))
    ),
    "unknown style": Bad({SDK, KIT}, "primary", message(actions(button(style="red")))),
    "two primary buttons": Bad(
        {OURS},
        "more than one primary",
        message(actions(button(style="primary"), button("other", style="primary"))),
    ),
    "url button without action_id": Bad(
        {OURS},
        "url button without action_id",
        message(actions({"type": "button", "text": plain("Docs"), "url": "https://example.com"})),
    ),
    "url button beside a text without action_id": Bad(
        {OURS},
        "blocks[0].accessory: url button without action_id",
        message(section(accessory={"type": "button", "text": plain("D"), "url": "https://a.b"})),
    ),
    "danger that doesn't ask": Bad(
        {OURS}, "'show' can change", message(actions(button())), dangerous=("show",)
    ),
    "danger beside a text": Bad(
        {OURS},
        "blocks[0].accessory: 'overflow' can change",
        message(section(accessory=choice("overflow"))),
        dangerous=("overflow",),
    ),
    "confirm's title too long": Bad(
        ALL, "title", message(actions(button(confirm=confirm(title=plain("t" * 101)))))
    ),
    "confirm's text too long": Bad(
        ALL, "300", message(actions(button(confirm=confirm(text=plain("t" * 301)))))
    ),
    "confirm's button too long": Bad(
        ALL, "30", message(actions(button(confirm=confirm(deny=plain("d" * 31)))))
    ),
    "confirm without text": Bad(
        ALL, "text", message(actions(button(confirm={"title": plain("Sure?")})))
    ),
    "six in an overflow": Bad(ALL, "options", message(actions(choice("overflow", 6)))),
    "a hundred and one options": Bad(ALL, "100", message(actions(choice("static_select", 101)))),
    "a menu without options": Bad(ALL, "options", message(actions(choice("static_select", 0)))),
    "option too long": Bad(
        {BLOCKS, KIT},
        "75",
        message(actions(choice("overflow", options=[option("o" * 76)]))),
    ),
    "option's value too long": Bad(
        {BLOCKS, KIT},
        "150",
        message(actions(choice("overflow", options=[option(value="v" * 151)]))),
    ),
    "no such day": Bad(
        {BLOCKS, KIT},
        "day is out of range",
        message(actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"})),
    ),
    "placeholder too long": bad_modal(
        ALL, "150", asking(typing(placeholder=plain("p" * 151))), submit=plain("S")
    ),
    "longer than an input can be": bad_modal(
        {BLOCKS, KIT}, "3000", asking(typing(max_length=3001)), submit=plain("S")
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_stops_what_slack_refuses(name: str) -> None:
    bad = BAD[name]

    found = check(bad.surface, bad.payload, dangerous=bad.dangerous)

    assert {problem.split(": ")[0] for problem in found} == bad.by, found
    assert any(bad.reason in problem for problem in found), found
