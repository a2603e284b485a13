"""Executions as JSON."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bot.model import ExecutionRecord, Outcome, ProposalState, WatchRecord
from bot.reports.documents.document import Document, Part, Time


class ExecutedStepPart(Part):
    """What the journal knows of one step."""

    index: int
    name: str
    outcome: Outcome
    intended_at: Time
    settled_at: Time | None
    request_id: str | None = Field(description="AWS's request id.")
    error: str | None


class ExecutionPart(Part):
    """One claim of an approved proposal by one process."""

    id: str
    proposal_id: str
    account: str
    actor: str
    started_at: Time
    finished_at: Time | None
    state: ProposalState
    why: str
    steps: list[ExecutedStepPart]
    undone_by: str | None


class WatchPart(Part):
    """How it is looked after an execution for harm, in sentences.

    `looked` is what was looked at last, `unknown` what could not be told, `blind` what nobody sees.
    """

    begun_at: Time
    until: Time | None = Field(description="null before the first look.")
    looked_at: Time | None
    looks: int
    looked: list[str]
    unknown: list[str]
    blind: list[str]
    harm: list[str]
    harmed_at: Time | None
    ended_at: Time | None
    ended: str


class ExecutionsDocument(Document):
    """`locksmith --output json executions`, `apply ID…` and `undo ID`."""

    schema_name: Literal["locksmith.executions/1"] = Field(alias="schema")
    executions: list[ExecutionPart]


class ExecutionDocument(Document):
    """`locksmith --output json executions show ID`."""

    schema_name: Literal["locksmith.execution/1"] = Field(alias="schema")
    execution: ExecutionPart
    watch: WatchPart | None = Field(description="null where it isn't looked after this.")


def executions_document(executions: Iterable[ExecutionRecord]) -> ExecutionsDocument:
    """Executions in the order given."""
    return ExecutionsDocument(
        schema="locksmith.executions/1", executions=[_execution(each) for each in executions]
    )


def execution_document(
    execution: ExecutionRecord, watch: WatchRecord | None = None
) -> ExecutionDocument:
    """One execution, with its watch."""
    return ExecutionDocument(
        schema="locksmith.execution/1",
        execution=_execution(execution),
        watch=None if watch is None else _watch(watch),
    )


def _watch(record: WatchRecord) -> WatchPart:
    return WatchPart(
        begun_at=record.begun_at,
        until=record.until,
        looked_at=record.looked_at,
        looks=record.looks,
        looked=list(record.looked),
        unknown=list(record.unknown),
        blind=list(record.blind),
        harm=list(record.harm),
        harmed_at=record.harmed_at,
        ended_at=record.ended_at,
        ended=record.ended,
    )


def _execution(record: ExecutionRecord) -> ExecutionPart:
    return ExecutionPart(
        id=record.id,
        proposal_id=record.proposal_id,
        account=record.account.id,
        actor=str(record.actor),
        started_at=record.started_at,
        finished_at=record.finished_at,
        state=record.state,
        why=record.why,
        steps=[
            ExecutedStepPart(
                index=step.index,
                name=step.name,
                outcome=step.outcome,
                intended_at=step.intended_at,
                settled_at=step.settled_at,
                request_id=step.request_id,
                error=step.error,
            )
            for step in record.steps
        ],
        undone_by=record.undone_by,
    )
