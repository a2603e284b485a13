"""Dry runs as JSON."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bot.engine.rehearsing import Rehearsal
from bot.reports.documents.document import Document, Part, plain, plain_object
from bot.reports.documents.proposal import CallPart


class SeenPart(Part):
    """One thing that a step looked at."""

    what: str
    value: Any
    holds: bool


class RehearsedStepPart(Part):
    """One step before anything is written."""

    name: str
    summary: str
    call: CallPart
    seen: list[SeenPart]
    waits: list[str] = Field(description="What an earlier step is to bring about.")
    objections: list[str] = Field(description="What stops the plan here.")


class RehearsalPart(Part):
    """A plan played through up to its first write."""

    proposal_id: str
    digest: str
    would_write: bool
    refusals: list[str]
    steps: list[RehearsedStepPart]


class RehearsalsDocument(Document):
    """`locksmith --output json apply --dry-run ID…`."""

    schema_name: Literal["locksmith.rehearsals/1"] = Field(alias="schema")
    rehearsals: list[RehearsalPart]


def rehearsals_document(rehearsals: Iterable[Rehearsal]) -> RehearsalsDocument:
    """Dry runs in the order given."""
    return RehearsalsDocument(
        schema="locksmith.rehearsals/1", rehearsals=[_rehearsal(each) for each in rehearsals]
    )


def _rehearsal(rehearsal: Rehearsal) -> RehearsalPart:
    return RehearsalPart(
        proposal_id=rehearsal.proposal_id,
        digest=rehearsal.digest,
        would_write=rehearsal.would_write,
        refusals=list(rehearsal.refusals),
        steps=[
            RehearsedStepPart(
                name=step.name,
                summary=step.summary,
                call=CallPart.model_validate(plain_object(step.call.data())),
                seen=[
                    SeenPart(what=seen.label, value=plain(seen.value), holds=seen.holds)
                    for seen in step.seen
                ],
                waits=list(step.waits),
                objections=list(step.objections),
            )
            for step in rehearsal.steps
        ],
    )
