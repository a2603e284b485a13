"""What pure functions said of parts of a snapshot, kept for as long as those parts are the same."""

from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Analyses:
    """Answers by the function that gave them, each with the very objects that it looked at.

    A snapshot that has more parts than an earlier one shares its analyses: what was read stays.
    """

    def __init__(self) -> None:
        self._known: dict[Callable[..., Any], tuple[tuple[object, ...], Any]] = {}

    def once(
        self,
        function: Callable[..., Answer],
        looked_at: tuple[object, ...],
        ask: Callable[[], Answer],
    ) -> Answer:
        """The answer of `ask` for `function`, asked anew only if one of `looked_at` is another."""
        known = self._known.get(function)
        if known is None or not _are_same(known[0], looked_at):
            known = looked_at, ask()
            self._known[function] = known
        answer: Answer = known[1]
        return answer


def _are_same(left: tuple[object, ...], right: tuple[object, ...]) -> bool:
    # Held in the tuple, they can't be gone and another thing in their place in memory.
    return len(left) == len(right) and all(a is b for a, b in zip(left, right, strict=True))
