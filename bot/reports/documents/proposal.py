"""Proposals and plans as JSON."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bot.engine.views import FindingView, ProposalView
from bot.model import (
    Decision,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Risk,
    Step,
    Verdict,
)
from bot.reports.documents.document import Document, Part, Time, plain_object
from bot.reports.documents.finding import FindingPart, finding_part
from bot.reports.rewriting import changed_documents


class DecisionPart(Part):
    """One person's word on one digest."""

    verdict: Verdict
    actor: str
    at: Time
    digest: str
    reason: str


class ProposalPart(Part):
    """One question about one subject."""

    id: str
    account: str
    control: str
    subject: str
    finding_id: str | None
    origin: Origin
    state: ProposalState
    why: str = Field(description="How it came to its state.")
    kind: Literal["plan", "manual"]
    risk: Risk | None
    digest: str
    summary: str
    created_at: Time
    changed_at: Time
    undoes: str | None = Field(description="The execution that it takes back.")
    snoozed_until: Time | None
    asked_before: int


class ProposalWithDecisionsPart(Part):
    """A proposal with what was said and done about it."""

    proposal: ProposalPart
    decisions: list[DecisionPart]
    execution_id: str | None


class ProposalsDocument(Document):
    """`locksmith --output json approve`, `deny`, `snooze`, `settle`, and `undo --propose`."""

    schema_name: Literal["locksmith.proposals/1"] = Field(alias="schema")
    proposals: list[ProposalWithDecisionsPart]


class TooEarlyPart(Part):
    """A refusal that can mean that AWS does not know yet what an earlier step did."""

    code: str
    words: str = Field(description="A part of AWS's message.")


class CallPart(Part):
    """One AWS API call."""

    service: str
    operation: str
    params: dict[str, Any]
    region: str | None
    root_of: str | None = None
    too_early: list[TooEarlyPart] = Field(
        default=[], description="The refusals after which the same call is made again, for a while."
    )


class ExpectPart(Part):
    """Something that must be true in AWS: a read, a JMESPath into its answer, a value."""

    read: CallPart
    path: str
    operator: str
    value: Any
    why: str


class StepPart(Part):
    """One change, what must hold before and after it, and how it is taken back."""

    name: str
    summary: str
    risk: Risk
    before: list[ExpectPart]
    do: CallPart
    after: list[ExpectPart]
    undo: CallPart | None
    irreversible_because: str
    outputs: dict[str, Any]
    undone: list[ExpectPart] = Field(
        default=[], description="What shows that it was taken back, where `before` can't tell."
    )
    changes: dict[str, list[str]] = Field(
        default={},
        description="Of parameters that replace a document, its difference, line by line.",
    )


class PlanPart(Part):
    """The exact calls of a fix, in order."""

    kind: Literal["plan"]
    subject: str
    summary: str
    risk: Risk
    breaks: list[str] = Field(description="What could stop working.")
    steps: list[StepPart]
    whole: bool = Field(
        default=False, description="Whether what holds is taken back where not all of it does."
    )


class ManualPart(Part):
    """A fix that people make by hand."""

    kind: Literal["manual"]
    subject: str
    reason: str
    steps: list[str]
    links: list[str]


class PlanDocument(Document):
    """`locksmith --output json plan ID`."""

    schema_name: Literal["locksmith.plan/1"] = Field(alias="schema")
    account: str
    digest: str | None = Field(description="What `approve --digest` takes; null until it can be.")
    needs: str | None
    plan: PlanPart | ManualPart | None = Field(
        description="null where AWS no longer shows the violation."
    )
    proposal: ProposalPart | None
    finding: FindingPart | None


def proposals_document(views: Iterable[ProposalView]) -> ProposalsDocument:
    """Proposals with their decisions, in the order given."""
    return ProposalsDocument(
        schema="locksmith.proposals/1",
        proposals=[
            ProposalWithDecisionsPart(
                proposal=_proposal(view.proposal),
                decisions=[_decision(decision) for decision in view.decisions],
                execution_id=view.execution.id if view.execution else None,
            )
            for view in views
        ],
    )


def plan_of_proposal(view: ProposalView) -> PlanDocument:
    """The plan that a proposal asks about."""
    proposal = view.proposal
    return PlanDocument(
        schema="locksmith.plan/1",
        account=proposal.account.id,
        digest=proposal.digest,
        needs=None,
        plan=_plan(proposal.plan),
        proposal=_proposal(proposal),
        finding=finding_part(view.finding) if view.finding else None,
    )


def plan_of_finding(view: FindingView) -> PlanDocument:
    """How a finding would be fixed, by a live look."""
    fix = view.remediation
    return PlanDocument(
        schema="locksmith.plan/1",
        account=view.record.account.id,
        digest=fix.digest if fix else None,
        needs=fix.needs if fix else None,
        plan=_plan(fix.plan) if fix else None,
        proposal=_proposal(view.proposal) if view.proposal else None,
        finding=finding_part(view),
    )


def _proposal(record: ProposalRecord) -> ProposalPart:
    by_hand = isinstance(record.plan, Manual)
    return ProposalPart(
        id=record.id,
        account=record.account.id,
        control=record.control,
        subject=record.subject,
        finding_id=record.finding_id,
        origin=record.origin,
        state=record.state,
        why=record.why,
        kind="manual" if by_hand else "plan",
        risk=None if isinstance(record.plan, Manual) else record.plan.risk,
        digest=record.digest,
        summary=record.plan.summary,
        created_at=record.created_at,
        changed_at=record.changed_at,
        undoes=record.undoes,
        snoozed_until=record.snoozed_until,
        asked_before=record.asked_before,
    )


def _decision(decision: Decision) -> DecisionPart:
    return DecisionPart(
        verdict=decision.verdict,
        actor=str(decision.actor),
        at=decision.at,
        digest=decision.digest,
        reason=decision.reason,
    )


def _plan(plan: Plan | Manual) -> PlanPart | ManualPart:
    if isinstance(plan, Manual):
        return ManualPart(
            kind="manual",
            subject=plan.subject,
            reason=plan.reason,
            steps=list(plan.steps),
            links=list(plan.links),
        )
    return PlanPart(
        kind="plan",
        subject=plan.subject,
        summary=plan.summary,
        risk=plan.risk,
        breaks=list(plan.breaks),
        steps=[_step(step) for step in plan.steps],
        whole=plan.whole,
    )


def _step(step: Step) -> StepPart:
    changes = {name: list(lines) for name, lines in changed_documents(step).items()}
    return StepPart.model_validate({**plain_object(step.data()), "changes": changes})
