"""Where commands write and ask: results on stdout, everything else on stderr."""

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from bot.reports.documents.document import Document, Long, pieces
from bot.reports.tables import WIDTH
from bot.reports.terminal import Trimmed, safe

_PIECE = 32_768


def at_terminal() -> bool:
    """Whether someone is there who sees a question and can answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def write_out(output: str) -> None:
    """Write a line or a document to stdout."""
    write_pieces((output,))


def write_pieces(output: Iterable[str]) -> None:
    """Write what comes in pieces, none of them long.

    Python says nothing when a pipe is closed in the middle of one big write; of several, it does.
    """
    for piece in output:
        for start in range(0, len(piece), _PIECE):
            sys.stdout.write(piece[start : start + _PIECE])
            sys.stdout.flush()
    sys.stdout.write("\n")
    sys.stdout.flush()


class Screen:
    """The terminal, file or pipe in front of the command.

    With `json`, stdout gets one document and nothing else. Colours are for terminals only.
    """

    def __init__(
        self,
        *,
        json: bool = False,
        no_color: bool = False,
        verbose: int = 0,
        at_terminal: Callable[[], bool] = at_terminal,
    ) -> None:
        self.json = json
        self.verbose = verbose
        self._at_terminal = at_terminal
        self.out = _console(sys.stdout, to_stderr=False, no_color=no_color)
        self.err = _console(sys.stderr, to_stderr=True, no_color=no_color)

    @property
    def width(self) -> int:
        """How many columns a table may take."""
        return self.out.width

    @property
    def can_ask(self) -> bool:
        """Whether someone is there to answer; without anyone, nothing counts as a yes."""
        return self._at_terminal()

    def show(self, lines: Sequence[RenderableType], document: Document | Long) -> None:
        """The command's result: lines for people, or the document for programs."""
        if self.json:
            write_pieces(pieces(document))
            return
        for line in lines:
            self.out.print(Trimmed(line), end="")

    def present(self, lines: Sequence[RenderableType]) -> None:
        """What people need to see before they answer; on stderr where stdout is for programs."""
        console = self.err if self.json else self.out
        for line in lines:
            console.print(Trimmed(line), end="")

    def say(self, message: str, style: str = "") -> None:
        """A remark beside the result."""
        self.err.print(Text(safe(message), style), soft_wrap=True)

    def ask(self, question: str) -> bool:
        """A yes/no question; only y or yes is a yes, and no answer is a no."""
        return self._answer(f"{question} [y/N] ").lower() in {"y", "yes"}

    def ask_for(self, question: str, expected: str) -> bool:
        """Whether exactly `expected` is typed."""
        return self._answer(f"{question} ") in {expected, safe(expected)}

    def answer(self, question: str) -> str:
        """What is typed, without space around it; empty where nothing is."""
        return self._answer(f"{question} ")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Says what is being waited for: in place on a terminal, as lines with -v, else nowhere."""
        if self.err.is_terminal and not self.verbose:
            with self.err.status("") as status:
                yield lambda message: status.update(Text(f"{safe(message)} …"))
        elif self.verbose:
            yield lambda message: self.say(f"{message} …", "dim")
        else:
            yield lambda _message: None

    def _answer(self, prompt: str) -> str:
        self.err.print(Text(safe(prompt)), end="")
        line = sys.stdin.readline()
        if not line:
            self.err.print()
        return line.strip()


class _Console(Console):
    """A console that leaves closed pipes to the one handler of errors."""

    def on_broken_pipe(self) -> NoReturn:
        """Instead of rich's exit code 1, which means findings here."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def _console(stream: TextIO, *, to_stderr: bool, no_color: bool) -> Console:
    is_terminal = stream.isatty()
    return _Console(
        stderr=to_stderr,
        force_terminal=is_terminal,
        width=None if is_terminal else WIDTH,
        no_color=no_color or None,
        highlight=False,
        markup=False,
        emoji=False,
    )
