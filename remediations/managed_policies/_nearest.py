"""Which of AWS's policies is the most like a document, and how much."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Snapshot
from bot.policy import Difference, Document, compare
from remediations.managed_policies._aws import AwsText, aws_text, near_candidates, services_of
from remediations.managed_policies._likeness import allowed_actions, are_equal, likeness


@dataclass(frozen=True, slots=True)
class Nearest:
    """AWS's policy, how many of 100 actions are allowed alike, and what isn't."""

    twin: AwsText
    percent: int
    difference: Difference


def nearest(document: Document, least: int, snapshot: Snapshot) -> Nearest | None:
    """The most alike one, from `least` on; None where one is equal, or where a Deny plays in."""
    if any(one.effect == "Deny" for one in document.statements):
        return None
    best: Nearest | None = None
    for twin in _worth_comparing(document, least, snapshot):
        if are_equal(document, twin.document):
            return None
        difference = compare((document,), (twin.document,))
        percent = likeness(difference, document, twin.document)
        if percent >= least and (best is None or percent > best.percent):
            best = Nearest(twin, percent, difference)
    return best


def _worth_comparing(document: Document, least: int, snapshot: Snapshot) -> Iterator[AwsText]:
    """Those that name nearly the same actions, which is quick to see."""
    ours = allowed_actions(document)
    for arn in near_candidates(services_of(document), snapshot):
        twin = aws_text(arn, snapshot)
        if twin is None or any(one.effect == "Deny" for one in twin.document.statements):
            continue
        theirs = allowed_actions(twin.document)
        if ours and 100 * len(ours & theirs) >= least * len(ours | theirs):
            yield twin
