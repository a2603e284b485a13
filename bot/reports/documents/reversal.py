"""What would be taken back of a span of time, as JSON."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bot.engine.taking_back import Reversal
from bot.model import Plan
from bot.reports.documents.document import Document, Part, Time, plain_object
from bot.reports.documents.proposal import CallPart


class ReversalPart(Part):
    """One execution, and what would take it back."""

    execution_id: str
    proposal_id: str
    account: str
    control: str
    started_at: Time
    digest: str | None = Field(description="Of the undo; null where Locksmith can't.")
    calls: list[CallPart]
    why: str = Field(description="Why it can't be undone; empty where it can.")


class ReversalsDocument(Document):
    """`locksmith --output json undo --since TIME --dry-run`."""

    schema_name: Literal["locksmith.reversals/1"] = Field(alias="schema")
    digest: str = Field(description="Of all that would be taken back, for --digest.")
    reversals: list[ReversalPart]


def reversals_document(found: Iterable[Reversal], together: str) -> ReversalsDocument:
    """What would be taken back, newest first."""
    return ReversalsDocument(
        schema="locksmith.reversals/1",
        digest=together,
        reversals=[_reversal(each) for each in found],
    )


def _reversal(reversal: Reversal) -> ReversalPart:
    plan = reversal.plan
    return ReversalPart(
        execution_id=reversal.execution.id,
        proposal_id=reversal.original.id,
        account=reversal.original.account.id,
        control=reversal.original.control,
        started_at=reversal.execution.started_at,
        digest=plan.digest() if isinstance(plan, Plan) else None,
        calls=[CallPart.model_validate(plain_object(step.do.data())) for step in plan.steps]
        if isinstance(plan, Plan)
        else [],
        why=reversal.why,
    )
