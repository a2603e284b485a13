"""The answer of an analysis that lacks what it would need: neither a pass nor a violation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CannotTell:
    """What could not be judged (`subject`: a pattern, a document) and why."""

    subject: str
    reason: str
