"""Which users are privileged: by what they can really do with a credential, not by any name.

Counted are all their policies, inline and managed, their groups', the permissions boundary, and
privileged roles that they may take on (one step). Organization, session and resource policies are
not known here. Rights that take proof of MFA are not had without it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.model import Account, Group, InlinePolicy, Json, Role, Settings, Snapshot, User
from bot.policy import (
    Document,
    PolicyDocumentError,
    Proof,
    Statement,
    Verdict,
    as_said_to,
    decide,
    matches_action,
    parse_document,
)

# Somebody or something that no policy names: who may act on it may act on all of its kind.
_ANY = "locksmith-looks-for-anyone"
#: Each hands out rights, takes on others' rights, or destroys what would tell of it; with what it
#: acts on.
_ACTS_ON = {
    "iam:AddUserToGroup": "iam::{id}:group",
    "iam:AttachGroupPolicy": "iam::{id}:group",
    "iam:AttachRolePolicy": "iam::{id}:role",
    "iam:AttachUserPolicy": "iam::{id}:user",
    "iam:CreateAccessKey": "iam::{id}:user",
    "iam:CreateLoginProfile": "iam::{id}:user",
    "iam:CreatePolicyVersion": "iam::{id}:policy",
    "iam:PassRole": "iam::{id}:role",
    "iam:PutGroupPolicy": "iam::{id}:group",
    "iam:PutRolePolicy": "iam::{id}:role",
    "iam:PutUserPolicy": "iam::{id}:user",
    "iam:SetDefaultPolicyVersion": "iam::{id}:policy",
    "iam:UpdateAccessKey": "iam::{id}:user",
    "iam:UpdateAssumeRolePolicy": "iam::{id}:role",
    "iam:UpdateLoginProfile": "iam::{id}:user",
    "cloudtrail:DeleteTrail": "cloudtrail:us-east-1:{id}:trail",
    "cloudtrail:StopLogging": "cloudtrail:us-east-1:{id}:trail",
    "kms:ScheduleKeyDeletion": "kms:us-east-1:{id}:key",
}
_VARIABLE = re.compile(r"\$\{aws:(username|userid)\}", re.IGNORECASE)
_SHOWN = 5

Action = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]+$")]


class PrivilegeSettings(Settings):
    """What makes a user a privileged one."""

    sensitive_actions: tuple[Action, ...] = Field(
        default=tuple(_ACTS_ON),
        strict=False,
        min_length=1,
        description="Actions of which each makes privileged whoever may use it on everything of "
        "its kind, or may take on a role that may.",
    )


@dataclass(frozen=True, slots=True)
class Power:
    """What makes a user privileged: sensitive actions of their own, and roles with such."""

    actions: tuple[str, ...]
    roles: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.actions or self.roles)

    def evidence(self) -> dict[str, Json]:
        """As people are told; long lists cut short, empty ones left out."""
        told = {"may": _some(self.actions), "may_take_on": _some(self.roles)}
        return {name: [*each] for name, each in told.items() if each}


@dataclass(frozen=True, slots=True)
class _Rights:
    documents: frozenset[Document]
    boundary: Document | None


class Privileges:
    """Judges the users of one snapshot, each set of rights once.

    One of the `sensitive` actions is enough, or it takes `every` one of them.
    """

    def __init__(
        self, snapshot: Snapshot, proof: Proof, sensitive: Sequence[str], *, every: bool = False
    ) -> None:
        self._snapshot = snapshot
        self._proof = proof
        self._sensitive = sensitive
        self._least = len(sensitive) if every else 1
        self._known: dict[_Rights, tuple[str, ...]] = {}
        self._roles = [
            (role, trust)
            for role in snapshot.roles
            if (trust := self._read(role.trust)) and self._allowed(self._rights(role))
        ]

    def of(self, user: User) -> Power:
        """What this user may do; false where that is nothing sensitive."""
        rights = self._rights(user)
        roles = (
            role.name
            for role, trust in self._roles
            if _lets_in(trust, user, role, rights, self._snapshot.account)
        )
        return Power(self._allowed(rights), tuple(sorted(roles)))

    def _allowed(self, rights: _Rights) -> tuple[str, ...]:
        if rights not in self._known:
            allowed = tuple(
                action
                for action in self._sensitive
                if _may(action, _example(action, self._snapshot.account), rights)
            )
            self._known[rights] = allowed if len(allowed) >= self._least else ()
        return self._known[rights]

    def _rights(self, holder: User | Role) -> _Rights:
        givers: list[User | Role | Group] = [holder]
        names = {}
        if isinstance(holder, User):
            known = self._snapshot.groups_by_name
            givers += [known[name] for name in holder.groups if name in known]
            names = {"username": holder.name, "userid": holder.id}
        texts = [text for giver in givers for text in self._texts(giver)]
        read = (self._read(_named(text, names)) for text in texts)
        boundary = self._managed(holder.boundary) if holder.boundary else None
        return _Rights(
            frozenset(one for one in read if one),
            self._read(_named(boundary, names)) if boundary else None,
        )

    def _texts(self, giver: User | Role | Group) -> Iterator[str]:
        inline: tuple[InlinePolicy, ...] = giver.inline
        yield from (policy.text for policy in inline)
        yield from filter(None, map(self._managed, giver.attached))

    def _managed(self, arn: str) -> str:
        policy = self._snapshot.policies_by_arn.get(arn)
        return policy.default.text if policy else ""

    def _read(self, text: str) -> Document | None:
        """The document as it counts for the credential; None for one that AWS could not read."""
        try:
            return as_said_to(parse_document(text, where="a policy"), self._proof)
        except PolicyDocumentError:
            return None


def _may(action: str, resource: str, rights: _Rights) -> bool:
    """Whether it is allowed, if perhaps not always: under a Deny that has conditions."""
    said = decide(action, resource, rights.documents, rights.boundary)
    if said.verdict is Verdict.CONDITIONAL:
        return all(statement.effect == "Deny" for statement in said.depends_on)
    return said.verdict is Verdict.ALLOWED


def _lets_in(trust: Document, user: User, role: Role, rights: _Rights, account: Account) -> bool:
    """Whether the trust and the user's own rights let the user take on the role."""
    about = [one for one in trust.statements if _is_about_assuming(one)]
    if any(one.effect == "Deny" for one in about):
        return False
    named = {one.value for allow in about if not allow.conditions for one in allow.principals}
    if user.arn in named:
        said = decide("sts:AssumeRole", role.arn, rights.documents, rights.boundary)
        return said.verdict is not Verdict.DENIED
    if named & {"*", account.id, account.iam_arn("root")}:
        return _may("sts:AssumeRole", role.arn, rights)
    return False


def _is_about_assuming(statement: Statement) -> bool:
    return any(matches_action(pattern, "sts:AssumeRole") for pattern in statement.actions)


def _example(action: str, account: Account) -> str:
    kind = _ACTS_ON.get(action)
    return f"arn:{account.partition}:{kind.format(id=account.id)}/{_ANY}" if kind else "*"


def _named(text: str, names: dict[str, str]) -> str:
    """The text with the user's own name and id where variables stand for them."""
    if "${" not in text or not names:
        return text
    return _VARIABLE.sub(lambda found: names[found[1].lower()], text)


def _some(names: Sequence[str]) -> list[Json]:
    more = len(names) - _SHOWN
    return [*names[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
