"""Many ARNs at once: which of them a pattern may match, found without trying each.

An account with thousands of policies has thousands of patterns, and thousands of ARNs that each
may be about; to try all of them on all grows with the square of the account.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from bot.policy.document import Document
from bot.policy.matching import literals, may_match
from bot.policy.meaning import applies


class KnownArns:
    """A set of ARNs to ask patterns and documents about; what a pattern matches is remembered."""

    def __init__(self, arns: Iterable[str]) -> None:
        self._all = frozenset(arns)
        self._arns = tuple(sorted(self._all))
        self._text = "".join(self._arns)
        self._starts = [0]
        for arn in self._arns:
            self._starts.append(self._starts[-1] + len(arn))
        self._matched: dict[str, frozenset[str]] = {}

    def matched_by(self, pattern: str) -> frozenset[str]:
        """Those that the pattern matches, or may match because a policy variable decides."""
        if pattern not in self._matched:
            found = filter(may_match(pattern), self._with_rarest(pattern))
            self._matched[pattern] = frozenset(found)
        return self._matched[pattern]

    def allowed_by(self, document: Document, action: str) -> frozenset[str]:
        """Those that a statement may allow the action on: no other is, whatever else is said."""
        found: set[str] = set()
        for statement in document.statements:
            if statement.effect != "Allow" or not applies(statement, action):
                continue
            if statement.not_resources or not statement.resources:
                return self._all
            found.update(*map(self.matched_by, statement.resources))
        return frozenset(found)

    def _with_rarest(self, pattern: str) -> Iterable[str]:
        """Those with the rarest of the texts that are in whatever the pattern matches."""
        rarest = min(literals(pattern), key=self._text.count, default="")
        return self._with(rarest) if rarest else self._arns

    def _with(self, text: str) -> Iterator[str]:
        """Those that have the text in them, and perhaps a few where it runs into the next."""
        at = self._text.find(text)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield self._arns[place]
            at = self._text.find(text, self._starts[place + 1])
