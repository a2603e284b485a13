"""Which users are privileged: by what they can really do with a credential, not by any name.

Counted are all their policies, inline and managed, their groups', the permissions boundary, and
privileged roles that they may take on (one step). Organization, session and resource policies are
not known here. Rights that take proof of MFA are not had without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.model import Account, Json, Settings, Snapshot, User
from bot.policy import Proof
from remediations._rights import Rights, RightsReader, door_of, may

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


class Privileges:
    """Judges the users of one snapshot, each set of rights once.

    One of the `sensitive` actions is enough, or it takes `every` one of them.
    """

    def __init__(
        self, snapshot: Snapshot, proof: Proof, sensitive: Sequence[str], *, every: bool = False
    ) -> None:
        self._snapshot = snapshot
        self._sensitive = sensitive
        self._least = len(sensitive) if every else 1
        self._known: dict[Rights, tuple[str, ...]] = {}
        self._reader = RightsReader(snapshot, proof)
        self._doors = [
            door_of(role, self._reader.read(role.trust))
            for role in snapshot.roles
            if self._allowed(self._reader.of(role))
        ]

    def of(self, user: User) -> Power:
        """What this user may do; false where that is nothing sensitive."""
        rights = self._reader.of(user)
        account = self._snapshot.account
        roles = (each.role.name for each in self._doors if each.lets_in(user, rights, account))
        return Power(self._allowed(rights), tuple(sorted(roles)))

    def _allowed(self, rights: Rights) -> tuple[str, ...]:
        if rights not in self._known:
            allowed = tuple(
                action
                for action in self._sensitive
                if may(action, _example(action, self._snapshot.account), rights)
            )
            self._known[rights] = allowed if len(allowed) >= self._least else ()
        return self._known[rights]


def _example(action: str, account: Account) -> str:
    kind = _ACTS_ON.get(action)
    return f"arn:{account.partition}:{kind.format(id=account.id)}/{_ANY}" if kind else "*"


def _some(names: Sequence[str]) -> list[Json]:
    more = len(names) - _SHOWN
    return [*names[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
