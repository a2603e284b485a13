"""Many rows, some at a time: what a statement is given for all of them would fill the memory."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_AT_ONCE = 500

Row = TypeVar("Row")


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in order, `_AT_ONCE` or fewer at a time; nothing for no rows."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
