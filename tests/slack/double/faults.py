"""What can go wrong with a call: queued by a test, taken by the next calls of that method."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

#: The queue that every method takes from when its own is empty.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One spoiled call.

    `error` answers with that code, `status` with that HTTP status and no JSON, `retry_after` with
    429; none of the three applies the call. `late` waits that many seconds first. `drop` is
    `before` (the connection ends, nothing was done) or `after` (it was done, the answer is lost).
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    late: float = 0
    drop: str | None = None

    def __post_init__(self) -> None:
        assert self.drop in {None, "before", "after"}, self.drop


@dataclass(slots=True)
class Faults:
    """The queues, by method."""

    _queued: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def add(self, method: str, *faults: Fault, times: int = 1) -> None:
        """Spoil the next calls of `method` (or of any, `*`), one fault each, in this order."""
        self._queued[method].extend(faults * times)

    def take(self, method: str) -> Fault:
        """The next fault for a call of `method`; an empty one when none is queued."""
        for queue in (self._queued[method], self._queued[ANY]):
            if queue:
                return queue.popleft()
        return Fault()

    def left(self) -> int:
        """How many are still queued: 0 proves that the test met them all."""
        return sum(map(len, self._queued.values()))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._queued.clear()
