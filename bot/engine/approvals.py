"""Who may decide what: the one place that is asked, at every decision and again before a write.

Pure: what holds of the actor was gathered before, by `standing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.people import People
from bot.engine.remediation import RULE, Harmed, RemediationRules
from bot.engine.rules import (
    OPERATOR,
    OWNER,
    SECURITY,
    TRUSTED_OWNER,
    UNDO_OF_CONTAINMENT,
    Rule,
    built_in,
    fixed,
)
from bot.engine.standing import LOCAL, Standing
from bot.model import (
    Actor,
    Decision,
    Manual,
    Origin,
    ProposalRecord,
    ProposalState,
    Risk,
    Verdict,
)

_DECIDABLE = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})
_DENIABLE = _DECIDABLE | {ProposalState.APPROVED}
_UNDER_WAY = frozenset({ProposalState.EXECUTING, ProposalState.VERIFYING})
_ON_THE_WAY = "too late: its first change was already on the way; undo it instead"
_OWNS = frozenset({OWNER, TRUSTED_OWNER})
_DAY = timedelta(days=1)
_HOURS = timedelta(hours=4)
#: A question put off for longer would be an exemption that nobody confirmed.
LONGEST_SNOOZE = timedelta(days=90)
#: How long people may put off, once, what is about themselves.
OWN_SNOOZE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Approvals:
    """The rules on decisions. The first one of `rules` that matches counts.

    `alone` lets an operator at the command line decide without anyone else, as it must be where
    nobody else can be asked. `lasts` is how long a yes stands where the rule doesn't say.

    What is about someone's own access they may approve while `subject_may_approve`, and put off
    once for a week; whether it stays (a no, an exemption, more time) others decide. `strict` takes
    the approval away too, and lets a yes stand a day, four hours for what can't be undone. The yes
    of a rule of `remediation` is enough for as long as that rule says what it said; to an undo only
    where harm was recorded of what that rule approved.
    """

    people: People = field(default_factory=People)
    rules: tuple[Rule, ...] = field(default_factory=lambda: built_in(2))
    lasts: timedelta = timedelta(days=7)
    alone: bool = True
    subject_may_approve: bool = True
    strict: bool = False
    anyone_resumes: bool = False
    remediation: RemediationRules = field(default_factory=RemediationRules)

    def rule_for(self, proposal: ProposalRecord) -> Rule:
        """The rule that says who approves this."""
        return fixed(proposal) or next(rule for rule in self.rules if rule.matches(proposal))

    def people_needed(self, proposal: ProposalRecord) -> int:
        """How many different people must say yes; letting in whom an incident shut out takes two.

        That also holds for an operator who else decides alone: `people:` says who is who.
        """
        rule = self.rule_for(proposal)
        return 1 if self.alone and rule is not UNDO_OF_CONTAINMENT else max(1, rule.people)

    def objection(
        self,
        verdict: Verdict,
        proposal: ProposalRecord,
        digest: str,
        actor: Actor,
        *,
        begun: bool = True,
        standing: Standing | None = None,
    ) -> str | None:
        """Why this decision can't be taken, or None if it can. Fails closed.

        `begun` is whether the first change of an execution under way was written down to be sent:
        until then a denial wins. Without a `standing` only operators decide.
        """
        known = standing or self.by_name_alone(actor)
        if known.refusal is not None:
            return known.refusal
        if digest != proposal.digest:
            return "the plan is no longer the one that was shown: its digest changed"
        unfit = self._no_right(verdict, proposal, known)
        if unfit is not None:
            return unfit
        if verdict is Verdict.DENY:
            return _undeniable(proposal, begun=begun)
        if verdict is Verdict.APPROVE and isinstance(proposal.plan, Manual):
            return "this fix is made by hand: follow its steps, then scan again"
        return None if proposal.state in _DECIDABLE else _too_late(proposal)

    def still_approves(self, proposal: ProposalRecord, standing: Standing) -> str | None:
        """Why someone who approved this would no longer be let, or None."""
        return standing.refusal or self._no_right(Verdict.APPROVE, proposal, standing)

    def puts_off(
        self, standing: Standing, span: timedelta, *, reason: str, again: bool
    ) -> str | None:
        """Why a question can't be put off for this long, or None; `again` if it was before."""
        if span <= timedelta():
            return "that day has passed: choose a later one"
        if again and not reason.strip():
            return "this was put off before: putting it off again needs a reason"
        if OPERATOR in standing.capacities and self.alone:
            return None
        if standing.about_themselves and (again or span > OWN_SNOOZE):
            return (
                f"this is about your own access: you can put it off once, for {OWN_SNOOZE.days} "
                "days at most"
            )
        if span > LONGEST_SNOOZE:
            return (
                f"a question can be put off for {LONGEST_SNOOZE.days} days at most; to accept it "
                "for longer, ask for an exemption"
            )
        return None

    @staticmethod
    def by_name_alone(actor: Actor) -> Standing:
        """What an actor may be without asking anyone: an operator, or nobody."""
        if actor.kind == "local" and actor.name:
            return LOCAL
        return Standing(refusal=f"{actor} may not decide: who they are can't be told")

    def exempts(self, proposal: ProposalRecord, standing: Standing) -> str | None:
        """Why someone may not accept this violation, or None. Nobody does so for themselves."""
        if standing.refusal is not None:
            return standing.refusal
        if standing.about_themselves:
            return "this is about your own access: someone else must decide whether it stays"
        held = standing.capacities
        if held & (_OWNS | {OPERATOR, SECURITY}) or self.rule_for(proposal).lets(held):
            return None
        return _who_decides(standing)

    def confirms_exemption(self, proposal: ProposalRecord, standing: Standing) -> str | None:
        """Why someone may not be the second person of an exemption, or None."""
        reason = self.exempts(proposal, standing)
        if reason is not None:
            return reason
        named = self.rule_for(proposal).who - {OWNER}
        if standing.capacities & ({OPERATOR, SECURITY, TRUSTED_OWNER} | named):
            return None
        return "an exemption takes a second person of the security group, or a trusted owner"

    def sees(self, proposal: ProposalRecord, standing: Standing) -> str | None:
        """Why a question is none of someone's business, or None."""
        if standing.refusal is not None or standing.about_themselves:
            return standing.refusal
        return self._no_right(Verdict.DENY, proposal, standing)

    @staticmethod
    def secures(standing: Standing) -> str | None:
        """Why someone may not do what the security group does, or None."""
        if standing.refusal is not None:
            return standing.refusal
        if standing.capacities & {OPERATOR, SECURITY}:
            return None
        return "only the security group may do this"

    def may_resume(self, stopped_by: Actor, actor: Actor) -> str | None:
        """Why this actor may not let writes go on that another stopped, or None."""
        if self.anyone_resumes or len(self.people.distinct((stopped_by, actor))) == 2:
            return None
        return f"{stopped_by} stopped it, and another person must let it go on"

    def is_complete(self, proposal: ProposalRecord, decisions: Sequence[Decision]) -> bool:
        """Whether enough different people approved exactly this digest, and nobody denied it."""
        return self._missing(proposal, decisions) is None

    def authorise(
        self,
        proposal: ProposalRecord,
        decisions: Sequence[Decision],
        now: datetime,
        harmed: Harmed | None = None,
    ) -> str | None:
        """Asked by the executor just before it writes: why not, or None.

        An approval that has stood for too long counts no more; a denial always does. A rule's yes
        to an undo counts only for the harm that was recorded, `harmed`.
        """
        lasts = self._lasts(proposal)
        fresh = [
            decision
            for decision in decisions
            if decision.verdict is not Verdict.APPROVE or now - decision.at <= lasts
        ]
        missing = self._missing(proposal, fresh, harmed)
        if missing and self._missing(proposal, decisions, harmed) is None:
            return f"its approval is over {_span(lasts)} old; scan again to be asked anew"
        return missing

    def approvers(self, proposal: ProposalRecord) -> str:
        """Who may approve this, in words: `its owner or the security group`."""
        return _approvers(self.rule_for(proposal))

    def _lasts(self, proposal: ProposalRecord) -> timedelta:
        lasts = self.rule_for(proposal).within or self.lasts
        if not self.strict:
            return lasts
        final = not isinstance(proposal.plan, Manual) and proposal.plan.risk is Risk.IRREVERSIBLE
        return min(lasts, _HOURS if final else _DAY)

    def _no_right(
        self, verdict: Verdict, proposal: ProposalRecord, standing: Standing
    ) -> str | None:
        held, rule = standing.capacities, self.rule_for(proposal)
        if OPERATOR in held and self.alone:
            return None
        if verdict is Verdict.APPROVE:
            if standing.about_themselves and (self.strict or not self.subject_may_approve):
                return "this is about your own access: someone else must approve it"
            return None if rule.lets(held) else _who_may(rule, standing)
        if verdict is Verdict.DENY and standing.about_themselves:
            return "a no would keep your own access: someone else must say it"
        allowed = bool(held & (_OWNS | {OPERATOR, SECURITY})) or rule.lets(held)
        return None if allowed else _who_decides(standing)

    def _missing(
        self,
        proposal: ProposalRecord,
        decisions: Sequence[Decision],
        harmed: Harmed | None = None,
    ) -> str | None:
        valid = [
            decision
            for decision in decisions
            if decision.proposal_id == proposal.id and decision.digest == proposal.digest
        ]
        denied = [decision for decision in valid if decision.verdict is Verdict.DENY]
        if denied:
            return f"{denied[0].actor} denied it"
        by_rule = [each for each in valid if each.actor.kind == RULE]
        if by_rule:
            actor = by_rule[-1].actor
            if proposal.origin is Origin.UNDO:
                return self.remediation.still_takes_back(proposal.plan, actor, harmed)
            return self.remediation.still_approves(proposal, actor)
        approvers = self.people.distinct(
            decision.actor for decision in valid if decision.verdict is Verdict.APPROVE
        )
        needed = self.people_needed(proposal)
        if len(approvers) >= needed:
            return None
        return f"{len(approvers)} of {needed} people approved this digest"


def _who_may(rule: Rule, standing: Standing) -> str:
    return f"this may be approved by {_approvers(rule)} only{_noted(standing)}"


def _who_decides(standing: Standing) -> str:
    return f"only its owner or the security group decides about this{_noted(standing)}"


def _noted(standing: Standing) -> str:
    return f" ({standing.note})" if standing.note else ""


def _approvers(rule: Rule) -> str:
    words = {
        OWNER: "its owner",
        TRUSTED_OWNER: "an owner whom more than a tag names",
        SECURITY: "the security group",
    }
    named = [words[each] for each in (OWNER, TRUSTED_OWNER, SECURITY) if each in rule.who]
    if rule.who - words.keys():
        named.append("those whom the rule names")
    return " or ".join(named)


def _span(lasts: timedelta) -> str:
    return f"{lasts.days} days" if lasts.days else f"{int(lasts.total_seconds() // 3600)} hours"


def _undeniable(proposal: ProposalRecord, *, begun: bool) -> str | None:
    if proposal.state in _UNDER_WAY:
        claimed = proposal.state is ProposalState.EXECUTING and not begun
        return None if claimed else _ON_THE_WAY
    return None if proposal.state in _DENIABLE else _too_late(proposal)


def _too_late(proposal: ProposalRecord) -> str:
    when = f"{proposal.changed_at:%Y-%m-%d %H:%M} UTC"
    why = f"{proposal.why}, {when}" if proposal.why else f"since {when}"
    return f"{proposal.id} is {proposal.state} already ({why})"
