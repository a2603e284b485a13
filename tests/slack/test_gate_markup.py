"""Markup that we didn't write never passes the gate, and escaped it always does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.slack.gate import check
from tests.slack.gate.hostile import (
    KEY_ID,
    MARKUP_PATH,
    PATH,
    POLICY_NAME,
    REASON,
    TAG_VALUE,
    TEXTS,
    USER_NAME,
    texts,
)
from tests.slack.gate.pieces import Json, line, message, modal, mrkdwn, plain, rich, section, words


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("markup", "mark"),
    [
        ("<!channel>", "<!channel"),
        ("<!here|here>", "<!here"),
        ("<@U1|admin>", "<@U1"),
        ("<@u1>", "<@u1"),
        ("<@B1>", "<@B1"),
        ("<@U1", "<@U1"),
        ("<#C1|general>", "<#C1"),
        ("<!subteam^S1|@team>", "<!subteam"),
        ("<!subteam^T1>", "<!subteam"),
        ("<#D1>", "<#D1"),
        ("<http://a.b|c>", "<http"),
        ("<mailto:a@b.c>", "<mailto"),
        ("<!date^1^{date}^http://a.b|now>", "<!date"),
        ("<!date^1^{date}>", "<!date"),
        ("<!date^1^{date}|<@U1>>", "<!date"),
        ("<<@U1>!channel>", "<"),
        ("a < b", "<"),
        ("a -> b", ">"),
        ("R&D", "&"),
        ("&am", "&"),
        ("&nbsp;", "&"),
        ("&#60;", "&"),
    ],
)
def test_stops_markup_that_is_none_of_ours(markup: str, mark: str) -> None:
    found = check("message", message(section(), text=f"Hello {markup}"))

    assert f"ours: text: unescaped {mark!r}" in found
    assert check("message", message(section(), text=f"Hello {escaped(markup)}")) == []


@pytest.mark.parametrize(
    ("block", "path"),
    [
        (section("<!here>"), "blocks[0].text"),
        (
            {"type": "section", "fields": [plain("<!here>"), mrkdwn("<!here>")]},
            "blocks[0].fields[1]",
        ),
        ({"type": "context", "elements": [mrkdwn("<!here>")]}, "blocks[0].elements[0]"),
    ],
)
def test_stops_markup_wherever_it_is_read(block: Json, path: str) -> None:
    expected = [f"ours: {path}: unescaped '<!here'", f"ours: {path}: unescaped '>'"]

    assert check("message", message(block)) == check("modal", modal(block)) == expected


def test_stops_the_mention_of_anybody_who_was_not_to_be_mentioned() -> None:
    payload = message(section("<@U1> <#C1> <!subteam^S1>"), text="<@W2>")

    assert check("message", payload, mentions={"U1", "C1", "S1", "W2"}) == []
    assert check("message", payload, mentions={"U1", "C1"}) == [
        "ours: text: mentions W2, who wasn't to be mentioned",
        "ours: blocks[0].text: mentions S1, who wasn't to be mentioned",
    ]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "user", "user_id": "U1"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "channel", "channel_id": "C1"},
    ],
)
def test_stops_such_a_mention_in_rich_text(element: Json) -> None:
    payload = message(rich(line(words(), element)))
    (id_,) = set(element.values()) - {element["type"]}

    assert check("message", payload, mentions={id_}) == check("message", payload) == []
    assert check("message", payload, mentions={"U2"}) == [
        f"ours: blocks[0].elements[0].elements[1]: mentions {id_}, who wasn't to be mentioned"
    ]


@given(texts(max_size=500))
def test_takes_any_text_that_is_escaped(text: str) -> None:
    payload = message(section(f"By {escaped(text)}"), text=f"By {escaped(text)}")

    assert check("message", payload, mentions=()) == []


@given(texts(max_size=1_000))
def test_takes_any_text_where_nothing_reads_markup(text: str) -> None:
    block = {"type": "section", "text": plain(f"By {text}")}

    assert check("message", message(block, rich(line(words(f"By {text}")))), mentions=()) == []


@given(texts(max_size=1_000))
def test_stops_any_text_with_a_bracket_that_is_not_escaped(text: str) -> None:
    written = f"By {text}"
    found = check("message", message(section(written)), mentions=())

    assert bool(found) == bool(re.search(r"<|(?<!^)>|&(?!(amp|lt|gt);)", written, re.MULTILINE))


@given(st.sampled_from([*"&<>"]), st.integers(0, 5), st.integers(10, 60))
def test_stops_an_entity_that_was_cut(mark: str, before: int, limit: int) -> None:
    cut = ("x" * before + escaped(mark * limit))[:limit]
    whole = re.fullmatch(r"x*(&\w+;)*", cut)

    assert (check("message", message(section(cut))) == []) == bool(whole)


def test_the_longest_names_are_as_long_as_aws_takes_them() -> None:
    lengths = [len(name) for name in (USER_NAME, POLICY_NAME, PATH, TAG_VALUE, KEY_ID)]

    assert lengths == [64, 128, 512, 256, 128]
    assert all(re.fullmatch(r"[\w+=,.@-]+", name, re.ASCII) for name in (USER_NAME, POLICY_NAME))
    assert all(re.fullmatch(r"/[!-\x7e]+/", path) for path in (PATH, MARKUP_PATH))
    assert re.fullmatch(r"[\w .:/=+@-]+", TAG_VALUE)
    assert max(map(len, TEXTS.values())) == REASON
    for text in TEXTS.values():
        text.encode()  # no half of a pair, which JSON couldn't carry
