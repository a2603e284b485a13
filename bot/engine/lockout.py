"""Keeps an account governable: two working administrators stay, and so does the break-glass."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from bot.engine.effects import after_step, credential_taken, reached_by
from bot.engine.entities import Entities, Holder, Judged
from bot.model import Account, Plan, Protection, Step
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

#: How many must be able to set things right once a plan is through.
LEAST = 2

_ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_RANK = {Answer.NO: 0, Answer.CANNOT_TELL: 1, Answer.CONDITIONAL: 2, Answer.YES: 3}
_WORKS = _RANK[Answer.CONDITIONAL]

#: Whether a user has a password or an active access key.
HasDoor = Callable[[str], bool]


class WayIn(IntEnum):
    """Whether people get in: nobody does, machines or perhaps someone do, people surely do."""

    NONE = 0
    PERHAPS = 1
    PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Administrators:
    """Who administers an account, by ARN and how surely; only those who are no service's role."""

    account: Account
    entities: Entities
    has_door: HasDoor
    _rights: dict[tuple[frozenset[Judged], Judged | None], int] = field(default_factory=dict)
    _kept: dict[str, frozenset[str]] = field(default_factory=dict)

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

    def ranks(self) -> dict[str, int]:
        """Every user and role that is or may be an administrator, with how surely."""
        found = {}
        for holder in self._everyone():
            rank = self._rank(holder)
            if rank:
                found[holder.arn] = rank
        return found

    def way_in(self, arn: str) -> WayIn:
        """Whether anyone gets in as this user or role."""
        holder = self._by_arn(arn)
        return WayIn.NONE if holder is None else self._way_in(holder, frozenset())

    def after(self, step: Step) -> "Administrators":
        """The same once the step is through."""
        return Administrators(
            self.account, after_step(self.entities, step), self.has_door, self._rights
        )

    def _comers(self, role_arn: str) -> set[str]:
        """Who of this account gets in as this role, by its trust or by their own rights."""
        role = self._by_arn(role_arn)
        if role is None or not isinstance(role.trust, Document):
            return set()
        comers: set[str] = set()
        for statement in _letting_in(role.trust):
            for principal in statement.principals:
                if principal.value in ("*", self.account.id, self.account.iam_arn("root")):
                    comers |= {
                        holder.arn
                        for holder in self._everyone()
                        if self._says(holder, role) in (Verdict.ALLOWED, Verdict.CONDITIONAL)
                    }
                elif self._by_arn(principal.value):
                    comers.add(principal.value)
        return comers

    def _everyone(self) -> Iterator[Holder]:
        yield from self.entities.users.values()
        yield from self.entities.roles.values()

    def _rank(self, holder: Holder) -> int:
        documents = frozenset(self._documents(holder))
        boundary = self._managed(holder.boundary) if holder.boundary else None
        key = (documents, boundary)
        if key not in self._rights:
            answer = full_administration_of(
                documents,
                boundary,
                account_id=self.account.id,
                partition=self.account.partition,
            ).answer
            self._rights[key] = _RANK[answer]
        return self._rights[key]

    def _documents(self, holder: Holder) -> Iterator[Judged]:
        groups = (self.entities.groups.get(name) for name in holder.groups)
        for each in (holder, *filter(None, groups)):
            yield from each.inline.values()
            for arn in each.attached:
                yield self._managed(arn)

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

    def _way_in(self, holder: Holder, through: frozenset[str]) -> WayIn:
        if holder.kind == "user":
            return WayIn.PEOPLE if self.has_door(holder.name) else WayIn.NONE
        if holder.arn in through:
            return WayIn.NONE
        if not isinstance(holder.trust, Document):
            return WayIn.PERHAPS
        if any(_shuts_everyone_out(one) for one in holder.trust.statements):
            return WayIn.NONE
        best = WayIn.NONE
        for statement in _letting_in(holder.trust):
            if statement.not_principals:
                return WayIn.PEOPLE
            for principal in statement.principals:
                best = max(best, self._lets_in(principal, holder, through | {holder.arn}))
                if best is WayIn.PEOPLE:
                    return best
        return best

    def _lets_in(self, principal: Principal, role: Holder, through: frozenset[str]) -> WayIn:
        if principal.type == "Federated":
            return WayIn.PEOPLE if ":saml-provider/" in principal.value else WayIn.PERHAPS
        if principal.type not in ("AWS", "*"):
            return WayIn.PERHAPS
        if principal.value in ("*", self.account.id, self.account.iam_arn("root")):
            return self._anyone_here(role, through)
        if not principal.value.startswith("arn:"):
            # Another account's number; a bare AIDA… or AROA… is an identity that is gone.
            return WayIn.PEOPLE if principal.value.isdigit() else WayIn.NONE
        if _parts(principal.value)[0] != self.account.id:
            return WayIn.PEOPLE
        known = self._by_arn(principal.value)
        if known is None or self._says(known, role) is Verdict.DENIED:
            return WayIn.NONE
        return self._way_in(known, through)

    def _anyone_here(self, role: Holder, through: frozenset[str]) -> WayIn:
        best = WayIn.NONE
        for holder in self._everyone():
            if self._says(holder, role) in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                best = max(best, self._way_in(holder, through))
                if best is WayIn.PEOPLE:
                    break
        return best

    def _says(self, holder: Holder, role: Holder) -> Verdict:
        documents = [one for one in self._documents(holder) if isinstance(one, Document)]
        boundary = self._managed(holder.boundary) if holder.boundary else None
        if isinstance(boundary, CannotTell):
            return Verdict.NOT_GRANTED
        return decide("sts:AssumeRole", role.arn, documents, boundary).verdict


def lockout(plan: Plan, now: Administrators, protection: Protection) -> str | None:
    """Why this plan could leave nobody to set things right, or None. Every prefix is judged too.

    Only a plan that takes administration, or a way in, from someone who works as administrator
    now is measured. Whoever it may take it from counts as lost; whoever else is counted as staying
    must surely be a person's way in: services and web identities don't count, nor does Locksmith.
    """
    reached = frozenset[str]().union(*(reached_by(step.do, now.entities) for step in plan.steps))
    if not reached & now.governing():
        return None
    ranks = now.ranks()
    lost: set[str] = set()
    then = now
    for step in plan.steps:
        then = then.after(step)
        lost |= _worse(ranks, now, then) | _without_credential(step, ranks, now)
        reason = _reason(lost, now, then, protection)
        if reason:
            return f"{reason} after step {step.name}"
    return None


def _worse(ranks: Mapping[str, int], now: Administrators, then: Administrators) -> set[str]:
    left = then.ranks()
    fewer = {arn for arn, rank in ranks.items() if left.get(arn, 0) < rank}
    shut = {arn for arn in ranks if ":role/" in arn and then.way_in(arn) < now.way_in(arn)}
    return fewer | shut


def _without_credential(step: Step, ranks: Mapping[str, int], now: Administrators) -> set[str]:
    name = credential_taken(step.do)
    user = now.entities.users.get(name.casefold()) if name else None
    return {user.arn} & ranks.keys() if user else set()


def _reason(
    lost: Iterable[str], now: Administrators, then: Administrators, protection: Protection
) -> str | None:
    working = [arn for arn in sorted(lost) if now.way_in(arn) is not WayIn.NONE]
    if not working:
        return None
    for arn in working:
        if protection.is_break_glass(arn):
            return f"{arn}, a break-glass identity, would no longer administer the account"
    left = 0
    for arn, rank in then.ranks().items():
        if rank < _WORKS or arn in working or protection.is_own(arn):
            continue
        left += then.way_in(arn) is WayIn.PEOPLE
        if left >= LEAST:
            return None
    return (
        f"{', '.join(working)} would no longer administer the account, and {left} working "
        f"administrators would be left; {LEAST} must stay"
    )


def _parts(arn: str) -> tuple[str, str]:
    """The account and the resource of an ARN; empty for what is none."""
    parts = arn.split(":", 5)
    return (parts[4], parts[5]) if len(parts) == 6 else ("", "")


def _letting_in(trust: Document) -> Iterator[Statement]:
    return (one for one in trust.statements if one.effect == "Allow" and _is_about_assuming(one))


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
