"""The screen: colours, widths, progress and questions."""

import io
import sys

import pytest
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.cli.screen import Screen
from bot.reports.tables import Cell, Column, fit
from bot.reports.terminal import styled


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make both streams one terminal; in the test itself, since pytest sets them for each phase."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


def test_a_terminal_gets_colours_and_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    screen = Screen()
    screen.out.print(styled("bad", "red"))

    assert "\x1b[31mbad" in stream.getvalue()
    assert screen.width == 80


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    Screen(no_color=True).out.print(styled("bad", "red"))
    monkeypatch.setenv("NO_COLOR", "1")
    Screen().out.print(styled("bad", "red"))

    assert stream.getvalue().count("bad") == 2
    assert "\x1b[31m" not in stream.getvalue()


def test_progress_is_shown_in_place_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with Screen().progress() as progress:
        progress("Reading users")

    assert "Reading users …" in stream.getvalue()


@pytest.mark.parametrize(("verbose", "said"), [(0, ""), (1, "Reading users …\n")])
def test_progress_elsewhere_is_for_the_curious(
    capsys: pytest.CaptureFixture[str], verbose: int, said: str
) -> None:
    with Screen(verbose=verbose).progress() as progress:
        progress("Reading users")

    assert capsys.readouterr() == ("", said)


def test_a_file_gets_100_columns_whatever_the_shell_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")

    screen = Screen()
    screen.out.print(styled("bad", "red"))

    assert screen.width == 100
    assert capsys.readouterr().out == "bad\n"


@pytest.mark.parametrize(
    "line",
    [
        styled("many words " * 20),
        Padding(styled("many words " * 20), (0, 0, 0, 4)),
        Text("\nafter an empty line "),
        Text(""),
        fit([Column("A"), Column("B")], [[Cell("x"), Cell("y")], [Cell("xxx"), Cell("")]]).table,
    ],
    ids=["wrapped", "padded", "empty first", "empty", "table"],
)
def test_lines_end_with_their_last_word(
    capsys: pytest.CaptureFixture[str], line: RenderableType
) -> None:
    """Copied text and logs hold no blanks that nobody wrote, and no line is lost."""
    screen = Screen()
    screen.out.print(line)
    plain = capsys.readouterr().out
    screen.present([line])
    shown = capsys.readouterr().out

    assert shown == "\n".join(each.rstrip() for each in plain.split("\n"))
