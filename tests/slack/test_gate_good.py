"""The gate lets through what Slack takes, up to each limit."""

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


def longest() -> Json:
    """A modal with everything at its limit."""
    return modal(
        {"type": "header", "text": plain("h" * 150), "block_id": "b" * 255},
        {"type": "section", "fields": [mrkdwn("f" * 2000)] * 10},
        section("s" * 3000, accessory=choice("overflow", 5)),
        {"type": "context", "elements": [mrkdwn("c" * 3000)] * 10},
        actions(*(button("a" * 250 + f"{number:05}", value="v" * 2000) for number in range(25))),
        asking(typing(max_length=3000, placeholder=plain("p" * 150)), label=plain("l" * 2000)),
        *({"type": "divider"} for _ in range(94)),
        title=plain("t" * 24),
        submit=plain("s" * 24),
        close=plain("c" * 24),
        private_metadata="m" * 3000,
        callback_id="c" * 255,
    )


GOOD: dict[str, tuple[Surface, Json]] = {
    "a plain message": ("message", message(section())),
    "other arguments of the call": ("message", message(section(), unfurl_links=False)),
    "fields": ("message", message({"type": "section", "fields": [mrkdwn("*Who*"), plain("me")]})),
    "a button beside a text": ("message", message(section(accessory=button()))),
    "a menu beside a text": ("message", message(section(accessory=choice("overflow")))),
    "header, divider, context": (
        "message",
        message(
            {"type": "header", "text": {**plain("Key"), "emoji": True}},
            {"type": "divider"},
            {"type": "context", "elements": [mrkdwn("_now_"), plain("then")]},
        ),
    ),
    "every element of actions": (
        "message",
        message(
            actions(
                button("approve", style="primary", value="p-1", confirm=confirm(style="primary")),
                button("deny", style="danger", accessibility_label="Deny the removal"),
                button("docs", url="https://example.com"),
                choice("overflow"),
                choice(
                    "static_select",
                    placeholder=plain("Until when?"),
                    initial_option=option(value="0"),
                ),
                {"type": "datepicker", "action_id": "until", "initial_date": "2026-11-25"},
                block_id="decide",
            )
        ),
    ),
    "everything of rich text": (
        "message",
        message(
            rich(
                line(words("bold", bold=True), words(code=True), {"type": "user", "user_id": "U1"}),
                line({"type": "link", "url": "https://example.com", "text": "docs"}),
                line({"type": "usergroup", "usergroup_id": "S1"}, {"type": "emoji", "name": "key"}),
                line({"type": "channel", "channel_id": "C1"}),
                {"type": "rich_text_preformatted", "elements": [words("DeleteAccessKey")]},
                {"type": "rich_text_quote", "elements": [words("<!channel> & `co`")]},
                {"type": "rich_text_list", "style": "bullet", "elements": [line(words())]},
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": 1,
                    "elements": [line(words())],
                },
            )
        ),
    ),
    "every input": (
        "modal",
        modal(
            *(
                asking(element, block_id=element["action_id"], optional=True, hint=plain("Short"))
                for element in (
                    typing(min_length=1, max_length=3000, initial_value="because"),
                    choice("static_select"),
                    choice("radio_buttons", initial_option=option(value="0")),
                    choice("checkboxes", initial_options=[option(value="1")]),
                    {"type": "datepicker", "action_id": "until"},
                    {"type": "users_select", "action_id": "whose", "initial_user": "U1"},
                    {
                        "type": "conversations_select",
                        "action_id": "where",
                        "filter": {"include": ["public"], "exclude_bot_users": True},
                    },
                )
            ),
            submit=plain("Send"),
            close=plain("Back"),
            callback_id="deny",
            notify_on_close=True,
            clear_on_close=True,
            private_metadata="p-1",
        ),
    ),
    "a modal without inputs": ("modal", modal(section())),
    "a home": ("home", home(section(), actions(button()), private_metadata="x", callback_id="h")),
    "everything at its limit": ("modal", longest()),
    "fifty blocks": ("message", message(*[{"type": "divider"}] * 50)),
    "the longest text": ("message", message(section("x" * 3000), text="x" * 4000)),
    "nearly the most blocks hold": ("message", message(*[section("x" * 2580)] * 5)),
    "markup of ours": (
        "message",
        message(
            section("Asked:\n> <@U1> or <@W2>, <!subteam^S3>: <#C4>, R&amp;D &lt;b&gt;"),
            text="Until <!date^1764000000^{date_short_pretty} at {time}|Nov 24, 17:20 UTC>",
        ),
    ),
    "markup where nothing reads it": (
        "message",
        message(
            {"type": "section", "text": plain("<!channel> & <@U1>")}, rich(line(words("<b>&")))
        ),
    ),
    "the same action in two blocks": ("message", message(actions(button()), actions(button()))),
    "one primary in each of two blocks": (
        "message",
        message(actions(button(style="primary")), actions(button(style="primary"))),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_takes_what_slack_takes(name: str) -> None:
    surface, payload = GOOD[name]

    assert check(surface, payload, dangerous={"approve"}) == []
