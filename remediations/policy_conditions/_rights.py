"""All that a user holds, as it counts for one kind of credential."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Snapshot, User
from bot.policy import Document, Proof, as_said_to, parse_document


@dataclass(frozen=True, slots=True)
class Rights:
    """The documents, direct ones and those of groups, and the boundary."""

    documents: tuple[Document, ...]
    boundary: Document | None

    def said_to(self, proof: Proof) -> tuple[tuple[Document, ...], Document | None]:
        """What they say to a request with, or without, proof of MFA."""
        bound = None if self.boundary is None else as_said_to(self.boundary, proof)
        return tuple(as_said_to(each, proof) for each in self.documents), bound


def rights_of(user: User, snapshot: Snapshot) -> Rights:
    """What a user holds. Raises PolicyDocumentError."""
    texts = [*_texts(user, snapshot)]
    documents = tuple(parse_document(text, where=f"a policy of {user.name}") for text in texts)
    bound = _managed(user.boundary, snapshot) if user.boundary else None
    where = f"the boundary of {user.name}"
    return Rights(documents, None if bound is None else parse_document(bound, where=where))


def _texts(user: User, snapshot: Snapshot) -> Iterator[str]:
    known = snapshot.groups_by_name
    for giver in (user, *(known[name] for name in user.groups if name in known)):
        yield from (policy.text for policy in giver.inline)
        for arn in giver.attached:
            text = _managed(arn, snapshot)
            if text is not None:
                yield text


def _managed(arn: str, snapshot: Snapshot) -> str | None:
    policy = snapshot.policies_by_arn.get(arn)
    return policy.default.text if policy else None
