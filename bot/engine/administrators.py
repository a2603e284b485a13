"""Who administers an account, and which people get in as them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.engine.effects import after_step
from bot.engine.entities import Entities, Holder, Judged
from bot.model import Account, Step
from bot.policy import (
    Answer,
    CannotTell,
    Document,
    Principal,
    Statement,
    Verdict,
    decide,
    full_administration_of,
    matches_action,
)

#: Stands for machines among those who get in: services, web identities, what can't be judged.
MACHINES = "machines"

#: How surely a principal administers; one that WORKS does, though perhaps only with MFA.
RANK = {Answer.NO: 0, Answer.CANNOT_TELL: 1, Answer.CONDITIONAL: 2, Answer.YES: 3}
WORKS = RANK[Answer.CONDITIONAL]

#: Whether a user has a password or an active access key.
HasDoor = Callable[[str], bool]

_ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_MAY = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_Rights = tuple[frozenset[Judged], Judged | None]


@dataclass(slots=True)
class _Known:
    """What was worked out once, for this account and for what plans make of it."""

    ranks: dict[_Rights, int] = field(default_factory=dict)
    assuming: dict[tuple[_Rights, str], Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Administrators:
    """Who administers an account as it is, or as a plan's step would leave it."""

    account: Account
    entities: Entities
    has_door: HasDoor
    _known: _Known = field(default_factory=_Known)
    _kept: dict[str, frozenset[str]] = field(default_factory=dict)
    _ranked: dict[str, int] = field(default_factory=dict)

    def after(self, step: Step) -> "Administrators":
        """The same once the step is through."""
        return Administrators(
            self.account, after_step(self.entities, step), self.has_door, self._known
        )

    def ranks(self) -> dict[str, int]:
        """Every user and role that is or may be an administrator, by ARN, with how surely."""
        if not self._ranked:
            ranked = {holder.arn: self._rank(holder) for holder in self._everyone()}
            self._ranked.update({arn: rank for arn, rank in ranked.items() if rank})
        return self._ranked

    def governing(self) -> frozenset[str]:
        """Everyone whose loss could matter: administrators, and whoever gets in as one of them.

        Worked out once; what reaches none of these ARNs can't lock anybody out.
        """
        if "governing" not in self._kept:
            found = set(self.ranks())
            waiting = [arn for arn in found if ":role/" in arn]
            while waiting:
                new = self._comers(waiting.pop()) - found
                found |= new
                waiting += [arn for arn in new if ":role/" in arn]
            self._kept["governing"] = frozenset(found)
        return self._kept["governing"]

    def who_gets_in(self, arn: str) -> frozenset[str]:
        """Who acts as this user or role: users of this account by their ARN, people from outside
        by the role that they come in by, and MACHINES. Empty where nobody does.
        """
        if arn not in self._kept:
            holder = self._by_arn(arn)
            comers = frozenset[str]() if holder is None else self._comes_as(holder, frozenset())
            self._kept[arn] = comers
        return self._kept[arn]

    def assumable_by(self, arn: str) -> tuple[str, ...]:
        """The names of the roles here that this user or role may assume, as far as it is known."""
        return tuple(
            sorted(
                role.name
                for role in self.entities.roles.values()
                if _lets_in_everyone(role) or arn in self._comers(role.arn)
            )
        )

    def _comes_as(self, holder: Holder, through: frozenset[str]) -> frozenset[str]:
        if holder.kind == "user":
            return frozenset({holder.arn} if self.has_door(holder.name) else ())
        if holder.arn in through:
            return frozenset()
        if not isinstance(holder.trust, Document):
            return frozenset({MACHINES})
        if any(_shuts_everyone_out(one) for one in holder.trust.statements):
            return frozenset()
        through |= {holder.arn}
        found: set[str] = set()
        for statement in _letting_in(holder.trust):
            if statement.not_principals:
                found.add(holder.arn)
            for principal in statement.principals:
                found |= self._let_in(principal, holder, through)
        return frozenset(found)

    def _let_in(
        self, principal: Principal, role: Holder, through: frozenset[str]
    ) -> frozenset[str]:
        outside = frozenset({role.arn})
        value = principal.value
        if principal.type == "Federated":
            return outside if ":saml-provider/" in value else frozenset({MACHINES})
        if principal.type not in ("AWS", "*"):
            return frozenset({MACHINES})
        if self._is_whole_account(value):
            who = [one for one in self._everyone() if self._says(one, role) in _MAY]
            return frozenset[str]().union(*(self._comes_as(one, through) for one in who))
        if not value.startswith("arn:"):
            # Another account's number; a bare AIDA… or AROA… is an identity that is gone.
            return outside if value.isdigit() else frozenset()
        if _parts(value)[0] != self.account.id:
            return outside
        named = self._by_arn(value)
        if named is None or self._says(named, role) is Verdict.DENIED:
            return frozenset()
        return self._comes_as(named, through)

    def _comers(self, role_arn: str) -> set[str]:
        """Who of this account may act as this role, by its trust or by their own rights."""
        role = self._by_arn(role_arn)
        if role is None or not isinstance(role.trust, Document):
            return set()
        comers: set[str] = set()
        for statement in _letting_in(role.trust):
            for principal in statement.principals:
                if self._is_whole_account(principal.value):
                    comers |= {one.arn for one in self._everyone() if self._says(one, role) in _MAY}
                elif self._by_arn(principal.value):
                    comers.add(principal.value)
        return comers

    def _is_whole_account(self, value: str) -> bool:
        return value in ("*", self.account.id, self.account.iam_arn("root"))

    def _everyone(self) -> Iterator[Holder]:
        yield from self.entities.users.values()
        yield from self.entities.roles.values()

    def _rank(self, holder: Holder) -> int:
        rights = self._rights(holder)
        if rights not in self._known.ranks:
            documents, boundary = rights
            answer = full_administration_of(
                documents,
                boundary,
                account_id=self.account.id,
                partition=self.account.partition,
            ).answer
            self._known.ranks[rights] = RANK[answer]
        return self._known.ranks[rights]

    def _says(self, holder: Holder, role: Holder) -> Verdict:
        """What the holder's own policies say of assuming the role."""
        rights = self._rights(holder)
        key = (rights, role.arn)
        if key not in self._known.assuming:
            read = [one for one in rights[0] if isinstance(one, Document)]
            self._known.assuming[key] = (
                Verdict.NOT_GRANTED
                if isinstance(rights[1], CannotTell)
                else decide("sts:AssumeRole", role.arn, read, rights[1]).verdict
            )
        return self._known.assuming[key]

    def _rights(self, holder: Holder) -> _Rights:
        groups = (self.entities.groups.get(name) for name in holder.groups)
        givers = (holder, *filter(None, groups))
        documents = {document for each in givers for document in each.inline.values()}
        documents |= {self._managed(arn) for each in givers for arn in each.attached}
        return frozenset(documents), self._managed(holder.boundary) if holder.boundary else None

    def _managed(self, arn: str) -> Judged:
        policy = self.entities.policies.get(arn)
        if policy is None or policy.default not in policy.versions:
            return CannotTell(arn, "it was not read")
        return policy.versions[policy.default]

    def _by_arn(self, arn: str) -> Holder | None:
        kind, _, rest = _parts(arn)[1].partition("/")
        holders = self.entities.of_kind(kind) if kind in ("user", "role") else {}
        holder = holders.get(rest.rpartition("/")[2].casefold())
        return holder if holder is not None and holder.arn == arn else None


def _parts(arn: str) -> tuple[str, str]:
    """The account and the resource of an ARN; empty for what is none."""
    parts = arn.split(":", 5)
    return (parts[4], parts[5]) if len(parts) == 6 else ("", "")


def _letting_in(trust: Document) -> Iterator[Statement]:
    return (one for one in trust.statements if one.effect == "Allow" and _is_about_assuming(one))


def _lets_in_everyone(role: Holder) -> bool:
    """Whether its trust lets in whoever asks, without a policy of their own, if not always."""
    if not isinstance(role.trust, Document):
        return False
    return any(p.value == "*" for one in _letting_in(role.trust) for p in one.principals)


def _shuts_everyone_out(statement: Statement) -> bool:
    return (
        statement.effect == "Deny"
        and not statement.conditions
        and _is_about_assuming(statement)
        and any(one.value == "*" for one in statement.principals)
    )


def _is_about_assuming(statement: Statement) -> bool:
    if statement.not_actions:
        return True
    return any(matches_action(pattern, one) for pattern in statement.actions for one in _ASSUME)
