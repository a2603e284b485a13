"""What a user or role really has: all their policies and groups', the boundary, roles to take on.

Organization, session and resource policies are not known here. Rights that take proof of MFA are
had only with the credential that is asked about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Account, Group, InlinePolicy, Principal, Role, Snapshot, User
from bot.policy import (
    Document,
    PolicyDocumentError,
    Proof,
    Statement,
    Verdict,
    as_said_to,
    decide,
    just,
    matches_action,
    parse_document,
)

_VARIABLE = re.compile(r"\$\{aws:(username|userid)\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rights:
    """All documents of one principal, and the permissions boundary."""

    documents: frozenset[Document]
    boundary: Document | None


class RightsReader:
    """Reads the rights of the principals of one snapshot, as they count for a credential."""

    def __init__(self, snapshot: Snapshot, proof: Proof) -> None:
        self._snapshot = snapshot
        self._proof = proof

    def of(
        self,
        holder: Principal,
        versions: dict[str, str] | None = None,
        lacking: frozenset[tuple[str, str]] = frozenset(),
    ) -> Rights:
        """All that the holder has, groups' rights included.

        `versions` are texts by the ARN of a managed policy, for "what if this one were in force",
        and `lacking` policies, each by its giver's id and its name or ARN, for "what without it".
        """
        names = {}
        if isinstance(holder, User):
            names = {"username": holder.name, "userid": holder.id}
        texts = [
            text for giver in self.givers(holder) for text in self._texts(giver, versions, lacking)
        ]
        read = (self.read(_named(text, names)) for text in texts)
        boundary = self._managed(holder.boundary, versions) if holder.boundary else None
        return Rights(
            frozenset(one for one in read if one),
            self.read(_named(boundary, names)) if boundary else None,
        )

    def givers(self, holder: Principal) -> tuple[User | Role | Group, ...]:
        """The holder and, for a user, the groups."""
        if not isinstance(holder, User):
            return (holder,)
        known = self._snapshot.groups_by_name
        return (holder, *(known[name] for name in holder.groups if name in known))

    def granted_by(self, group: Group) -> frozenset[Document]:
        """What a group gives its members."""
        return frozenset(filter(None, map(self.read, self._texts(group, None))))

    def read(self, text: str) -> Document | None:
        """The document as it counts for the credential; None for one that AWS could not read."""
        try:
            return as_said_to(parse_document(text, where="a policy"), self._proof)
        except PolicyDocumentError:
            return None

    def _texts(
        self,
        giver: User | Role | Group,
        versions: dict[str, str] | None,
        lacking: frozenset[tuple[str, str]] = frozenset(),
    ) -> Iterator[str]:
        inline: tuple[InlinePolicy, ...] = giver.inline
        yield from (one.text for one in inline if (giver.id, one.name) not in lacking)
        left = (arn for arn in giver.attached if (giver.id, arn) not in lacking)
        yield from filter(None, (self._managed(arn, versions) for arn in left))

    def _managed(self, arn: str, versions: dict[str, str] | None) -> str:
        if versions and arn in versions:
            return versions[arn]
        policy = self._snapshot.policies_by_arn.get(arn)
        return policy.default.text if policy else ""


def may(action: str, resource: str, rights: Rights) -> bool:
    """Whether it is allowed, if perhaps not always: under a Deny that has conditions."""
    said = decide(action, resource, rights.documents, rights.boundary)
    if said.verdict is Verdict.CONDITIONAL:
        return all(statement.effect == "Deny" for statement in said.depends_on)
    return said.verdict is Verdict.ALLOWED


@dataclass(frozen=True, slots=True)
class Door:
    """Whom a role's trust names without a condition; nobody where it denies anything."""

    role: Role
    named: frozenset[str]

    def lets_in(self, principal: Principal, rights: Rights, account: Account) -> bool:
        """Whether the trust and the principal's own rights let the principal take on the role."""
        if principal.arn in self.named:
            arn = just(self.role.arn)
            said = decide("sts:AssumeRole", arn, rights.documents, rights.boundary)
            return said.verdict is not Verdict.DENIED
        if self.named & {"*", account.id, account.iam_arn("root")}:
            return may("sts:AssumeRole", just(self.role.arn), rights)
        return False


def door_of(role: Role, trust: Document | None) -> Door:
    """How people of the account come into the role; `trust` is None where it can't be read."""
    about = [one for one in trust.statements if _is_about_assuming(one)] if trust else []
    if any(one.effect == "Deny" for one in about):
        return Door(role, frozenset())
    open_to = (one for allow in about if not allow.conditions for one in allow.principals)
    return Door(role, frozenset(one.value for one in open_to))


def _is_about_assuming(statement: Statement) -> bool:
    return any(matches_action(pattern, "sts:AssumeRole") for pattern in statement.actions)


def _named(text: str, names: dict[str, str]) -> str:
    """The text with the user's own name and id where variables stand for them."""
    if "${" not in text or not names:
        return text
    return _VARIABLE.sub(lambda found: names[found[1].lower()], text)
