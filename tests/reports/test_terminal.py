"""What people name things must not steer the terminal of those who look."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.terminal import safe, styled
from tests.reports.printing import printed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice", "alice"),
        ("Zoë Łukasz 李", "Zoë Łukasz 李"),
        ("a@b.c,+='\"", "a@b.c,+='\""),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("a\x9bb\x7f", "a\\x9bb\\x7f"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("adm\u200bin", "adm\\u200bin"),
        ("a\u2028b\u00a0c", "a\\u2028b\\xa0c"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_could_deceive_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text(st.characters()))
def test_nothing_that_acts_on_a_terminal_comes_through(text: str) -> None:
    for character in safe(text):
        assert character == " " or unicodedata.category(character)[0] not in "CZ"


@given(st.text())
def test_foreign_text_is_never_markup(text: str) -> None:
    assert printed([styled(text)], width=100_000) == safe(text) + "\n"
