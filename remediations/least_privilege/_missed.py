"""What was taken from a policy and is refused since, of managed policies and of inline ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.model import Finding, ManagedPolicy, Narrowed, Refusal, Snapshot
from bot.policy import Document, PolicyDocumentError, Verdict, decide, parse_document
from remediations._policy_reads import Holder
from remediations.least_privilege._earlier import earlier_version
from remediations.least_privilege._holders import holders, holders_of
from remediations.policy_conditions._written import Written, of_inline, of_policy

_REFUSED = (Verdict.DENIED, Verdict.NOT_GRANTED)


@dataclass(frozen=True, slots=True)
class Missed:
    """A policy that came to allow less at a moment, what it allowed before, and what is missed.

    `partly` is how many of its roles had too many sessions to look all up.
    """

    policy: Written
    before: Document
    changed: datetime
    refusals: tuple[Refusal, ...]
    partly: int

    @property
    def subject(self) -> str:
        """What giving it back changes."""
        return f"{self.policy.subject}/missed"

    @property
    def actions(self) -> list[str]:
        """What is missed, each action once."""
        return sorted({each.action for each in self.refusals})


def missed(snapshot: Snapshot, since: datetime) -> Iterator[Missed]:
    """Every policy that was changed after a moment, and of which something is missed."""
    for policy in snapshot.customer_policies:
        if policy.default.created > since:
            yield from _of_managed(policy, snapshot)
    known = {each.id: each for each in holders(snapshot) if each.inline}
    for narrowed, refusals in snapshot.policy_denials.inline:
        if narrowed.at > since and narrowed.holder_id in known:
            holder = known[narrowed.holder_id]
            yield from _of_inline(narrowed, refusals, holder, snapshot)


def missed_at(finding: Finding, snapshot: Snapshot, since: datetime) -> Missed | None:
    """What a finding is about, if it still is."""
    return next((each for each in missed(snapshot, since) if each.subject == finding.subject), None)


def _of_managed(policy: ManagedPolicy, snapshot: Snapshot) -> Iterator[Missed]:
    denials = snapshot.policy_denials
    refusals = denials.by_policy.get(policy.id, ())
    earlier = earlier_version(policy) if refusals else None
    before = _parsed(earlier.text, f"{earlier.id} of {policy.name}") if earlier else None
    if before is None:
        return
    now = of_policy(policy, holders_of(policy.arn, snapshot))
    left = _taken(refusals, before, now.document)
    if left:
        yield Missed(now, before, policy.default.created, left, denials.partly.get(policy.id, 0))


def _of_inline(
    narrowed: Narrowed, refusals: tuple[Refusal, ...], holder: Holder, snapshot: Snapshot
) -> Iterator[Missed]:
    """Only while the policy says what Locksmith put there: who wrote it since meant something."""
    inline = next((each for each in holder.inline if each.name == narrowed.policy), None)
    before = _parsed(narrowed.before, narrowed.policy)
    put = _parsed(narrowed.now, narrowed.policy)
    if inline is None or before is None or put is None:
        return
    now = of_inline(holder, inline)
    left = _taken(refusals, before, now.document)
    if left and now.document.as_json() == put.as_json():
        partly = snapshot.policy_denials.partly.get(holder.id, 0)
        yield Missed(now, before, narrowed.at, left, partly)


def _taken(refusals: Iterable[Refusal], before: Document, now: Document) -> tuple[Refusal, ...]:
    """Refusals of what was allowed before, if perhaps, and isn't now."""
    return tuple(
        each
        for each in refusals
        if decide(each.action, "*", (now,)).verdict in _REFUSED
        and decide(each.action, "*", (before,)).verdict not in _REFUSED
    )


def _parsed(text: str, where: str) -> Document | None:
    try:
        return parse_document(text, where=where)
    except PolicyDocumentError:
        return None
