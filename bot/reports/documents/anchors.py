"""Anchors of the audit log as JSON: where it was noted down, and whether the log still fits."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bot.engine.anchor_checking import AnchorsVerdict, Judged, TargetVerdict
from bot.engine.anchoring import Noted
from bot.engine.signing import fingerprint
from bot.model import Anchor
from bot.reports.documents.audit import AuditVerdictDocument, audit_verdict_document
from bot.reports.documents.document import Document, Part, Time


class AnchorPart(Part):
    """What was noted down."""

    seq: int
    hash: str
    at: Time
    key: str = Field(description="The public key that the signature is made for; empty for none.")


class NotedPart(Part):
    """What came of one place."""

    target: str
    anchor: AnchorPart | None
    reference: str | None
    before: bool = Field(description="It was there already, since nothing was logged since.")
    trouble: str


class NotedDocument(Document):
    """`locksmith --output json audit anchor`."""

    schema_name: Literal["locksmith.audit-anchor/1"] = Field(alias="schema")
    targets: list[NotedPart]


class JudgedPart(Part):
    """One anchor, and what the log says of it."""

    standing: str = Field(
        description="fits, rewritten, truncated, removed, altered, forged, unsigned or not told."
    )
    anchor: AnchorPart
    reference: str
    said: str


class TargetPart(Part):
    """What one place says."""

    target: str
    unreachable: str | None = Field(description="Why it could not be read; then it is unknown.")
    others: int = Field(description="Entries there that are no anchors of this database.")
    anchors: list[JudgedPart]


class AnchorsDocument(Document):
    """`locksmith --output json audit verify --anchors`."""

    schema_name: Literal["locksmith.anchors-verdict/1"] = Field(alias="schema")
    log: AuditVerdictDocument
    signatures_checked: bool
    targets: list[TargetPart]
    restored: list[str] = Field(description="Restores that the log tells of.")
    not_configured: list[str] = Field(description="Places with anchors that were not looked at.")


class SigningKeyDocument(Document):
    """`locksmith --output json audit keygen FILE`, and `audit public-key`; never a secret."""

    schema_name: Literal["locksmith.signing-key/1"] = Field(alias="schema")
    key: str = Field(description="Its fingerprint, as anchors name it.")
    public_key: str = Field(description="PEM.")


def noted_document(noted: Iterable[Noted]) -> NotedDocument:
    """What came of each place."""
    return NotedDocument(
        schema="locksmith.audit-anchor/1", targets=[_noted(each) for each in noted]
    )


def anchors_document(compared: AnchorsVerdict) -> AnchorsDocument:
    """Whether the log is whole, and what each place says of it."""
    return AnchorsDocument(
        schema="locksmith.anchors-verdict/1",
        log=audit_verdict_document(compared.chain),
        signatures_checked=compared.signatures,
        targets=[_target(each) for each in compared.targets],
        restored=list(compared.restored),
        not_configured=list(compared.dropped),
    )


def signing_key_document(public_key: str) -> SigningKeyDocument:
    """A public key."""
    return SigningKeyDocument(
        schema="locksmith.signing-key/1", key=fingerprint(public_key), public_key=public_key
    )


def _noted(each: Noted) -> NotedPart:
    return NotedPart(
        target=each.target,
        anchor=_anchor(each.placed.anchor) if each.placed else None,
        reference=each.placed.reference if each.placed else None,
        before=each.before,
        trouble=each.trouble,
    )


def _target(each: TargetVerdict) -> TargetPart:
    return TargetPart(
        target=each.target,
        unreachable=each.unreachable,
        others=each.others,
        anchors=[_judged(one) for one in each.judged],
    )


def _judged(one: Judged) -> JudgedPart:
    return JudgedPart(
        standing=one.standing.value,
        anchor=_anchor(one.anchor),
        reference=one.reference,
        said=one.said,
    )


def _anchor(anchor: Anchor) -> AnchorPart:
    return AnchorPart(seq=anchor.seq, hash=anchor.hash, at=anchor.at, key=anchor.key)
