"""The document of a policy that grants everything, and the narrower one that takes its place."""

from dataclasses import dataclass

from bot.errors import PlanError
from bot.model import Account, Json, canonical
from bot.policy import (
    CannotTell,
    Document,
    FullAccess,
    document_size,
    grants_full_administration,
    parse_document,
    without_full_administration,
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A document as it is and as it would be, both as AWS's answers hold them."""

    old: Json
    new: Json

    @property
    def size(self) -> int:
        """The size of the new document as AWS's quotas count it."""
        content: dict[str, Json] = dict(self.new) if isinstance(self.new, dict) else {}
        return document_size(content)


@dataclass(frozen=True, slots=True)
class CannotNarrow:
    """Why only a person can write the narrower document."""

    reason: str


def full_access(text: str, where: str, account: Account) -> FullAccess | None:
    """What in this document amounts to administrator access. Raises PolicyDocumentError."""
    return grants_full_administration(_parsed(text, where), partition=account.partition)


def narrowed(text: str, where: str, account: Account) -> Narrowing | CannotNarrow:
    """The document cut to what AWS's PowerUserAccess allows. Raises PolicyDocumentError."""
    document = _parsed(text, where)
    cut = without_full_administration(document, partition=account.partition)
    if isinstance(cut, CannotTell):
        return CannotNarrow(f"{cut.subject} of {where}: {cut.reason}")
    change = Narrowing(document.as_json(), cut)
    try:
        canonical(change.old)
    except PlanError as error:
        return CannotNarrow(f"{where} can't be compared exactly: {error}")
    return change


def _parsed(text: str, where: str) -> Document:
    return parse_document(text, where=where)
