"""Who may decide what: the one place that is asked, at every decision and again before a write."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Actor, Decision, Manual, ProposalRecord, ProposalState, Verdict

_DECIDABLE = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})
_DENIABLE = _DECIDABLE | {ProposalState.APPROVED}
_UNDER_WAY = frozenset({ProposalState.EXECUTING, ProposalState.VERIFYING})
_ON_THE_WAY = "too late: its first change was already on the way; undo it instead"


@dataclass(frozen=True, slots=True)
class People:
    """Which names belong to one person: `local:alice@host` and an AWS ARN to `alice`.

    Actors of one person count once. Actors on the command line that nobody is linked to could
    all be one person, so together they count once too.
    """

    person_of: Mapping[str, str] = field(default_factory=dict)

    def person(self, actor: Actor) -> str:
        """The person behind an actor."""
        known = self.person_of.get(str(actor)) or self.person_of.get(actor.aws_arn or "")
        if known:
            return known
        return "someone at a command line" if actor.kind == "local" else str(actor)

    def distinct(self, actors: Iterable[Actor]) -> frozenset[str]:
        """The different people among these actors."""
        return frozenset(self.person(actor) for actor in actors)


@dataclass(frozen=True, slots=True)
class Approvals:
    """The rules on decisions.

    `people_needed` is how many different people must say yes, `lasts` how long a yes stands.
    """

    people: People = field(default_factory=People)
    people_needed: int = 1
    lasts: timedelta = timedelta(days=7)

    def objection(
        self,
        verdict: Verdict,
        proposal: ProposalRecord,
        digest: str,
        actor: Actor,
        *,
        begun: bool = True,
    ) -> str | None:
        """Why this decision can't be taken, or None if it can. Fails closed.

        `begun` is whether the first change of an execution under way was written down to be sent:
        until then a denial wins.
        """
        stranger = self.stranger(actor)
        if stranger is not None:
            return stranger
        if digest != proposal.digest:
            return "the plan is no longer the one that was shown: its digest changed"
        if verdict is Verdict.DENY:
            return _undeniable(proposal, begun=begun)
        if verdict is Verdict.APPROVE and isinstance(proposal.plan, Manual):
            return "this fix is made by hand: follow its steps, then scan again"
        return None if proposal.state in _DECIDABLE else _too_late(proposal)

    @staticmethod
    def stranger(actor: Actor) -> str | None:
        """Why this actor may decide nothing at all, or None. Fails closed."""
        if actor.kind != "local" or not actor.name:
            return f"{actor} may not decide: only people at the command line are known so far"
        return None

    def same_person(self, first: Actor, second: Actor) -> str | None:
        """Why the second of these isn't another person than the first, or None."""
        if len(self.people.distinct((first, second))) == 2:
            return None
        return f"{first} stopped it, and another person must let it go on"

    def is_complete(self, proposal: ProposalRecord, decisions: Sequence[Decision]) -> bool:
        """Whether enough different people approved exactly this digest, and nobody denied it."""
        return self._missing(proposal, decisions) is None

    def authorise(
        self, proposal: ProposalRecord, decisions: Sequence[Decision], now: datetime
    ) -> str | None:
        """Asked by the executor just before it writes: why not, or None.

        An approval that has stood for too long counts no more; a denial always does.
        """
        fresh = [
            decision
            for decision in decisions
            if decision.verdict is not Verdict.APPROVE or now - decision.at <= self.lasts
        ]
        missing = self._missing(proposal, fresh)
        if missing and self._missing(proposal, decisions) is None:
            return f"its approval is over {self.lasts.days} days old; scan again to be asked anew"
        return missing

    def _missing(self, proposal: ProposalRecord, decisions: Sequence[Decision]) -> str | None:
        valid = [
            decision
            for decision in decisions
            if decision.proposal_id == proposal.id and decision.digest == proposal.digest
        ]
        denied = [decision for decision in valid if decision.verdict is Verdict.DENY]
        if denied:
            return f"{denied[0].actor} denied it"
        approvers = self.people.distinct(
            decision.actor for decision in valid if decision.verdict is Verdict.APPROVE
        )
        if len(approvers) >= max(1, self.people_needed):
            return None
        return f"{len(approvers)} of {max(1, self.people_needed)} people approved this digest"


def _undeniable(proposal: ProposalRecord, *, begun: bool) -> str | None:
    if proposal.state in _UNDER_WAY:
        claimed = proposal.state is ProposalState.EXECUTING and not begun
        return None if claimed else _ON_THE_WAY
    return None if proposal.state in _DENIABLE else _too_late(proposal)


def _too_late(proposal: ProposalRecord) -> str:
    why = f" ({proposal.why})" if proposal.why else ""
    return f"{proposal.id} is {proposal.state} already{why}"
