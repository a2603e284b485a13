"""The identities of one account as the guards see them, from AWS itself or from a snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bot.aws.authorization import FILTERS, AuthorizationDetails
from bot.engine.looking import Read
from bot.errors import AwsError
from bot.model import Call, Group, InlinePolicy, Part, Role, Snapshot, User
from bot.policy import CannotTell, Document, PolicyDocumentError, parse_document

#: A policy document, or why it can't be judged.
Judged = Document | CannotTell

_EVERYTHING = Call("iam", "GetAccountAuthorizationDetails", {"Filter": list(FILTERS.values())})


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, group or role, and what gives or limits its rights.

    `groups` are names in lower case; `inline` maps policy names to documents; `trust` is a role's.
    """

    kind: str
    name: str
    arn: str
    attached: frozenset[str] = frozenset()
    inline: Mapping[str, Judged] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    boundary: str | None = None
    trust: Judged | None = None
    profiles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """A managed policy's versions and the one in force."""

    versions: Mapping[str, Judged]
    default: str


@dataclass(frozen=True)
class Entities:
    """All users, groups and roles by lower-case name (IAM's are unique so), policies by ARN."""

    users: Mapping[str, Holder]
    groups: Mapping[str, Holder]
    roles: Mapping[str, Holder]
    policies: Mapping[str, Policy]

    def of_kind(self, kind: str) -> Mapping[str, Holder]:
        """The users, groups or roles."""
        return {"user": self.users, "group": self.groups, "role": self.roles}[kind]

    def with_holder(self, holder: Holder) -> "Entities":
        """These, with one holder put in or replaced."""
        changed = {**self.of_kind(holder.kind), holder.name.casefold(): holder}
        return self._with(holder.kind, changed)

    def without(self, kind: str, name: str) -> "Entities":
        """These, without one holder."""
        left = {key: each for key, each in self.of_kind(kind).items() if key != name.casefold()}
        return self._with(kind, left)

    def with_policy(self, arn: str, policy: Policy) -> "Entities":
        """These, with one policy put in or replaced."""
        return replace(self, policies={**self.policies, arn: policy})

    def members(self, group: str) -> tuple[Holder, ...]:
        """The users in a group."""
        return tuple(self._members.get(group.casefold(), ()))

    def holding(self, policy_arn: str) -> tuple[Holder, ...]:
        """Who has a managed policy attached or as boundary."""
        return tuple(self._holding.get(policy_arn, ()))

    @cached_property
    def _members(self) -> Mapping[str, list[Holder]]:
        found: dict[str, list[Holder]] = defaultdict(list)
        for user in self.users.values():
            for name in user.groups:
                found[name].append(user)
        return found

    @cached_property
    def _holding(self) -> Mapping[str, list[Holder]]:
        found: dict[str, list[Holder]] = defaultdict(list)
        for holder in (*self.users.values(), *self.groups.values(), *self.roles.values()):
            for arn in holder.attached | ({holder.boundary} if holder.boundary else set()):
                found[arn].append(holder)
        return found

    def _with(self, kind: str, changed: Mapping[str, Holder]) -> "Entities":
        match kind:
            case "user":
                return replace(self, users=changed)
            case "group":
                return replace(self, groups=changed)
            case _:
                return replace(self, roles=changed)


def of_snapshot(snapshot: Snapshot) -> Entities:
    """What a snapshot has of them; parts that it lacks are empty, the live check sees all."""
    parts = snapshot.parts
    return _entities(
        parts.get(Part.USERS, ()),
        parts.get(Part.GROUPS, ()),
        parts.get(Part.ROLES, ()),
        (*parts.get(Part.CUSTOMER_POLICIES, ()), *parts.get(Part.AWS_POLICIES, ())),
    )


def read_entities(read: Read) -> Entities:
    """Everything about identities, live. Raises what `read` raises, AwsError for no answer."""
    answer = read(_EVERYTHING)
    if not isinstance(answer, Mapping):
        raise AwsError("iam:GetAccountAuthorizationDetails gave no answer")
    details = AuthorizationDetails()
    details.add(answer)
    policies = (*details.part(Part.CUSTOMER_POLICIES), *details.part(Part.AWS_POLICIES))
    return _entities(details.users, details.groups, details.roles, policies)


def _entities(
    users: Sequence[User],
    groups: Sequence[Group],
    roles: Sequence[Role],
    policies: Sequence[Any],
) -> Entities:
    return Entities(
        users=_by_name(map(_user, users)),
        groups=_by_name(map(_group, groups)),
        roles=_by_name(map(_role, roles)),
        policies={
            policy.arn: Policy(
                {one.id: judged(one.text, policy.arn) for one in policy.versions},
                policy.default.id,
            )
            for policy in policies
        },
    )


def judged(raw: Any, where: str) -> Judged:
    """A document as parsed, or as one that can't be judged."""
    try:
        return parse_document(raw, where=where)
    except PolicyDocumentError as error:
        return CannotTell(where, error.reason)


def _by_name(holders: Iterable[Holder]) -> dict[str, Holder]:
    return {holder.name.casefold(): holder for holder in holders}


def _user(user: User) -> Holder:
    return Holder(
        kind="user",
        name=user.name,
        arn=user.arn,
        attached=frozenset(user.attached),
        inline=_inline(user.inline, user.arn),
        groups=frozenset(map(str.casefold, user.groups)),
        boundary=user.boundary,
    )


def _role(role: Role) -> Holder:
    return Holder(
        kind="role",
        name=role.name,
        arn=role.arn,
        attached=frozenset(role.attached),
        inline=_inline(role.inline, role.arn),
        boundary=role.boundary,
        trust=judged(role.trust, f"the trust of {role.arn}"),
        profiles=frozenset(arn.rpartition("/")[2].casefold() for arn in role.instance_profiles),
    )


def _group(group: Group) -> Holder:
    return Holder(
        kind="group",
        name=group.name,
        arn=group.arn,
        attached=frozenset(group.attached),
        inline=_inline(group.inline, group.arn),
    )


def _inline(policies: Iterable[InlinePolicy], where: str) -> dict[str, Judged]:
    return {one.name: judged(one.text, f"{one.name} of {where}") for one in policies}
