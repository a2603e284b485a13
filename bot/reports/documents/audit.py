"""The audit log as JSON, and as JSON Lines."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bot.model import AuditEvent
from bot.reports.documents.document import Document, Part, Time, plain_object
from bot.store.audit import AuditVerdict


class EventPart(Part):
    """One row of the log; `hash` covers all the rest and `previous`."""

    seq: int
    at: Time
    event: str
    actor: str
    account: str | None
    subject: str | None
    data: dict[str, Any]
    previous: str
    hash: str


class AuditDocument(Document):
    """`locksmith --output json audit`."""

    schema_name: Literal["locksmith.audit/1"] = Field(alias="schema")
    events: list[EventPart]


class AuditEventDocument(Document):
    """One line of `locksmith audit export`."""

    schema_name: Literal["locksmith.audit-event/1"] = Field(alias="schema")
    event: EventPart


class AuditVerdictDocument(Document):
    """`locksmith --output json audit verify`."""

    schema_name: Literal["locksmith.audit-verdict/1"] = Field(alias="schema")
    ok: bool
    events: int
    head_seq: int = Field(description="Note it down elsewhere, with the hash.")
    head_hash: str
    problem: str | None
    at_seq: int | None = Field(description="The first row that isn't as it was written.")


def audit_document(events: Iterable[AuditEvent]) -> AuditDocument:
    """Events in the order given."""
    return AuditDocument(schema="locksmith.audit/1", events=[_event(event) for event in events])


def audit_event_document(event: AuditEvent) -> AuditEventDocument:
    """One event."""
    return AuditEventDocument(schema="locksmith.audit-event/1", event=_event(event))


def audit_verdict_document(verdict: AuditVerdict) -> AuditVerdictDocument:
    """Whether the log is whole."""
    return AuditVerdictDocument(
        schema="locksmith.audit-verdict/1",
        ok=verdict.ok,
        events=verdict.events,
        head_seq=verdict.head_seq,
        head_hash=verdict.head_hash,
        problem=verdict.problem,
        at_seq=verdict.at_seq,
    )


def _event(event: AuditEvent) -> EventPart:
    return EventPart(
        seq=event.seq,
        at=event.at,
        event=event.event,
        actor=event.actor,
        account=event.account,
        subject=event.subject,
        data=plain_object(event.data),
        previous=event.previous,
        hash=event.hash,
    )
