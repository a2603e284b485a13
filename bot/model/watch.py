"""What Locksmith looks at after a change of its own, and what came of that."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.canonical import Json


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """The watch of one execution, from `begun_at` to `until`; that is None before the first look.

    `looked_at` is the last look, `covered_at` the last one that could read everything. `looked` is
    what the last look saw, `unknown` what it could not tell, `blind` what can't be seen at all, in
    sentences. `harm` is what showed that the change did harm, seen at `harmed_at`; empty while
    none was seen. `ended` says how it ended, empty while it runs.
    """

    execution_id: str
    begun_at: datetime
    until: datetime | None = None
    looked_at: datetime | None = None
    covered_at: datetime | None = None
    looks: int = 0
    looked: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    harm: tuple[str, ...] = ()
    harmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended: str = ""

    def said(self) -> dict[str, Json]:
        """The sentences of the last look, as they are stored."""
        return {
            "looked": list(self.looked),
            "unknown": list(self.unknown),
            "blind": list(self.blind),
        }
