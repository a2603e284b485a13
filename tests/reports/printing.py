"""Prints reports the way a terminal, or a file, would get them."""

import io
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType


def printed(lines: Sequence[RenderableType], *, width: int = 100, colours: bool = False) -> str:
    """The text of `lines`; lines that are too wide fail the test."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colours, no_color=not colours, highlight=False
    )
    for line in lines:
        console.print(line)
    text = out.getvalue()
    assert max(map(cell_len, text.splitlines()), default=0) <= width
    return text
