"""How a user of IAM gets in: what AWS shows now, and what could not be read of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.aws.reading import ReadFailedError
from bot.engine.administrators import Administrators
from bot.engine.entities import Entities, Holder, read_entities
from bot.engine.looking import Look
from bot.errors import NotFoundError
from bot.model import Account, Call
from bot.policy import (
    AWS_FENCE,
    CONTAINMENT_FENCE,
    CannotTell,
    Document,
    Statement,
    matches_action,
)

#: The longest that a role's session can be; one hour is AWS's default.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
LONGEST = timedelta(hours=12)

_ROLES_READ = 20
_ASSUME = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of credential that can be switched off and on: how AWS lists and changes it."""

    what: str
    lists: str
    items: str
    id: str
    update: str


KINDS = (
    Kind("access key", "ListAccessKeys", "AccessKeyMetadata", "AccessKeyId", "UpdateAccessKey"),
    Kind(
        "service credential",
        "ListServiceSpecificCredentials",
        "ServiceSpecificCredentials",
        "ServiceSpecificCredentialId",
        "UpdateServiceSpecificCredential",
    ),
    Kind(
        "SSH public key", "ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId",
        "UpdateSSHPublicKey",
    ),
    Kind(
        "signing certificate", "ListSigningCertificates", "Certificates", "CertificateId",
        "UpdateSigningCertificate",
    ),
)  # fmt: skip
PASSWORD = "console password"  # noqa: S105 - the word, not one


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of a user; `status` in AWS's words."""

    kind: Kind
    id: str
    status: str

    @property
    def is_active(self) -> bool:
        """Whether it lets someone in."""
        return self.status == "Active"


@dataclass(frozen=True, slots=True)
class OpenRole:
    """A role that the user may assume; `longest` is None where it could not be read."""

    name: str
    longest: timedelta | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """Everything by which a user gets in, as AWS shows it now.

    `unread` says why a kind of credential, or the password, could not be read. `more_roles` were
    not looked at one by one; `roles_unsure` says why there may be others than are known.
    """

    account: Account
    id: str
    holder: Holder
    credentials: tuple[Credential, ...] = ()
    has_password: bool = False
    unread: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[OpenRole, ...] = ()
    more_roles: int = 0
    roles_unsure: str = ""

    @property
    def name(self) -> str:
        """The user's name as AWS spells it."""
        return self.holder.name


def ways_in(look: Look, account: Account, name: str) -> WaysIn:
    """How the user of this name gets in. Raises NotFoundError, and what reading raises.

    Only the user and their rights must be readable; whatever else isn't is said in the answer.
    """
    entities = read_entities(look.answer)
    holder = entities.users.get(name.casefold())
    user_id = _id(look, holder.name) if holder else None
    if holder is None or user_id is None:
        raise NotFoundError(
            f"account {account.id} has no user {name}",
            hint="Only IAM users can be contained: a role's or a person's access lies elsewhere.",
        )
    unread: dict[str, str] = {}
    credentials = [each for kind in KINDS for each in _listed(look, kind, holder.name, unread)]
    roles, more = _roles(look, account, entities, holder)
    return WaysIn(
        account=account,
        id=user_id,
        holder=holder,
        credentials=tuple(credentials),
        has_password=_has_password(look, holder.name, unread),
        unread=unread,
        roles=roles,
        more_roles=more,
        roles_unsure=_unsure(account, entities, holder),
    )


def _id(look: Look, name: str) -> str | None:
    answer: Any = look.answer(Call("iam", "GetUser", {"UserName": name}))
    found = ((answer or {}).get("User") or {}).get("UserId")
    return str(found) if found else None


def _listed(look: Look, kind: Kind, user: str, unread: dict[str, str]) -> Iterator[Credential]:
    try:
        answer: Any = look.answer(Call("iam", kind.lists, {"UserName": user}))
    except ReadFailedError as error:
        unread[kind.what] = str(error)
        return
    for item in (answer or {}).get(kind.items, ()):
        yield Credential(kind, str(item[kind.id]), str(item.get("Status")))


def _has_password(look: Look, user: str, unread: dict[str, str]) -> bool:
    try:
        return look.answer(Call("iam", "GetLoginProfile", {"UserName": user})) is not None
    except ReadFailedError as error:
        unread[PASSWORD] = str(error)
        return False


def _roles(
    look: Look, account: Account, entities: Entities, user: Holder
) -> tuple[tuple[OpenRole, ...], int]:
    free = entities.with_holder(_without_fence(account, user))
    names = Administrators(account, free, lambda _user: True).assumable_by(user.arn)
    looked_at = names[:_ROLES_READ]
    return tuple(_open_role(look, each) for each in looked_at), len(names) - len(looked_at)


def _without_fence(account: Account, user: Holder) -> Holder:
    """The user as before a containment: what was assumed until then is what counts."""
    inline = {name: each for name, each in user.inline.items() if name != CONTAINMENT_FENCE}
    attached = user.attached - {account.aws_policy_arn(AWS_FENCE)}
    return replace(user, inline=inline, attached=attached)


def _open_role(look: Look, name: str) -> OpenRole:
    try:
        answer: Any = look.answer(Call("iam", "GetRole", {"RoleName": name}))
    except ReadFailedError:
        return OpenRole(name, None)
    seconds = ((answer or {}).get("Role") or {}).get("MaxSessionDuration")
    longest = timedelta(seconds=seconds) if isinstance(seconds, int) else timedelta()
    return OpenRole(name, longest if timedelta() < longest <= LONGEST else None)


def _unsure(account: Account, entities: Entities, user: Holder) -> str:
    """Why the user may have assumed roles that this account's documents don't tell, or nothing."""
    givers = (user, *(entities.groups[name] for name in user.groups if name in entities.groups))
    for giver in givers:
        documents = [*giver.inline.values()]
        for arn in giver.attached:
            policy = entities.policies.get(arn)
            known = policy.versions.get(policy.default) if policy else None
            documents.append(known or CannotTell(arn, "it was not read"))
        for document in documents:
            if not isinstance(document, Document):
                return f"{document.subject} could not be judged: {document.reason}"
            if any(_reaches_others(one, account) for one in document.statements):
                return "its policies also allow roles of other accounts"
    unread = sorted(r.name for r in entities.roles.values() if not isinstance(r.trust, Document))
    return f"the trust of {', '.join(unread[:3])} could not be judged" if unread else ""


def _reaches_others(statement: Statement, account: Account) -> bool:
    if statement.effect != "Allow":
        return False
    if statement.not_actions:
        about = not any(matches_action(pattern, _ASSUME) for pattern in statement.not_actions)
    else:
        about = any(matches_action(pattern, _ASSUME) for pattern in statement.actions)
    if not about:
        return False
    if statement.not_resources:
        return True
    return any(_is_elsewhere(pattern, account) for pattern in statement.resources)


def _is_elsewhere(pattern: str, account: Account) -> bool:
    """Whether the pattern takes in more than this account's; `*` does."""
    parts = pattern.split(":", 5)
    return len(parts) < 6 or parts[4] != account.id
