"""Tables fit, and say what they cut."""

from hypothesis import given
from hypothesis import strategies as st

from bot.reports.tables import Cell, Column, fit
from tests.reports.printing import printed

COLUMNS = (Column("ID"), Column("NAME", elastic=True), Column("N", right=True))


def test_what_fits_is_shown_whole_and_nothing_is_said() -> None:
    table = fit(COLUMNS, [(Cell("a"), Cell("short"), Cell("1"))], 100)

    assert table.cut == 0
    assert len(table.note("see there")) == 1
    assert "short" in printed(table.note("see there"))


def test_what_is_cut_is_marked_and_counted() -> None:
    table = fit(COLUMNS, [(Cell("a"), Cell("x" * 50), Cell("1"))] * 2, 40)
    text = printed(table.note("see there."), width=40)

    assert table.cut == 2
    assert "x" * 34 not in text
    assert text.count("…") == 3
    assert "2 texts were cut at … to fit; see there." in " ".join(text.split())


def test_columns_that_are_not_elastic_stay_whole() -> None:
    text = printed([fit(COLUMNS, [(Cell("i" * 20), Cell("x" * 50), Cell("1" * 9))], 50).table])

    assert "i" * 20 in text
    assert "1" * 9 in text


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80)), min_size=1, max_size=5))
def test_any_text_fits_the_width(rows: list[tuple[str, str]]) -> None:
    columns = (Column("A", elastic=True), Column("B", elastic=True))

    printed([fit(columns, [(Cell(a), Cell(b)) for a, b in rows], 60).table], width=60)
