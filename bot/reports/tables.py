"""Tables that fit the width there is, and say what they cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.reports.terminal import safe

#: What a table may take where nobody says how wide the terminal is.
WIDTH = 100
_GAP = 2
_NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; an `elastic` one gives way when the table is too wide."""

    title: str
    elastic: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Foreign text and how to show it."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table ready to print. `cut` counts the cells that lost their end."""

    table: RenderableType
    cut: int

    def note(self, where: str) -> Sequence[RenderableType]:
        """The table, and what it cut; `where` says how to see it whole."""
        if not self.cut:
            return (self.table,)
        cells = "1 text was" if self.cut == 1 else f"{self.cut} texts were"
        return (self.table, Text(f"{cells} cut at … to fit; {where}", style="dim"))


def fit(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int = WIDTH) -> Fitted:
    """Lay the rows out in at most `width` columns, cutting elastic cells where it must be."""
    texts = [[safe(cell.text) for cell in row] for row in rows]
    widths = _widths(columns, texts, width)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column, size in zip(columns, widths, strict=True):
        table.add_column(
            column.title, width=size, no_wrap=True, justify="right" if column.right else "left"
        )
    cut = 0
    for row, line in zip(rows, texts, strict=True):
        shown = [_cut(text, size) for text, size in zip(line, widths, strict=True)]
        cut += sum(before != after for before, after in zip(line, shown, strict=True))
        table.add_row(*(Text(text, cell.style) for text, cell in zip(shown, row, strict=True)))
    return Fitted(table, cut)


def _widths(columns: Sequence[Column], texts: Sequence[Sequence[str]], width: int) -> Sequence[int]:
    widths = [
        max([cell_len(column.title), *(cell_len(line[index]) for line in texts)])
        for index, column in enumerate(columns)
    ]
    excess = sum(widths) + _GAP * (len(columns) - 1) - width
    elastic = [index for index, column in enumerate(columns) if column.elastic]
    while excess > 0 and elastic:
        widest = max(elastic, key=lambda index: widths[index])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"
