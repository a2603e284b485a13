"""Text becomes what Slack shows in one place: nothing in it mentions, hides or is cut badly."""

import ast
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.slack
from bot.model import Actor
from bot.slack.blocks import letters
from bot.slack.blocks.escape import (
    TRUNCATED,
    Markup,
    address,
    clean,
    code,
    code_lines,
    cut,
    date,
    joined,
    mrkdwn,
    naming,
    person,
    plain,
    prose,
    quote,
    say,
    spoken,
    worded,
)
from tests.slack.gate import check
from tests.slack.gate.hostile import TEXTS, texts

SLACK = Path(bot.slack.__file__).parent
ANN = Actor("slack", "T0HOME/UANN")
WHOLE = re.compile(r"(?:[^&<>]|&(?:amp|lt|gt);)*")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def problems(markup: Markup) -> list[str]:
    blocks = [{"type": "section", "text": mrkdwn(markup)}]
    return check("message", {"text": "x", "blocks": blocks}, mentions=())


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_is_shown_and_not_read(name: str) -> None:
    text = TEXTS[name]
    everywhere = [prose(text), code(text), quote(text), naming(text, [ANN]), say("{t}", t=text)]
    everywhere += [spoken(text), spoken(f"why: {text}"), worded(text)]

    assert [problem for markup in everywhere for problem in problems(markup)] == []
    assert all(
        WHOLE.fullmatch(markup.removeprefix("> ").replace("\n> ", "")) for markup in everywhere
    )


@given(texts(), st.integers(20, 3_000))
def test_a_cut_goes_through_nothing(text: str, limit: int) -> None:
    for markup in (prose(text, limit), code(text, limit), cut(prose(text, 9_000), limit)):
        assert units(markup) <= limit
        assert WHOLE.fullmatch(markup)
        assert markup.count("`") % 2 == 0
        markup.encode()  # no half of a pair


@given(texts())
def test_nothing_that_nobody_sees_gets_through(text: str) -> None:
    for shown in (prose(text), code(text), quote(text), plain(text, 150)["text"], clean(text)):
        hidden = {each for each in shown if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co")}
        assert hidden <= {"\n"}


def test_ampersands_are_escaped_once_and_first() -> None:
    assert prose("R&D <b> &lt;") == "R&amp;D &lt;b&gt; &amp;lt;"


def test_what_is_cut_says_so() -> None:
    assert prose("x" * 100, 40).endswith(TRUNCATED)
    assert prose("x" * 40, 40) == "x" * 40


def test_a_code_span_has_no_backticks_of_the_data_and_keeps_asterisks() -> None:
    assert code('a`b "Action": "*"') == '`a\N{MODIFIER LETTER GRAVE ACCENT}b "Action": "*"`'


def test_prose_has_no_formatting_and_no_emoji_of_the_data() -> None:
    shown = prose(":white_check_mark: *Approved* ~by~ `ann`")

    assert not set(shown) & set("*~`")
    assert ":white_check_mark:" not in shown
    assert prose("arn:aws:iam::123456789012:user/ann_b").endswith("user/ann_b")


def test_text_of_nothing_visible_is_a_dash() -> None:
    assert prose("\u200b\u200b") == code("")[1:-1] == plain("\u202e", 10)["text"] == "—"


def test_lines_of_a_reason_are_quoted_each_and_not_without_end() -> None:
    assert quote("one\r\n\r\ntwo\u2028three") == "> one\n> two\n> three"
    assert quote("\n".join("x" for _ in range(50))).count("\n> ") == 12


@given(texts())
def test_code_blocks_show_it_whole(text: str) -> None:
    blocks = code_lines(text, 500)
    bare = "".join(block.removeprefix("```\n").removesuffix("\n```") for block in blocks)
    expected = clean(text).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}").replace("&", "&amp;")
    expected = expected.replace("<", "&lt;").replace(">", "&gt;")

    assert all(units(block) <= 500 for block in blocks)
    assert bare.replace("\n", "") == (expected.replace("\n", "") or "—")


def test_a_moment_is_shown_in_the_readers_zone_with_utc_at_hand() -> None:
    moment = datetime(2026, 11, 24, 13, 30, tzinfo=timezone(timedelta(hours=1)))

    assert date(moment) == ("<!date^1795523400^{date_short_pretty} at {time}|2026-11-24 12:30 UTC>")
    assert date(moment) == date(moment.astimezone(UTC))


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        (ANN, "<@UANN>"),
        (Actor("slack", "T0HOME/UANN> <!channel"), "T0HOME/UANN&gt; &lt;!channel"),
        (Actor("local", "alice@laptop"), "Alice"),
        (Actor("local", "<@UEVIL>"), "&lt;@UEVIL&gt;"),
        (Actor("locksmith", "clock"), "clock"),
    ],
)
def test_people(actor: Actor, shown: str) -> None:
    assert person(actor, {"local:alice@laptop": "Alice"}) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("U0ANN", "<@U0ANN>"),
        ("S0TEAM", "<!subteam^S0TEAM>"),
        ("C0SEC", "<#C0SEC>"),
        ("ann@example.com", "ann@example.com"),
        ("U0ANN|security", "U0ANN|security"),
    ],
)
def test_addresses(text: str, shown: str) -> None:
    assert address(text) == shown


def test_only_those_who_acted_are_named_in_a_sentence() -> None:
    said = naming(f"denied by {ANN}: ask slack:T0HOME/UEVIL <@UEVIL>", [ANN])

    assert said == "denied by <@UANN>: ask slack:T0HOME/UEVIL &lt;@UEVIL&gt;"


def test_an_error_names_people_before_a_colon_only() -> None:
    said = spoken(f"{ANN} stopped it, by `pause`: ask slack:T0HOME/UEVIL <@UEVIL>")

    assert said == "<@UANN> stopped it, by `pause`: ask slack:T0HOME/UEVIL &lt;@UEVIL&gt;."
    assert spoken("Is it?") == "Is it?"


@given(texts())
def test_an_error_is_whole_markup(text: str) -> None:
    assert WHOLE.fullmatch(spoken(f"why: {text}"))
    assert spoken(text).count("`") % 2 == 0


def test_markup_is_escaped_once() -> None:
    inner = say("{a}", a="<b>")

    assert say("{inner} & {data}", inner=inner, data="&") == "&lt;b&gt; & &amp;"
    assert joined(", ", [inner, "<c>"]) == "&lt;b&gt;, &lt;c&gt;"


@pytest.mark.parametrize(
    ("name", "suspect"),
    [
        ("admin", False),
        ("\u0430dmin", True),
        ("ann+\u0430lice", True),
        ("\u0430\u0440\u0440\u04cf\u0435", True),
        ("Платформа", False),
        ("Платформа admin", False),
        ("résumé", False),
        ("管理者", False),
        ("\u03b1dmin", True),
        ("", False),
    ],
)
def test_names_that_look_like_others_are_told(name: str, suspect: bool) -> None:
    assert bool(letters.warning(name)) is suspect


def sources() -> list[Path]:
    return [path for path in SLACK.rglob("*.py") if path.name != "escape.py"]


def test_nothing_else_makes_text_for_slack() -> None:
    """Templates and markup are literals of ours; text objects are made in one module."""
    found = [
        f"{path.name}:{getattr(node, 'lineno', 0)}: {wrong}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if (wrong := breach(node)) is not None
    ]

    assert len(sources()) > 15
    assert found == []


def breach(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        first = node.args[0] if node.args else ast.Constant("")
        literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
        if node.func.id in ("say", "Markup", "joined") and not literal:
            return f"{node.func.id} of something that is no literal"
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    if any(value_of(name) == "type" and is_kind(value) for name, value in pairs):
        return "a text object made elsewhere than in escape.py"
    if isinstance(node, ast.keyword) and node.arg == "type" and is_kind(node.value):
        return "a text object made elsewhere than in escape.py"
    return None


def value_of(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def is_kind(node: ast.AST) -> bool:
    return value_of(node) in ("mrkdwn", "plain_text")


@pytest.mark.parametrize(
    "source",
    [
        'say(f"{x}")',
        "Markup(x)",
        'Markup("a" + x)',
        "joined(x, y)",
        '{"type": "mrkdwn"}',
        'dict(type="plain_text")',
    ],
)
def test_the_rule_sees_what_breaks_it(source: str) -> None:
    assert any(breach(node) for node in ast.walk(ast.parse(source)))


def test_a_cut_closes_the_code_span_that_it_goes_through() -> None:
    calls = joined(" ", [code("a" * 30), code("b" * 30)])

    shown = cut(calls, 60)

    assert shown == f"{code('a' * 30)} `{'b' * 12}`{TRUNCATED}"
    assert units(shown) <= 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Attach arn:aws:iam::aws:policy/P now",
            "Attach `arn:aws:iam::aws:policy/P` now",
        ),
        ("Detach arn:aws-cn:iam::1:role/a.", "Detach `arn:aws-cn:iam::1:role/a`."),
        ("(arn:aws:s3:::b/*)", "(`arn:aws:s3:::b/*`)"),
        ("add it to `trusted_accounts`, then scan", "add it to `trusted_accounts`, then scan"),
        ("the user's `", "the user's \N{MODIFIER LETTER GRAVE ACCENT}"),
        (":aws: <@UANN>", "\N{RATIO}aws: &lt;@UANN&gt;"),
        ("", "—"),
    ],
)
def test_what_is_copied_from_a_sentence_is_code(text: str, shown: str) -> None:
    assert worded(text) == shown


@given(texts(), st.integers(20, 300))
def test_a_sentence_with_code_is_whole(text: str, limit: int) -> None:
    said = worded(f"{text} arn:aws:iam::aws:policy/{text}", limit)

    assert units(said) <= limit
    assert WHOLE.fullmatch(said)
    assert said.count("`") % 2 == 0
